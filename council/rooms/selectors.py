"""What the room shows one person: agenda, the item in hand, votes and the list so far."""

from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

from council.decisions.models import Decision, Motion, MotionState, Outcome, StrawView, Vote
from council.decisions.rules import Ask, Member
from council.decisions.selectors import (
    ask_of,
    decided_between,
    members,
    missing_musts,
    policy_of_meeting,
    quorum_of,
    ratification_of,
    tally_of,
)
from council.effects.selectors import headroom_left
from council.meetings.models import AgendaItem, Attendance, ItemState, Meeting, MeetingState
from council.meetings.selectors import items_for
from council.seats.choices import Persona
from council.seats.selectors import live_terms
from council.spend_lists.rules import list_hash
from council.spend_lists.selectors import current_list, list_content
from projects.common import formats
from projects.common.marks.bullets import Budget, progress
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import may

OUTCOME_MARKS = {
    Outcome.GO: ("ok", "is-ok"),
    Outcome.GO_WITH_CONDITIONS: ("ok", "is-ok"),
    Outcome.RECYCLE: ("clock", ""),
    Outcome.HOLD: ("pause", ""),
    Outcome.KILL: ("stop", ""),
    Outcome.SUNSET: ("stop", ""),
}
VOTE_MARKS = {"for": ("ok", "ok"), "against": ("", "x"), "abstain": ("mute", "none")}


def meeting_context(meeting: Meeting, user: User, at: datetime) -> dict[str, Any]:
    """Return the agenda page's context: items by group, attendance and what the reader may do."""
    items = list(items_for(meeting, user))
    present = set(Attendance.objects.filter(item__meeting=meeting, is_present=True).values_list("term_id", flat=True))
    return {
        "meeting": meeting,
        "items": items,
        "groups": agenda_groups(items, meeting),
        "terms": live_terms(),
        "present": present,
        "between": between_of(meeting, at),
        "may_build": may(user, Permission.BUILD_AGENDA),
        "may_freeze": may(user, Permission.BUILD_PACK),
        "may_open": may(user, Permission.OPEN_MEETING),
        "may_attend": may(user, Permission.TAKE_ATTENDANCE),
        "may_sign": may(user, Permission.SIGN_LIST),
        "decided": sum(item.state == ItemState.DECIDED for item in items),
    }


def between_of(meeting: Meeting, at: datetime) -> list[Decision]:
    """Return what was decided without a meeting between the pack of the one before and this one's, or now."""
    before = Meeting.objects.filter(held_on__lt=meeting.held_on, frozen_at__isnull=False).exclude(
        state=MeetingState.CANCELLED
    )
    since = before.order_by("-held_on").values_list("frozen_at", flat=True).first()
    return decided_between(since=since, until=meeting.frozen_at or at)


def agenda_groups(
    items: list[AgendaItem], meeting: Meeting, current: AgendaItem | None = None
) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return the agenda as the rows of its component, by kind, with the item in hand marked."""
    groups = groupby(items, key=lambda item: item.get_kind_display())
    return [(kind, [_agenda_row(item, meeting, current) for item in rows]) for kind, rows in groups]


def _agenda_row(item: AgendaItem, meeting: Meeting, current: AgendaItem | None) -> dict[str, Any]:
    outcome, icon, tone = _outcome(item)
    return {
        "number": item.number,
        "name": item.initiative.name,
        "url": f"/meetings/{meeting.held_on.isoformat()}/room/?item={item.number}",
        "amount": item.asked,
        "currency": item.currency,
        "outcome": outcome,
        "icon": icon,
        "tone": tone,
        "is_current": current is not None and current.pk == item.pk,
        "is_done": item.state == ItemState.DECIDED,
    }


def _outcome(item: AgendaItem) -> tuple[str, str, str]:
    if item.state == ItemState.DECIDED:
        decision = getattr(item, "decision", None)
        if decision is None:
            return "With the executive board", "half", ""
        icon, tone = OUTCOME_MARKS[Outcome(decision.outcome)]
        money = f", {formats.money_key(decision.amount, decision.currency)}" if decision.amount else ""
        return f"{decision.get_outcome_display()}{money}", icon, tone
    return {ItemState.VOTING: ("Voting", "half", ""), ItemState.OPEN: ("Open", "half", "")}.get(
        ItemState(item.state), ("", "", "")
    )


def room_context(meeting: Meeting, user: User, at: datetime, number: int | None = None) -> dict[str, Any]:
    """Return the room's context for one person and the item they look at (default: the one in hand)."""
    context = meeting_context(meeting, user, at)
    items: list[AgendaItem] = context["items"]
    wanted = number or (meeting.current_item.number if meeting.current_item else None)
    item = next((row for row in items if row.number == wanted), items[0] if items else None)
    context |= {
        "item": item,
        "groups": agenda_groups(items, meeting, item),
        "spend": spend_so_far(meeting, items, item),
        "called": next((row for row in items if row.pk == meeting.current_item_id), None),
    }
    if item is not None:
        context |= item_context(item, user, at)
    return context


