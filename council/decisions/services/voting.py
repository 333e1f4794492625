"""Straw views, conflicts, motions and votes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

from council.decisions.models import Choice, Motion, MotionState, Outcome, StrawView, StruckVote, Vote
from council.decisions.rules import voters
from council.decisions.selectors import members, verdict_blockers
from council.decisions.services.errors import MotionRefused, VoteRefused
from council.decisions.services.holding import (
    locked_item,
    locked_motion,
    require_put,
    require_session,
    require_unrecused,
)
from council.meetings.models import AgendaItem, Attendance, ItemState
from council.meetings.services import touch_meeting
from council.seats.models import SeatTerm
from council.seats.selectors import live_terms
from projects.audit.services import record
from projects.common.outcomes import NotPermitted, WrongState
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import require


@transaction.atomic
def declare_conflict(*, item_id: int, reason: str, by: User, at: datetime) -> Attendance:
    """Recuse oneself from an item: its pages, vote and quorum weight are gone, and a vote already cast is struck."""
    item = locked_item(item_id)
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
    item = locked_item(item_id)
    require(by, Permission.VOTE, initiative=item.initiative)
    require_session(item)
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
    item = locked_item(item_id)
    require(by, Permission.PUT_MOTION, initiative=item.initiative)
    require_unrecused(item, by)
    require_session(item)
    if item.state != ItemState.OPEN:
        raise WrongState(f"{item} is {item.get_state_display().lower()}; call it before you put a motion.")
    if outcome not in Outcome.values:
        raise MotionRefused(f"{outcome} is not one of the six outcomes.")
    if blockers := verdict_blockers(item, outcome, amount, reason, conditions, on=at.date()):
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


@transaction.atomic
def withdraw_motion(*, motion_id: int, by: User, at: datetime) -> Motion:
    """Take a motion back before its result, so that another can be put."""
    motion = locked_motion(motion_id)
    require(by, Permission.PUT_MOTION, initiative=motion.item.initiative)
    require_put(motion)
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
    require_put(motion)
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


def _term(by: User) -> SeatTerm:
    term = live_terms().filter(user=by).first()
    if term is None:
        raise NotPermitted("You hold no seat on the council.")
    return term


def _voting_term(item: AgendaItem, by: User) -> SeatTerm:
    term = _term(by)
    require_unrecused(item, by)
    if term.pk not in {member.term_id for member in voters(members(item))}:
        raise NotPermitted(f"You are not noted as present at {item}, or your seat has no vote here. No proxies.")
    return term
