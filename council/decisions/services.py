"""Straw views, conflicts, motions, votes, and the declaration that makes a decision."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

from council.decisions.models import (
    Choice,
    Decision,
    Motion,
    MotionState,
    Outcome,
    Route,
    StrawView,
    StruckVote,
    Vote,
)
from council.decisions.rules import motion_blockers, voters
from council.decisions.selectors import (
    ask_of,
    members,
    missing_musts,
    policy_of_meeting,
    quorum_of,
    tally_of,
)
from council.effects.services import Effects, apply_outcome
from council.meetings.models import AgendaItem, Attendance, ItemState, MeetingState
from council.meetings.services import touch_meeting
from council.seats.models import SeatTerm
from council.seats.selectors import live_terms
from projects.audit.services import record
from projects.common.keys import next_key
from projects.common.outcomes import Blocker, NotPermitted, Refused, WrongState
from projects.funding.selectors import authority_for
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import require

MONEY_OUTCOMES = (Outcome.GO, Outcome.GO_WITH_CONDITIONS)


class MotionRefused(Refused):
    """The motion says what policy forbids."""

    code = "motion_refused"


class VoteRefused(WrongState):
    """There is nothing to vote on, or the member has voted."""

    code = "vote_refused"


class Recused(NotPermitted):
    """The member has an interest in the item."""

    code = "recused"


@transaction.atomic
def declare_conflict(*, item_id: int, reason: str, by: User, at: datetime) -> Attendance:
    """Recuse oneself from an item: its pages, vote and quorum weight are gone, and a vote already cast is struck."""
    item = _item(item_id)
    require(by, Permission.DECLARE_CONFLICT)
    if item.state == ItemState.DECIDED:
        raise WrongState(f"{item} is decided. Tell the chair: the decision is flagged and returns.")
    if not reason.strip():
        raise MotionRefused("Say what the conflict is.")
    term = _term(by)
    seat, _ = Attendance.objects.select_for_update().get_or_create(item=item, term=term, defaults={"noted_at": at})
    seat.is_recused, seat.recusal_reason, seat.noted_at = True, reason.strip()[:300], at
    seat.save()
    StrawView.objects.filter(item=item, term=term).delete()
    for vote in Vote.objects.filter(motion__item=item, motion__state=MotionState.PUT, term=term, struck__isnull=True):
        StruckVote.objects.create(vote=vote, reason=seat.recusal_reason, struck_by=by, struck_at=at)
        record(verb="vote.struck", target=vote.motion, by=by, at=at, data={"member": str(by)})
    record(verb="conflict.declared", target=item, by=by, at=at, data={"reason": seat.recusal_reason})
    touch_meeting(item.meeting_id)
    return seat


@transaction.atomic
def give_straw_view(*, item_id: int, outcome: str, note: str, by: User, at: datetime) -> StrawView:
    """Give a private leaning on an open item; it can be changed until the item closes."""
    item = _item(item_id)
    require(by, Permission.VOTE, initiative=item.initiative)
    _in_session(item)
    if item.state not in {ItemState.OPEN, ItemState.VOTING}:
        raise WrongState(f"{item} is not open.")
    if outcome not in Outcome.values:
        raise MotionRefused(f"{outcome} is not one of the six outcomes.")
    term = _voting_term(item, by)
    view, _ = StrawView.objects.update_or_create(
        item=item, term=term, defaults={"outcome": outcome, "note": note[:300], "given_at": at}
    )
    record(verb="straw_view.given", target=item, by=by, at=at)
    touch_meeting(item.meeting_id)
    return view


@transaction.atomic
def put_motion(
    *,
    item_id: int,
    outcome: str,
    amount: Decimal,
    reason: str,
    conditions: Sequence[Mapping[str, Any]],
    details: Mapping[str, Any],
    by: User,
    at: datetime,
) -> Motion:
    """Put one motion on an open item. Raise MotionRefused with what policy forbids in it."""
    item = _item(item_id)
    require(by, Permission.PUT_MOTION, initiative=item.initiative)
    _not_recused(item, by)
    _in_session(item)
    if item.state != ItemState.OPEN:
        raise WrongState(f"{item} is {item.get_state_display().lower()}; call it before you put a motion.")
    if outcome not in Outcome.values:
        raise MotionRefused(f"{outcome} is not one of the six outcomes.")
    if blockers := _blockers(item, outcome, amount, reason, conditions, at.date()):
        raise MotionRefused(blockers)
    last = item.motions.aggregate(last=Max("round"))["last"] or 0
    motion = Motion.objects.create(
        item=item,
        round=last + 1,
        outcome=outcome,
        amount=amount,
        currency=item.currency,
        reason=reason.strip()[:300],
        conditions=[dict(condition) for condition in conditions],
        details=dict(details),
        put_by=by,
        put_at=at,
    )
    item.open_vote()
    item.save()
    record(verb="motion.put", target=motion, by=by, at=at)
    touch_meeting(item.meeting_id)
    return motion


def _blockers(
    item: AgendaItem, outcome: str, amount: Decimal, reason: str, conditions: Sequence[Mapping[str, Any]], on: date
) -> list[Blocker]:
    blockers = motion_blockers(
        outcome=outcome, amount=amount, reason=reason, conditions=conditions, ask=ask_of(item, on=on), on=on
    )
    if outcome in MONEY_OUTCOMES:
        blockers += missing_musts(item, on=on)
    return blockers


@transaction.atomic
def withdraw_motion(*, motion_id: int, by: User, at: datetime) -> Motion:
    """Take a motion back before its result, so that another can be put."""
    motion = _motion(motion_id)
    require(by, Permission.PUT_MOTION, initiative=motion.item.initiative)
    _is_put(motion)
    motion.withdraw(at=at)
    motion.save()
    motion.item.reopen()
    motion.item.save()
    record(verb="motion.withdrawn", target=motion, by=by, at=at)
    touch_meeting(motion.item.meeting_id)
    return motion


@transaction.atomic
def cast_vote(*, motion_id: int, choice: str, by: User, at: datetime) -> Vote:
    """Record one member's vote, in person, once. Raise VoteRefused, Recused or NotPermitted.

    The same vote sent again, by a second press or a lost answer, is the same vote.
    """
    item_id = Motion.objects.values_list("item_id", flat=True).get(pk=motion_id)
    AgendaItem.objects.select_for_update(of=("self",), no_key=True).get(pk=item_id)
    motion = Motion.objects.select_related("item__initiative", "item__meeting").get(pk=motion_id)
    require(by, Permission.VOTE, initiative=motion.item.initiative)
    if choice not in Choice.values:
        raise VoteRefused(f"Vote for, against or abstain, not {choice}.")
    _is_put(motion)
    term = _voting_term(motion.item, by)
    earlier = Vote.objects.filter(motion=motion, term=term).first()
    if earlier is not None:
        if earlier.choice == choice:
            return earlier
        raise VoteRefused(f"You have voted {earlier.get_choice_display().lower()} on this motion; a vote stands.")
    try:
        with transaction.atomic():
            vote = Vote.objects.create(motion=motion, term=term, cast_by=by, choice=choice, cast_at=at)
    except IntegrityError as error:
        raise VoteRefused("You have voted on this motion; a vote stands.") from error
    record(verb="vote.cast", target=motion, by=by, at=at, data={"choice": choice})
    touch_meeting(motion.item.meeting_id)
    return vote


@transaction.atomic
def declare_result(*, motion_id: int, by: User, at: datetime) -> Decision | None:
    """Declare a motion carried, with all its effects in this transaction, or not carried (None).

    Under lock, quorum, recusal, headroom, musts and waiver dates are checked again. Raise MotionRefused.
    """
    item_id = Motion.objects.values_list("item_id", flat=True).get(pk=motion_id)
    item = _item(item_id)
    motion = _motion(motion_id)
    require(by, Permission.DECLARE_RESULT, initiative=item.initiative)
    _not_recused(item, by)
    _in_session(item)
    _is_put(motion)
    present = quorum_of(item, at)
    if present.blockers:
        raise MotionRefused(list(present.blockers))
    counted = tally_of(motion)
    if not counted.is_carried:
        motion.fall(tally=_tally(counted), at=at)
        motion.save()
        item.reopen()
        item.save()
        record(verb="motion.not_carried", target=motion, by=by, at=at, data=motion.tally)
        touch_meeting(item.meeting_id)
        return None
    if blockers := _blockers(item, motion.outcome, motion.amount, motion.reason, motion.conditions, at.date()):
        raise MotionRefused(blockers)
    motion.carry(tally=_tally(counted), at=at)
    motion.save()
    record(verb="motion.carried", target=motion, by=by, at=at, data=motion.tally)
    return _decide(item, motion, asdict(present), by, at)


def _decide(item: AgendaItem, motion: Motion, present: dict[str, Any], by: User, at: datetime) -> Decision:
    policy = policy_of_meeting(item, at)
    authority = authority_for(item.initiative, motion.amount, on=at.date(), policy=policy)
    if authority.row == Route.BOARD or present["row_up"]:
        raise MotionRefused(
            f"{authority.sentence} The council can only recommend this; the executive board's minute decides it."
        )
    reference = next_key(f"AIC-{item.meeting.held_on.year}")
    effects = apply_outcome(
        item=item,
        effects=Effects(
            outcome=motion.outcome,
            amount=motion.amount,
            currency=motion.currency,
            conditions=motion.conditions,
            details=motion.details,
            reference=reference,
        ),
        by=by,
        at=at,
    )
    decision = Decision.objects.create(
        reference=reference,
        route=Route.COUNCIL,
        initiative=item.initiative,
        item=item,
        motion=motion,
        gate_request_key=item.gate_request.key if item.gate_request else "",
        escalation_key=item.escalation.key if item.escalation else "",
        outcome=motion.outcome,
        amount=motion.amount,
        currency=motion.currency,
        reason=motion.reason,
        conditions=motion.conditions,
        authority=authority.sentence,
        policy_version=policy.number,
        quorum={"needed": present["needed"], "present": present["present"]},
        tally=motion.tally,
        effects=effects,
        decided_by=by,
        decided_at=at,
    )
    item.decide()
    item.save()
    record(verb="decision.made", target=decision, by=by, at=at)
    touch_meeting(item.meeting_id)
    return decision


def _tally(counted: Any) -> dict[str, int]:
    return {
        "for": counted.votes_for,
        "against": counted.against,
        "abstain": counted.abstained,
        "present": counted.present,
    }


def _item(item_id: int) -> AgendaItem:
    items = AgendaItem.objects.select_for_update(of=("self",))
    return items.select_related("meeting", "initiative", "gate_request", "escalation").get(pk=item_id)


def _motion(motion_id: int) -> Motion:
    motions = Motion.objects.select_for_update(of=("self",))
    return motions.select_related("item__meeting", "item__initiative").get(pk=motion_id)


def _in_session(item: AgendaItem) -> None:
    if item.meeting.state != MeetingState.IN_SESSION:
        raise WrongState(f"{item.meeting} is not in session.")


def _is_put(motion: Motion) -> None:
    if motion.state != MotionState.PUT:
        raise VoteRefused(f"The vote on this motion is closed: it was {motion.get_state_display().lower()}.")


def _term(by: User) -> SeatTerm:
    term = live_terms().filter(user=by).first()
    if term is None:
        raise NotPermitted("You hold no seat on the council.")
    return term


def _not_recused(item: AgendaItem, by: User) -> None:
    if Attendance.objects.filter(item=item, term__user=by, is_recused=True).exists():
        raise Recused(f"You are recused from {item}. The deputy chair acts.")


def _voting_term(item: AgendaItem, by: User) -> SeatTerm:
    term = _term(by)
    _not_recused(item, by)
    if term.pk not in {member.term_id for member in voters(members(item))}:
        raise NotPermitted(f"You are not noted as present at {item}, or your seat has no vote here. No proxies.")
    return term