def item_context(item: AgendaItem, user: User, at: datetime) -> dict[str, Any]:
    """Return one item as one person sees it: case, members, the motion and their own vote."""
    motion = item.motions.order_by("-round").first()
    rows = members(item)
    own = next((term for term in live_terms().filter(user=user)), None)
    votes = {vote.term_id: vote for vote in Vote.objects.filter(motion=motion, struck__isnull=True)} if motion else {}
    is_open = motion is not None and motion.state == MotionState.PUT
    ask = ask_of(item, on=at.date())
    return {
        "quorum": quorum_of(item, at),
        "motion": motion,
        "motion_is_open": is_open,
        "tally": tally_of(motion) if motion else None,
        "seats": [_seat(row, motion, votes.get(row.term_id)) for row in rows],
        "ballot_key": ballot_key(item, motion, votes.get(own.pk) if own else None),
        "own_vote": votes.get(own.pk) if own else None,
        "own_view": StrawView.objects.filter(item=item, term=own).first() if own else None,
        "views": _straw_counts(item) if item.state == ItemState.DECIDED else None,
        "ask": ask,
        "purpose": _purpose(item),
        "ratified": ratification_of(item),
        "effect": _effect(item, ask),
        "budget": _budget(item, at),
        "missing": missing_musts(item, on=at.date()),
        "may_vote": own is not None and may(user, Permission.VOTE, initiative=item.initiative),
        "may_put": may(user, Permission.PUT_MOTION, initiative=item.initiative),
        "may_declare": may(user, Permission.DECLARE_RESULT, initiative=item.initiative),
        "in_session": item.meeting.state == MeetingState.IN_SESSION,
    }


def _purpose(item: AgendaItem) -> str:
    request = item.gate_request
    if request is None or not request.milestone_name or request.milestone_due_on is None:
        return item.title
    return f"to reach “{request.milestone_name}” by {formats.on_day(request.milestone_due_on)}"


def _effect(item: AgendaItem, ask: Ask) -> str:
    told = []
    if item.snapshot and item.asked:
        now_approved = Decimal(item.snapshot["approved"])
        then = formats.money_full(now_approved + item.asked, item.currency)
        told.append(f"Takes approval from {formats.money_full(now_approved, item.currency)} to {then}.")
    if ask.headroom is not None:
        told.append(f"{formats.money_full(ask.headroom, item.currency)} is left uncommitted before this item.")
    if ask.minimum is not None and ask.maximum is not None:
        least, most = (formats.money_full(amount, item.currency) for amount in (ask.minimum, ask.maximum))
        told.append(f"Asked between {least} and {most}.")
    return " ".join(told)


def _budget(item: AgendaItem, at: datetime) -> Budget | None:
    """Return spend against approval as frozen with the pack; None where nothing is approved."""
    figures = item.snapshot
    if not figures or not Decimal(figures["approved"]):
        return None
    limit = policy_of_meeting(item, at).decimal("over_budget_percent")
    return Budget(
        name=item.initiative.name,
        approved=Decimal(figures["approved"]),
        spent=Decimal(figures["spent"]),
        limit_ratio=1 + limit / 100,
        currency=item.currency,
    )


