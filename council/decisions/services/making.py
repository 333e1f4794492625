"""Make a decision: its number, its effects and its row, in the transaction of whoever decides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from council.decisions.models import Decision, Motion
from council.effects.services import Case, Effects, apply_outcome
from council.meetings.models import AgendaItem
from projects.audit.services import record
from projects.common.keys import next_key
from projects.people.models import User


@dataclass(frozen=True)
class Verdict:
    """What is decided: outcome, exact amount, one line of reason, conditions and the dates that the effects need."""

    outcome: str
    amount: Decimal
    currency: str
    reason: str
    conditions: Sequence[Mapping[str, Any]] = ()
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Ground:
    """By whose authority: the route, the row as a sentence, the policy version, and the vote where there was one."""

    route: str
    authority: str
    policy_version: int
    item: AgendaItem | None = None
    motion: Motion | None = None
    quorum: Mapping[str, Any] = field(default_factory=dict)
    tally: Mapping[str, Any] = field(default_factory=dict)


def make_decision(
    *,
    case: Case,
    verdict: Verdict,
    ground: Ground,
    by: User,
    at: datetime,
    second_by: User | None = None,
    done: Mapping[str, Any] | None = None,
) -> Decision:
    """Number a decision, carry out its effects and record it. ``done`` stands where its effects were carried out before.

    Raise what the effects refuse; then nothing of it stands.
    """
    held = ground.item.meeting.held_on if ground.item is not None else at.date()
    reference = next_key(f"AIC-{held.year}")
    if done is None:
        effects = Effects(
            outcome=verdict.outcome,
            amount=verdict.amount,
            currency=verdict.currency,
            conditions=verdict.conditions,
            details=verdict.details,
            reference=reference,
        )
        done = apply_outcome(case=case, effects=effects, by=by, at=at)
    decision = Decision.objects.create(
        reference=reference,
        route=ground.route,
        initiative=case.initiative,
        item=ground.item,
        motion=ground.motion,
        gate_request_key=case.gate_request.key if case.gate_request else "",
        escalation_key=case.escalation.key if case.escalation else "",
        outcome=verdict.outcome,
        amount=verdict.amount,
        currency=verdict.currency,
        reason=verdict.reason,
        conditions=[dict(condition) for condition in verdict.conditions],
        authority=ground.authority[:300],
        policy_version=ground.policy_version,
        quorum=dict(ground.quorum),
        tally=dict(ground.tally),
        effects=dict(done),
        decided_by=by,
        second_by=second_by,
        decided_at=at,
    )
    record(verb="decision.made", target=decision, by=by, at=at, data={"route": str(ground.route)})
    return decision
