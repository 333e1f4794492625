"""Declare the result of a motion: not carried, carried with its effects, or a recommendation to the board."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction

from council.decisions.models import Decision, Motion, Ratification, Route
from council.decisions.rules import Quorum, Tally
from council.decisions.selectors import policy_of_meeting, quorum_of, ratification_of, tally_of, verdict_blockers
from council.decisions.services.errors import MotionRefused
from council.decisions.services.holding import (
    locked_item,
    locked_motion,
    require_put,
    require_session,
    require_unrecused,
)
from council.decisions.services.making import Ground, Verdict, make_decision
from council.effects.services import Case
from council.meetings.models import AgendaItem
from council.meetings.services import touch_meeting
from projects.audit.services import record
from projects.funding.selectors import authority_for
from projects.gates.services import refer_to_board
from projects.limits.rules import Policy
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import require


@transaction.atomic
def declare_result(*, motion_id: int, by: User, at: datetime) -> Decision | None:
    """Declare a motion carried, with all its effects in this transaction, or not carried.

    None is returned where it is not carried, and where the carried motion is a recommendation to the board, which the
    motion's state tells apart. Under lock, quorum, recusal, headroom, musts and waiver dates are checked again.
    Raise MotionRefused.
    """
    item = locked_item(Motion.objects.values_list("item_id", flat=True).get(pk=motion_id))
    motion = locked_motion(motion_id)
    require(by, Permission.DECLARE_RESULT, initiative=item.initiative)
    require_unrecused(item, by)
    require_session(item)
    require_put(motion)
    present, counted = quorum_of(item, at), tally_of(motion)
    if present.blockers:
        raise MotionRefused(list(present.blockers))
    if not counted.is_carried:
        _fall(item, motion, counted, by, at)
        return None
    if blockers := verdict_blockers(
        item, motion.outcome, motion.amount, motion.reason, motion.conditions, on=at.date()
    ):
        raise MotionRefused(blockers)
    motion.carry(tally=_tally(counted), at=at)
    motion.save()
    record(verb="motion.carried", target=motion, by=by, at=at, data=motion.tally)
    return _decide(item, motion, present, by, at)


def _fall(item: AgendaItem, motion: Motion, counted: Tally, by: User, at: datetime) -> None:
    motion.fall(tally=_tally(counted), at=at)
    motion.save()
    item.reopen()
    item.save()
    record(verb="motion.not_carried", target=motion, by=by, at=at, data=motion.tally)
    touch_meeting(item.meeting_id)


def _decide(item: AgendaItem, motion: Motion, present: Quorum, by: User, at: datetime) -> Decision | None:
    policy = policy_of_meeting(item, at)
    authority = authority_for(item.initiative, motion.amount, on=at.date(), policy=policy)
    ratified = ratification_of(item)
    is_boards = present.row_up or (authority.row == Route.BOARD and motion.amount > 0)
    if is_boards and ratified is None:
        _recommend(item, motion, authority.sentence, by, at)
        decision = None
    else:
        decision = _made(item, motion, ratified, present, authority.sentence, policy, by, at)
    item.decide()
    item.save()
    touch_meeting(item.meeting_id)
    return decision


def _made(
    item: AgendaItem,
    motion: Motion,
    ratified: Ratification | None,
    present: Quorum,
    authority: str,
    policy: Policy,
    by: User,
    at: datetime,
) -> Decision:
    """Make the decision of the council; a ratification carries out nothing anew."""
    done = dict(ratified.decision.effects) | {"ratifies": ratified.decision.reference} if ratified else None
    conditions = ratified.decision.conditions if ratified else motion.conditions
    decision = make_decision(
        case=Case(item.initiative, item.gate_request, item.escalation),
        verdict=Verdict(motion.outcome, motion.amount, motion.currency, motion.reason, conditions, motion.details),
        ground=Ground(
            route=Route.COUNCIL,
            authority=authority,
            policy_version=policy.number,
            item=item,
            motion=motion,
            quorum={key: asdict(present)[key] for key in ("needed", "present")},
            tally=motion.tally,
        ),
        by=by,
        at=at,
        done=done,
    )
    if ratified is not None:
        ratified.ratify(by=decision, at=at)
        ratified.save()
        record(verb="chair_action.ratified", target=ratified, by=by, at=at, data={"decision": decision.reference})
    return decision


def _recommend(item: AgendaItem, motion: Motion, authority: str, by: User, at: datetime) -> None:
    """Pass what the council may only recommend on to the executive board. Raise MotionRefused without a request."""
    if item.gate_request is None:
        raise MotionRefused(
            f"{authority} The council can only recommend this, and no gate request carries it to the executive board."
        )
    refer_to_board(gate_request_id=item.gate_request.pk, by=by, at=at)
    record(verb="motion.recommended", target=motion, by=by, at=at, data={"authority": authority})


def _tally(counted: Tally) -> dict[str, Any]:
    return {
        "for": counted.votes_for,
        "against": counted.against,
        "abstain": counted.abstained,
        "present": counted.present,
    }