def ballot_key(item: AgendaItem, motion: Motion | None, own_vote: Vote | None) -> str:
    """Return what decides which ballot one member sees; the ballot on the screen is swapped only when it changes."""
    put = f"{motion.pk}{motion.state}" if motion else ""
    return f"{item.pk}-{item.meeting.state}-{item.state}-{put}-{'voted' if own_vote else ''}"


def _seat(member: Member, motion: Motion | None, vote: Vote | None) -> dict[str, str]:
    tone, icon, word = _vote_word(member, motion, vote)
    seat = "Chair" if member.is_chair else "Deputy chair" if member.is_deputy_chair else ""
    persona = str(Persona(member.persona).label) + (", deputy" if member.deputy_of else "")
    names = member.name.split()
    return {
        "initials": "".join(name[0] for name in (names[:1] + names[-1:] if len(names) > 1 else names)).upper(),
        "name": member.name,
        "seat": seat or persona,
        "tone": tone,
        "icon": icon,
        "word": word,
    }


def _vote_word(member: Member, motion: Motion | None, vote: Vote | None) -> tuple[str, str, str]:
    """Say how a member stands at an item; how they voted is told once the result is declared."""
    if member.is_recused:
        return "mute", "recuse", "Recused"
    if not member.is_present:
        return "mute", "none", "Absent"
    if vote is not None and motion is not None and motion.state != MotionState.PUT:
        return (*VOTE_MARKS[vote.choice], vote.get_choice_display())
    if vote is not None:
        return "ok", "ok", "Voted"
    return "mute", "none", "Not voted" if motion is not None else "Present"


def _straw_counts(item: AgendaItem) -> list[tuple[str, int]]:
    counts: dict[str, int] = {}
    for view in item.straw_views.all():
        counts[view.get_outcome_display()] = counts.get(view.get_outcome_display(), 0) + 1
    return sorted(counts.items())


def spend_so_far(meeting: Meeting, items: list[AgendaItem], item: AgendaItem | None) -> dict[str, Any]:
    """Return the running list: approved, this item, still to come and what is left of the headroom."""
    content = list_content(meeting)
    first = items[0] if items else meeting.items.first()
    currency = first.currency if first else "USD"
    approved = Decimal(content["totals"].get(currency, "0"))
    undecided = [row for row in items if row.state != ItemState.DECIDED]
    current = item.asked if item is not None and item.state != ItemState.DECIDED and item.asked else Decimal(0)
    to_come = sum((row.asked or Decimal(0) for row in undecided), Decimal(0)) - current
    left_now = headroom_left(first.initiative, on=meeting.held_on) if first else None
    headroom = (left_now or Decimal(0)) + approved
    signed = current_list(meeting)
    parts = [("ok", approved), ("fg", current), ("pend", to_come)]
    return {
        "rows": [_line(line) for line in reversed(content["lines"])],
        "currency": currency,
        "approved": approved,
        "this_item": current,
        "to_come": to_come,
        "headroom": headroom,
        "left": headroom - approved - current - to_come,
        "bar": progress(parts, headroom, _bar_label(approved, current, to_come, headroom, currency), 10),
        "decided": len(content["lines"]),
        "items": len(items),
        "sign_url": f"/meetings/{meeting.held_on.isoformat()}/spend-list/",
        "valid": f"signed as {signed.number}" if signed and signed.sha256 == list_hash(content) else "",
    }


def _line(line: dict[str, Any]) -> dict[str, Any]:
    conditions = len(line["conditions"])
    told = f", {conditions} condition{'s' if conditions > 1 else ''}" if conditions else ""
    outcome = str(Outcome(line["outcome"]).label)
    amount = Decimal(line["amount"])
    return {
        "name": line["name"],
        "amount": amount,
        "note": f"{line['initiative']}, {line['decision']}, {outcome}{told}",
        "is_waiting": not amount,
    }


def _bar_label(approved: Decimal, current: Decimal, to_come: Decimal, headroom: Decimal, currency: str) -> str:
    of, done, now, then = (formats.money_key(amount, currency) for amount in (headroom, approved, current, to_come))
    return f"Of {of} uncommitted: {done} approved, {now} in this item, {then} still to come"
