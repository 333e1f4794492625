"""Carry out an outcome on stage, money and clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from council.effects.selectors import paying_envelope
from council.escalations.models import Escalation
from council.escalations.services import decide_escalation
from projects.common.outcomes import Refused
from projects.conditions.models import Blocks
from projects.conditions.services import NewCondition, set_conditions
from projects.funding import services as funding
from projects.funding.models import Envelope, FundingRequest, Tranche
from projects.gates.models import GateRequest
from projects.gates.services import decide_gate_request
from projects.initiatives import services as initiatives
from projects.initiatives.models import Initiative
from projects.milestones.models import Milestone
from projects.milestones.services import plan_decided_milestone
from projects.people.models import User

GOES = ("go", "go_with_conditions")
ONE_DAY = timedelta(days=1)  # a request names the last day of its money, a window the first day after
WINDOW_AFTER_MILESTONE = timedelta(days=30)
LIVE = ("awaiting_conditions", "released", "frozen")


class EffectRefused(Refused):
    """The outcome cannot be carried out as the motion says."""

    code = "effect_refused"


@dataclass(frozen=True)
class Case:
    """What is decided about: an initiative, with its request, its escalation, both or neither."""

    initiative: Initiative
    gate_request: GateRequest | None = None
    escalation: Escalation | None = None


@dataclass(frozen=True)
class Effects:
    """What was carried: outcome, exact amount, conditions and the dates it needs."""

    outcome: str
    amount: Decimal
    currency: str
    reference: str
    conditions: Sequence[Mapping[str, Any]] = ()
    details: Mapping[str, Any] = field(default_factory=dict)

    def day(self, name: str) -> date | None:
        """Return a date among the details."""
        value = self.details.get(name)
        return date.fromisoformat(str(value)) if value else None


def apply_outcome(*, case: Case, effects: Effects, by: User, at: datetime) -> dict[str, Any]:
    """Carry out an outcome inside the caller's transaction and return what was done, for the decision's record.

    Raise EffectRefused, or what the concepts below refuse; then nothing of it stands.
    """
    acts = {"go": _go, "go_with_conditions": _go, "recycle": _recycle, "hold": _hold, "kill": _kill, "sunset": _sunset}
    done = acts[effects.outcome](case, effects, by, at)
    if case.gate_request is not None:
        decide_gate_request(
            gate_request_id=case.gate_request.pk,
            outcome=effects.outcome,
            decision_reference=effects.reference,
            by=by,
            at=at,
        )
        done["gate_request"] = case.gate_request.key
    if case.escalation is not None:
        decide_escalation(escalation_id=case.escalation.pk, reference=effects.reference, by=by, at=at)
        done["escalation"] = case.escalation.key
    return done


def _go(case: Case, effects: Effects, by: User, at: datetime) -> dict[str, Any]:
    request, initiative = case.gate_request, case.initiative
    done: dict[str, Any] = {}
    if initiative.condition == "on_hold":
        initiatives.resume_initiative(initiative_id=initiative.pk, decision_reference=effects.reference, by=by, at=at)
        done["condition"] = "active"
    if request is not None and request.kind == "advance":
        _move(initiative, request, effects, by, at)
        done["stage"] = request.to_stage
    conditions = _conditions(effects)
    if conditions:
        set_conditions(
            initiative_id=initiative.pk,
            conditions=conditions,
            decision_reference=effects.reference,
            by=by,
            at=at,
        )
        done["conditions"] = len(conditions)
    milestone = _milestone(request, effects, by, at)
    if milestone is not None:
        done["milestone"] = milestone.name
    if effects.amount:
        awaits = any(condition.blocks == Blocks.RELEASE for condition in conditions)
        done |= _fund(initiative, request, milestone, effects, awaits, by, at)
    return done


def _move(initiative: Initiative, request: GateRequest, effects: Effects, by: User, at: datetime) -> None:
    initiatives.move_stage(
        initiative_id=initiative.pk,
        to=request.to_stage,
        decision_reference=effects.reference,
        template_version=request.template.version,
        by=by,
        at=at,
    )


def _conditions(effects: Effects) -> list[NewCondition]:
    people = User.objects.in_bulk({int(row[part]) for row in effects.conditions for part in ("owner", "verifier")})
    return [
        NewCondition(
            text=str(row["text"]),
            owner=people[int(row["owner"])],
            due_on=date.fromisoformat(str(row["due_on"])),
            verifier=people[int(row["verifier"])],
            blocks=str(row.get("blocks") or Blocks.NOTHING),
        )
        for row in effects.conditions
    ]


def _milestone(request: GateRequest | None, effects: Effects, by: User, at: datetime) -> Milestone | None:
    if request is None or not request.milestone_name or request.milestone_due_on is None:
        return None
    return plan_decided_milestone(
        initiative_id=request.initiative_id,
        name=request.milestone_name,
        acceptance_test=request.milestone_test,
        due_on=request.milestone_due_on,
        decision_reference=effects.reference,
        by=by,
        at=at,
    )


def _fund(
    initiative: Initiative,
    request: GateRequest | None,
    milestone: Milestone | None,
    effects: Effects,
    awaits: bool,
    by: User,
    at: datetime,
) -> dict[str, Any]:
    ends_on = request.ends_on + ONE_DAY if request is not None and request.ends_on else None
    if ends_on is None and milestone is not None and milestone.baselined_due_on is not None:
        ends_on = milestone.baselined_due_on + WINDOW_AFTER_MILESTONE
    if ends_on is None:
        raise EffectRefused("The motion gives money without an end. Name the milestone and its date in the request.")
    tranche = funding.decide_tranche(
        initiative=initiative,
        amount=effects.amount,
        envelope=_envelope(initiative, at),
        milestone=milestone,
        decision_reference=effects.reference,
        starts_on=at.date(),
        ends_on=ends_on,
        awaits_conditions=awaits,
        carry_rest=True,
        by=by,
        at=at,
        asked=request.ask if request is not None else None,
        requested_by=request.submitted_by if request is not None else None,
        valid_release_until=effects.day("release_by"),
        funds_harness=_funds_harness(request),
    )
    return {
        "tranche": f"T{tranche.number}",
        "tranche_state": tranche.state,
        "release_by": tranche.valid_release_until.isoformat() if tranche.valid_release_until else None,
    }


def _funds_harness(request: GateRequest | None) -> bool:
    return request is not None and FundingRequest.objects.filter(request_key=request.key, funds_harness=True).exists()


def _envelope(initiative: Initiative, at: datetime) -> Envelope:
    envelope = paying_envelope(initiative, on=at.date())
    if envelope is None:
        raise EffectRefused(
            f"No envelope in {initiative.currency} covers {at.date().isoformat()}. Finance opens one before money is given."
        )
    return envelope


def _recycle(case: Case, effects: Effects, by: User, at: datetime) -> dict[str, Any]:
    done: dict[str, Any] = {"resubmit_by": effects.details.get("resume_on")}
    if effects.amount:
        milestone = _milestone(case.gate_request, effects, by, at)
        done |= _fund(case.initiative, case.gate_request, milestone, effects, False, by, at)
    return done


def _hold(case: Case, effects: Effects, by: User, at: datetime) -> dict[str, Any]:
    initiative = case.initiative
    if initiative.condition == "active":
        initiatives.hold_initiative(initiative_id=initiative.pk, decision_reference=effects.reference, by=by, at=at)
    frozen = []
    for tranche in Tranche.objects.filter(initiative=initiative, state="released"):
        funding.freeze_tranche(
            tranche_id=tranche.pk,
            reason=f"Held by {effects.reference}.",
            by=by,
            at=at,
            decision_reference=effects.reference,
        )
        frozen.append(f"T{tranche.number}")
    return {"condition": "on_hold", "frozen": frozen, "resume_on": effects.details.get("resume_on")}


def _kill(case: Case, effects: Effects, by: User, at: datetime) -> dict[str, Any]:
    done = _wind_down(case.initiative, effects, by, at)
    initiatives.close_initiative(
        initiative_id=case.initiative.pk, closed_as="killed", decision_reference=effects.reference, by=by, at=at
    )
    return done | {"condition": "closed"}


def _sunset(case: Case, effects: Effects, by: User, at: datetime) -> dict[str, Any]:
    initiative, request = case.initiative, case.gate_request
    done = _wind_down(initiative, effects, by, at)
    if initiative.stage != "sunset":
        initiatives.move_stage(
            initiative_id=initiative.pk,
            to="sunset",
            decision_reference=effects.reference,
            template_version=request.template.version if request is not None else None,
            by=by,
            at=at,
        )
        done["stage"] = "sunset"
    return done


def _wind_down(initiative: Initiative, effects: Effects, by: User, at: datetime) -> dict[str, Any]:
    """Return what is unspent, and give the run-down amount in its place where the motion names one."""
    if effects.amount:
        until = effects.day("run_down_until")
        if until is None:
            raise EffectRefused("A run-down amount needs a last day. Put it in the motion.")
        tranche = funding.post_run_down(
            initiative=initiative,
            amount=effects.amount,
            envelope=_envelope(initiative, at),
            decision_reference=effects.reference,
            ends_on=until + ONE_DAY,
            by=by,
            at=at,
        )
        return {"tranche": f"T{tranche.number}", "run_down_until": until.isoformat()}
    returned = []
    for tranche in Tranche.objects.filter(initiative=initiative, state__in=LIVE).order_by("number"):
        funding.return_rest(tranche_id=tranche.pk, decision_reference=effects.reference, by=by, at=at)
        returned.append(f"T{tranche.number}")
    return {"returned": returned}
