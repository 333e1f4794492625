"""Set, meet, verify, return and waive conditions."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max

from projects.audit.services import record
from projects.common.outcomes import Blocker, NotPermitted, Refused, WrongState
from projects.conditions.models import Blocks, Condition, ConditionState
from projects.initiatives.models import Initiative
from projects.people.models import User
from projects.signals import condition_verified


class ConditionRefused(Refused):
    """A condition that nobody could meet or check, or an act on it without what the act needs."""

    code = "condition_refused"


@dataclass(frozen=True)
class NewCondition:
    """What a decision asks for: text, who owes it, by when, who checks it, and what it blocks."""

    text: str
    owner: User
    due_on: date
    verifier: User
    blocks: str = Blocks.NOTHING


@transaction.atomic
def set_conditions(
    *, initiative_id: int, conditions: Sequence[NewCondition], decision_reference: str, by: User, at: datetime
) -> list[Condition]:
    """Write down the conditions of a decision, numbered on within the initiative. Raise ConditionRefused."""
    initiative = Initiative.objects.select_for_update().get(pk=initiative_id)
    if blockers := condition_blockers(initiative, conditions, decision_reference):
        raise ConditionRefused(blockers)
    last = initiative.conditions.aggregate(last=Max("number"))["last"] or 0
    rows = []
    for number, wanted in enumerate(conditions, start=last + 1):
        row = Condition.objects.create(
            initiative=initiative,
            number=number,
            text=wanted.text.strip(),
            owner=wanted.owner,
            verifier=wanted.verifier,
            due_on=wanted.due_on,
            blocks=wanted.blocks,
            decision_reference=decision_reference,
            created_at=at,
        )
        record(verb="condition.set", target=row, by=by, at=at, data={"decision": decision_reference})
        rows.append(row)
    return rows


def condition_blockers(
    initiative: Initiative, conditions: Sequence[NewCondition], decision_reference: str
) -> list[Blocker]:
    """Say what is wrong with conditions before a motion puts them."""
    blockers = (
        [] if decision_reference else [Blocker("decision_missing", "A condition belongs to a decision: name it.")]
    )
    for position, wanted in enumerate(conditions, start=1):
        if not wanted.text.strip():
            blockers.append(Blocker("text_missing", f"Say what condition {position} asks for."))
        if wanted.owner == wanted.verifier:
            blockers.append(
                Blocker("verifier_is_owner", f"Condition {position}: {wanted.owner} owes it and cannot check it.")
            )
        if initiative.is_interested(wanted.verifier):
            blockers.append(
                Blocker(
                    "verifier_interested",
                    f"Condition {position}: {wanted.verifier} has an interest in {initiative.key}. Name another.",
                )
            )
        if wanted.blocks not in Blocks.values:
            blockers.append(Blocker("blocks_unknown", f"Condition {position} blocks release, next_gate or nothing."))
    return blockers


@transaction.atomic
def meet_condition(*, condition_id: int, evidence: str, by: User, at: datetime) -> Condition:
    """Say that a condition is met and what shows it; its owner or an owner of the initiative may."""
    condition = _locked(condition_id)
    if by.pk != condition.owner_id and by.pk not in condition.initiative.owner_ids:
        raise NotPermitted(f"{condition.owner} owes condition {condition.number} and says when it is met.")
    _must_be(condition, ConditionState.OPEN, "met")
    if not evidence.strip():
        raise ConditionRefused(f"Say what shows that condition {condition.number} is met.")
    text = evidence.strip()
    condition.meet(by_id=by.pk, at=at, evidence=text, evidence_hash=hashlib.sha256(text.encode()).hexdigest())
    condition.save()
    record(verb="condition.met", target=condition, by=by, at=at)
    return condition


@transaction.atomic
def verify_condition(*, condition_id: int, by: User, at: datetime) -> Condition:
    """Confirm a condition. Raise NotPermitted for anybody but its verifier, and for the verifier once interested."""
    condition = _verifiable(condition_id, by, "verified")
    condition.verify(by_id=by.pk, at=at)
    condition.save()
    record(verb="condition.verified", target=condition, by=by, at=at)
    condition_verified.send(sender=Condition, condition=condition, by=by, at=at)
    return condition


@transaction.atomic
def return_condition(*, condition_id: int, reason: str, by: User, at: datetime) -> Condition:
    """Say that what was shown is not enough; the condition is open again."""
    condition = _verifiable(condition_id, by, "returned")
    if not reason.strip():
        raise ConditionRefused(f"Say what condition {condition.number} still lacks.")
    condition.give_back(reason=reason.strip())
    condition.save()
    record(verb="condition.returned", target=condition, by=by, at=at, data={"reason": reason.strip()})
    return condition


@transaction.atomic
def waive_condition(*, condition_id: int, decision_reference: str, by: User, at: datetime) -> Condition:
    """Let a condition go as the effect of a later decision."""
    condition = _locked(condition_id)
    if not decision_reference:
        raise ConditionRefused("Only a decision waives a condition: name it.")
    if condition.state not in {ConditionState.OPEN, ConditionState.MET}:
        raise WrongState(f"Condition {condition.number} is {condition.get_state_display().lower()} already.")
    condition.waive(decision_reference=decision_reference)
    condition.save()
    record(verb="condition.waived", target=condition, by=by, at=at, data={"decision": decision_reference})
    condition_verified.send(sender=Condition, condition=condition, by=by, at=at)
    return condition


def _locked(condition_id: int) -> Condition:
    rows = Condition.objects.select_for_update(of=("self",)).select_related("initiative", "owner", "verifier")
    return rows.get(pk=condition_id)


def _verifiable(condition_id: int, by: User, participle: str) -> Condition:
    condition = _locked(condition_id)
    if by.pk != condition.verifier_id:
        raise NotPermitted(f"{condition.verifier} checks condition {condition.number}.")
    if condition.initiative.is_interested(by):
        raise NotPermitted(f"You have an interest in {condition.initiative.key} and may not check its conditions.")
    _must_be(condition, ConditionState.MET, participle)
    return condition


def _must_be(condition: Condition, state: str, participle: str) -> None:
    if condition.state != state:
        now = condition.get_state_display().lower()
        raise WrongState(f"Condition {condition.number} is {now}: it cannot be {participle} now.")
