"""Plan a meeting, build and freeze its agenda, open it, call its items, adjourn it."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Case, F, Max, PositiveSmallIntegerField, When

from council.meetings.models import AgendaItem, Attendance, ItemState, Meeting, MeetingState
from council.meetings.rules import Candidate, ordered
from council.meetings.selectors import candidates, item_snapshot
from council.seats.selectors import live_terms
from council.signals import agenda_built, meeting_adjourned
from projects.audit.services import record
from projects.common.outcomes import Refused, WrongState
from projects.conflicts.selectors import standing_conflict
from projects.gates import services as gates
from projects.limits.selectors import policy_on
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import require


class MeetingRefused(WrongState):
    """The meeting or the item is not in a state for this act."""

    code = "meeting_state"


class EmptyAgenda(Refused):
    """There is nothing to decide."""

    code = "empty_agenda"


@transaction.atomic
def plan_meeting(*, held_on: date, starts_at: datetime, title: str, place: str, by: User, at: datetime) -> Meeting:
    """Plan a sitting on a day that has none."""
    require(by, Permission.BUILD_AGENDA)
    if Meeting.objects.filter(held_on=held_on).exists():
        raise MeetingRefused(f"A meeting is planned on {held_on.isoformat()} already.")
    meeting = Meeting.objects.create(held_on=held_on, starts_at=starts_at, title=title, place=place)
    record(verb="meeting.planned", target=meeting, by=by, at=at)
    return meeting


@transaction.atomic
def build_agenda(*, meeting_id: int, by: User, at: datetime) -> Meeting:
    """Put every ready request and open escalation that waits on the agenda, in order, behind what stands there."""
    meeting = _unfrozen(meeting_id)
    require(by, Permission.BUILD_AGENDA)
    found = ordered(candidates(meeting, on=at.date()))
    for candidate in found:
        _add(meeting, candidate, by, at)
    agenda_built.send(sender=Meeting, meeting=meeting, by=by, at=at)
    _renumber(meeting)
    record(verb="meeting.agenda_built", target=meeting, by=by, at=at, data={"added": len(found)})
    return meeting


def _add(meeting: Meeting, candidate: Candidate, by: User, at: datetime) -> AgendaItem:
    last = meeting.items.aggregate(last=Max("number"))["last"] or 0
    item = AgendaItem.objects.create(
        meeting=meeting,
        number=last + 1,
        kind=candidate.kind,
        initiative_id=candidate.initiative_id,
        gate_request_id=candidate.gate_request_id,
        escalation_id=candidate.escalation_id,
        title=candidate.title[:200],
        asked=candidate.asked,
        currency=candidate.currency,
    )
    if item.gate_request_id:
        gates.put_on_agenda(gate_request_id=item.gate_request_id, by=by, at=at)
    if item.escalation is not None and item.escalation.state != "decided":
        item.escalation.put_on_agenda()
        item.escalation.save()
        record(verb="escalation.put_on_agenda", target=item.escalation, by=by, at=at)
    return item


def _renumber(meeting: Meeting) -> None:
    items = meeting.items.exclude(state=ItemState.POSTPONED).select_related("initiative")
    places = ordered([_as_candidate(item) for item in items])
    meeting.items.update(number=F("number") + 1000)
    whens = [When(pk=place.item_id, then=number) for number, place in enumerate(places, start=1)]
    if whens:
        numbers = Case(*whens, default=F("number"), output_field=PositiveSmallIntegerField())
        meeting.items.update(number=numbers)


def _as_candidate(item: AgendaItem) -> Candidate:
    return Candidate(
        initiative_id=item.initiative_id,
        kind=item.kind,
        title=item.title,
        asked=item.asked,
        currency=item.currency,
        risk=item.initiative.risk_tier,
        gate_request_id=item.gate_request_id,
        escalation_id=item.escalation_id,
        item_id=item.pk,
    )


@transaction.atomic
def postpone_item(*, item_id: int, reason: str, by: User, at: datetime) -> AgendaItem:
    """Leave an item to another meeting; its request is ready again and its escalation goes back."""
    item = AgendaItem.objects.select_for_update(of=("self",)).select_related("meeting").get(pk=item_id)
    require(by, Permission.BUILD_AGENDA if not item.meeting.is_frozen else Permission.OPEN_MEETING)
    if item.state not in {ItemState.WAITING, ItemState.OPEN}:
        raise MeetingRefused(f"{item} is {item.get_state_display().lower()} and cannot be postponed.")
    item.postpone()
    item.save()
    _release(item, reason, by, at)
    record(verb="meeting.item_postponed", target=item, by=by, at=at, data={"reason": reason})
    return item


def _release(item: AgendaItem, reason: str, by: User, at: datetime) -> None:
    if item.gate_request_id:
        gates.postpone(gate_request_id=item.gate_request_id, reason=reason, by=by, at=at)
    escalation = item.escalation
    if escalation is not None and escalation.state == "on_agenda":
        if escalation.plan:
            escalation.back_to_plan()
        else:
            escalation.back_to_owner()
        escalation.save()


@transaction.atomic
def send_notice(*, meeting_id: int, by: User, at: datetime) -> Meeting:
    """Send notice of a meeting with its agenda. Raise EmptyAgenda when there is nothing to decide."""
    meeting = _locked(meeting_id)
    require(by, Permission.BUILD_AGENDA)
    _in_state(meeting, MeetingState.DRAFT, "send notice of")
    if not meeting.items.exclude(state=ItemState.POSTPONED).exists():
        raise EmptyAgenda(f"{meeting} has nothing on its agenda. Build the agenda first.")
    meeting.send_notice(at=at)
    return _saved(meeting, "meeting.notice_sent", by, at)


@transaction.atomic
def freeze_meeting(*, meeting_id: int, by: User, at: datetime) -> Meeting:
    """Freeze agenda, figures and policy version; recuse whoever is interested in an item."""
    meeting = _locked(meeting_id)
    require(by, Permission.BUILD_PACK)
    _in_state(meeting, MeetingState.NOTICE_SENT, "freeze the pack of")
    meeting.freeze(at=at, policy_version=policy_on(at.date()).number)
    terms = list(live_terms())
    for item in meeting.items.exclude(state=ItemState.POSTPONED).select_related("initiative"):
        item.snapshot = item_snapshot(item, on=at.date(), at=at)
        item.save(update_fields=["snapshot"])
        if item.gate_request_id:
            gates.note_pack_frozen(gate_request_id=item.gate_request_id, by=by, at=at)
        Attendance.objects.bulk_create(_attendance(item, term, at) for term in terms)
    return _saved(meeting, "meeting.frozen", by, at)


def _attendance(item: AgendaItem, term: Any, at: datetime) -> Attendance:
    reason = ""
    if item.initiative.is_interested(term.user):
        reason = f"Interested in {item.initiative.key}"
    elif conflict := standing_conflict(term.user, item.initiative, at=at):
        reason = conflict.reason
    return Attendance(item=item, term=term, is_recused=bool(reason), recusal_reason=reason[:300], noted_at=at)


@transaction.atomic
def open_meeting(*, meeting_id: int, by: User, at: datetime) -> Meeting:
    """Begin a meeting whose pack is frozen."""
    meeting = _locked(meeting_id)
    require(by, Permission.OPEN_MEETING)
    _in_state(meeting, MeetingState.PACK_FROZEN, "open")
    meeting.open(at=at)
    return _saved(meeting, "meeting.opened", by, at)


@transaction.atomic
def adjourn_meeting(*, meeting_id: int, by: User, at: datetime) -> Meeting:
    """End a meeting; undecided items are postponed. Raise MeetingRefused while a motion is open."""
    meeting = _locked(meeting_id)
    require(by, Permission.OPEN_MEETING)
    _in_state(meeting, MeetingState.IN_SESSION, "adjourn")
    if meeting.items.filter(state=ItemState.VOTING).exists():
        raise MeetingRefused("A vote is open. Declare its result or withdraw the motion first.")
    for item in meeting.items.filter(state__in=[ItemState.WAITING, ItemState.OPEN]):
        postpone_item(item_id=item.pk, reason="Not reached", by=by, at=at)
    meeting = _locked(meeting_id)
    meeting.adjourn(at=at)
    _saved(meeting, "meeting.adjourned", by, at)
    meeting_adjourned.send(sender=Meeting, meeting=meeting, by=by, at=at)
    return meeting


@transaction.atomic
def cancel_meeting(*, meeting_id: int, by: User, at: datetime) -> Meeting:
    """Call a meeting off before it begins; its items go back to the queue."""
    meeting = _locked(meeting_id)
    require(by, Permission.BUILD_AGENDA)
    if meeting.state not in {MeetingState.DRAFT, MeetingState.NOTICE_SENT, MeetingState.PACK_FROZEN}:
        raise MeetingRefused(f"{meeting} is {meeting.get_state_display().lower()} and cannot be cancelled.")
    for item in meeting.items.filter(state=ItemState.WAITING):
        item.postpone()
        item.save()
        _release(item, f"{meeting} was cancelled", by, at)
    meeting.cancel()
    return _saved(meeting, "meeting.cancelled", by, at)


@transaction.atomic
def call_item(*, item_id: int, by: User, at: datetime) -> AgendaItem:
    """Take an item up in an open meeting; the one that was open waits."""
    item = AgendaItem.objects.select_for_update(of=("self",)).select_related("meeting", "initiative").get(pk=item_id)
    require(by, Permission.OPEN_MEETING, initiative=item.initiative)
    meeting = _locked(item.meeting_id)
    _in_state(meeting, MeetingState.IN_SESSION, "call items of")
    if meeting.items.filter(state=ItemState.VOTING).exclude(pk=item.pk).exists():
        raise MeetingRefused("A vote is open on another item. Declare its result first.")
    if item.state == ItemState.WAITING:
        item.call()
        item.save()
        record(verb="meeting.item_called", target=item, by=by, at=at)
    meeting.current_item = item
    meeting.revision += 1
    meeting.save()
    return item


@transaction.atomic
def take_attendance(*, meeting_id: int, present: Iterable[int], by: User, at: datetime) -> Meeting:
    """Note which seats' holders are in the room, for every item not yet decided; no proxies."""
    meeting = _locked(meeting_id)
    require(by, Permission.TAKE_ATTENDANCE)
    if meeting.state not in {MeetingState.PACK_FROZEN, MeetingState.IN_SESSION}:
        raise MeetingRefused(f"{meeting} is {meeting.get_state_display().lower()}; nobody attends it now.")
    there = set(present)
    rows = Attendance.objects.filter(item__meeting=meeting).exclude(item__state=ItemState.DECIDED)
    rows.filter(term_id__in=there).update(is_present=True, noted_at=at)
    rows.exclude(term_id__in=there).update(is_present=False, noted_at=at)
    return _saved(meeting, "meeting.attended", by, at, {"present": sorted(there)})


def _locked(meeting_id: int) -> Meeting:
    return Meeting.objects.select_for_update().get(pk=meeting_id)


def _unfrozen(meeting_id: int) -> Meeting:
    meeting = _locked(meeting_id)
    if meeting.state not in {MeetingState.DRAFT, MeetingState.NOTICE_SENT}:
        raise MeetingRefused(f"The agenda of {meeting} is frozen. New items go to the next meeting.")
    return meeting


def _in_state(meeting: Meeting, state: str, act: str) -> None:
    if meeting.state != state:
        raise MeetingRefused(f"You cannot {act} {meeting}: it is {meeting.get_state_display().lower()}.")


def _saved(meeting: Meeting, verb: str, by: User, at: datetime, data: dict[str, Any] | None = None) -> Meeting:
    meeting.revision += 1
    meeting.save()
    record(verb=verb, target=meeting, by=by, at=at, data=data)
    return meeting


def touch_meeting(meeting_id: int) -> None:
    """Raise a meeting's revision, so that every screen in the room asks for what changed."""
    Meeting.objects.filter(pk=meeting_id).update(revision=F("revision") + 1)
