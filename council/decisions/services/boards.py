"""What is above the council: the secretary records the executive board's minute, and finance confirms it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from council.decisions.choices import ProposalState, Route
from council.decisions.models import Decision, Motion, MotionState, Outcome, Proposal
from council.decisions.rules import motion_blockers
from council.decisions.selectors import MONEY_OUTCOMES, ask_for, missing_musts, policy_of_meeting
from council.decisions.services.delegating import sign_first, verdict_of
from council.decisions.services.errors import MotionRefused, NotYours
from council.decisions.services.making import Ground, Verdict, make_decision
from council.effects.services import Case
from council.meetings.models import AgendaItem
from council.meetings.services import touch_meeting
from projects.audit.services import record
from projects.common.outcomes import WrongState
from projects.funding.selectors import authority_for
from projects.gates.choices import State
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import require


@transaction.atomic
def record_board_minute(
    *,
    gate_request_id: int,
    outcome: str,
    amount: Decimal,
    minute: str,
    conditions: Sequence[Mapping[str, Any]],
    details: Mapping[str, Any],
    by: User,
    at: datetime,
) -> Proposal:
    """Write down what the board decided about a request that the council recommended; finance confirms it.

    Raise NotPermitted, WrongState or MotionRefused.
    """
    motion = _recommended(gate_request_id)
    item = motion.item
    require(by, Permission.WRITE_MINUTES)
    if Proposal.objects.filter(gate_request_id=gate_request_id, state=ProposalState.SIGNED).exists():
        raise WrongState(f"The board's minute on {item.initiative.key} is recorded; finance confirms or drops it.")
    verdict = Verdict(outcome, amount, item.currency, minute.strip()[:300], conditions, details)
    _require_lawful(item, verdict, at)
    authority = authority_for(item.initiative, amount, on=at.date(), policy=policy_of_meeting(item, at))
    proposal = sign_first(
        verdict,
        route=Route.BOARD,
        gate_request_id=gate_request_id,
        authority=authority,
        motion=motion,
        by=by,
        at=at,
    )
    record(verb="board.minuted", target=proposal, by=by, at=at)
    return proposal


@transaction.atomic
def confirm_board_minute(*, proposal_id: int, by: User, at: datetime) -> Decision:
    """Confirm the board's minute as finance, which carries it out. Raise NotPermitted, NotYours or MotionRefused."""
    rows = Proposal.objects.select_for_update(of=("self",)).select_related("first_by")
    proposal = rows.get(pk=proposal_id)
    if proposal.state != ProposalState.SIGNED or proposal.route != Route.BOARD:
        raise WrongState(f"{proposal} is {proposal.get_state_display().lower()}: there is no minute to confirm.")
    motion = _recommended(proposal.gate_request_id)
    item = motion.item
    require(by, Permission.CHECK_MONEY)
    require(by, Permission.DECIDE_DELEGATED, initiative=item.initiative)
    if by.pk == proposal.first_by_id:
        raise NotYours(f"{by} recorded the minute; somebody of finance who did not confirms it.")
    verdict = verdict_of(proposal)
    _require_lawful(item, verdict, at)
    decision = make_decision(
        case=Case(item.initiative, item.gate_request, item.escalation),
        verdict=verdict,
        ground=Ground(
            route=Route.BOARD,
            authority=proposal.authority,
            policy_version=policy_of_meeting(item, at).number,
            item=item,
            motion=motion,
            tally=motion.tally,
        ),
        by=proposal.first_by,
        second_by=by,
        at=at,
    )
    proposal.decide(decision=decision, by_id=by.pk, at=at)
    proposal.save()
    record(verb="board.confirmed", target=proposal, by=by, at=at, data={"decision": decision.reference})
    touch_meeting(item.meeting_id)
    return decision


def _recommended(gate_request_id: int) -> Motion:
    """Return the carried motion by which the council recommends, its item under lock. Raise WrongState without one."""
    motion = (
        Motion.objects.filter(item__gate_request_id=gate_request_id, state=MotionState.CARRIED, decision__isnull=True)
        .order_by("-ended_at")
        .first()
    )
    if motion is None:
        raise WrongState("No recommendation of the council waits for the executive board.")
    items = AgendaItem.objects.select_for_update(of=("self",))
    motion.item = items.select_related("meeting", "initiative", "gate_request", "escalation").get(pk=motion.item_id)
    if motion.item.gate_request is None or motion.item.gate_request.state != State.WITH_BOARD:
        raise WrongState(f"{motion.item} is not with the executive board.")
    return motion


def _require_lawful(item: AgendaItem, verdict: Verdict, at: datetime) -> None:
    if verdict.outcome not in Outcome.values:
        raise MotionRefused(f"{verdict.outcome} is not one of the six outcomes.")
    blockers = motion_blockers(
        outcome=verdict.outcome,
        amount=verdict.amount,
        reason=verdict.reason,
        conditions=verdict.conditions,
        ask=ask_for(item.initiative, item.gate_request, item.currency, on=at.date()),
        on=at.date(),
    )
    if verdict.outcome in MONEY_OUTCOMES:
        blockers += missing_musts(item, on=at.date())
    if blockers:
        raise MotionRefused(blockers)
