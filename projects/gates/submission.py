"""What a submission needs and what it freezes."""

import hashlib
import json
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from projects.audit.services import record
from projects.checks.facts import Facts
from projects.common.outcomes import Blocker
from projects.conditions.selectors import gate_blockers
from projects.funding.selectors import authority_for, sandbox_blockers
from projects.gates.choices import ProofKind
from projects.gates.models import FrozenInputs, GateRequest
from projects.gates.rules import Ask, ask_blockers
from projects.gates.selectors import last_decided, readiness
from projects.initiatives.choices import Condition
from projects.inputs.rules import changes_since
from projects.inputs.selectors import Inputs, compute_inputs, plain
from projects.limits.models import PolicyAcknowledgement
from projects.limits.selectors import policy_on, version_on
from projects.people.models import User
from projects.triggers.rules import Trigger
from projects.triggers.selectors import fired_triggers


def ask_of(gate: GateRequest) -> Ask:
    """Return a request's ask as the rules take it."""
    return Ask(
        minimum=gate.minimum,
        ask=gate.ask,
        maximum=gate.maximum,
        currency=gate.currency,
        milestone=gate.milestone_name,
        test=gate.milestone_test,
        due_on=gate.milestone_due_on,
        ends_on=gate.ends_on,
        layers=decimal_layers(gate),
        needs_money=gate.needs_money,
    )


def decimal_layers(gate: GateRequest) -> dict[str, Decimal]:
    """Return the ask's split by cost layer; what is no number counts as not-a-number, which no sum accepts."""
    layers = {}
    for layer, amount in gate.layers.items():
        try:
            layers[layer] = Decimal(str(amount))
        except InvalidOperation:
            layers[layer] = Decimal(-1)
    return layers


def submission_blockers(gate: GateRequest, *, on: date, facts: Facts | None = None) -> list[Blocker]:
    """Say what keeps a request from being sent: computed and evidenced musts, the ask, the texts."""
    owner = str(gate.initiative.business_owner)
    blockers = readiness(gate, on, facts).blockers([ProofKind.COMPUTED, ProofKind.EVIDENCE])
    if gate.initiative.condition != Condition.ACTIVE:
        blockers.append(Blocker("not_active", f"{gate.initiative.key} is on hold; resuming it takes a decision."))
    if gate.initiative.stage != gate.from_stage:
        blockers.append(
            Blocker("stage_moved", "The initiative has left the stage of this request. Withdraw it.", owner)
        )
    if gate.has_milestone:
        blockers += [Blocker(row.code, row.message, owner) for row in ask_blockers(ask_of(gate), on=on)]
        if not gate.assumption.strip():
            blockers.append(Blocker("assumption_missing", "Say which assumption the next tranche tests.", owner))
    blockers += gate_blockers(gate.initiative)
    if not gate.top_risks.strip():
        blockers.append(Blocker("risks_missing", "Name the top risks.", owner))
    return blockers


def policy_blockers(policy_read: int | None, *, on: date) -> list[Blocker]:
    """Say whether the policy in force still has to be read; before the first version there is nothing to read."""
    version = version_on(on)
    if version is None or policy_read == version.number:
        return []
    return [
        Blocker("policy_unread", f"Read policy version {version.number}, which is in force, and tick that you did.")
    ]


def acknowledge_policy(*, by: User, at: datetime) -> int:
    """Keep that a person read the policy in force; return its number, 0 before the first version."""
    version = version_on(at.date())
    if version is None:
        return 0
    read, is_new = PolicyAcknowledgement.objects.get_or_create(user=by, version=version, defaults={"at": at})
    if is_new:
        record(verb="policy.acknowledged", target=read, by=by, at=at, stream="policy")
    return version.number


def inputs_now(gate: GateRequest, *, on: date) -> Inputs:
    """Compute a request's five inputs as of a day."""
    ask = {
        "minimum": gate.minimum,
        "ask": gate.ask,
        "maximum": gate.maximum,
        "currency": gate.currency,
        "milestone": gate.milestone_name,
        "due_on": gate.milestone_due_on,
        "ends_on": gate.ends_on,
        "planned_events": gate.planned_events,
    }
    return compute_inputs(gate.initiative, ask=ask, on=on)


def triggers_now(gate: GateRequest, *, on: date) -> list[Trigger]:
    """Compute the review triggers of a request as of a day."""
    last = last_decided(gate.initiative)
    since = last.decided_at if last and last.decided_at else gate.initiative.stage_since
    return fired_triggers(
        gate.initiative,
        kind=gate.kind,
        to_stage=gate.to_stage,
        ask=gate.ask if gate.asks_for_money else None,
        last_review_on=since.date(),
        last_decided_on=last.decided_at.date() if last and last.decided_at else None,
        policy=policy_on(on),
        on=on,
    )


def freeze_inputs(gate: GateRequest, *, at: datetime) -> FrozenInputs:
    """Keep the inputs, changes and triggers of this submission for good, with their hash."""
    inputs = inputs_now(gate, on=at.date())
    last = last_decided(gate.initiative)
    before = last.frozen.order_by("-round").first() if last else None
    kept = {
        "inputs": {**inputs.five, "figures": inputs.figures},
        "changes": {
            "rows": changes_since(before.inputs.get("figures", {}), inputs.figures) if before else [],
            "since": last.decision_reference if last else "",
        },
        "triggers": [asdict(trigger) for trigger in triggers_now(gate, on=at.date())],
        "ask": plain(asdict(ask_of(gate))),
    }
    text = json.dumps(kept, sort_keys=True, separators=(",", ":"))
    return FrozenInputs.objects.create(
        request=gate,
        round=gate.round,
        computed_at=at,
        policy_version=policy_on(at.date()).number,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        **kept,
    )


def needs_no_review(gate: GateRequest, frozen: FrozenInputs, *, on: date) -> bool:
    """Say whether a request without any trigger is decided by delegation: inside its budget, or in the sandbox lane.

    Only requests for a next milestone are; a review or a Sunset never is, nor what the council's row decides.
    """
    if not gate.has_milestone:
        return False
    policy, variance = policy_on(on), frozen.inputs["spend"]["variance"]
    if variance is not None and Decimal(variance) > 0:
        return False
    if variance is None and sandbox_blockers(gate.initiative, on=on, policy=policy):
        return False
    row = authority_for(gate.initiative, gate.ask or Decimal(0), on=on, policy=policy).row
    return row not in ("council", "board")
