"""Stop a tranche, and let it go on: one person freezes, two lift, a decision does either alone."""

from datetime import datetime

from django.db import transaction

from projects.audit.services import record
from projects.common.months import working_days_after
from projects.common.outcomes import Refused, WrongState
from projects.funding.choices import TrancheState
from projects.funding.models import Freeze, Tranche
from projects.initiatives.models import Initiative
from projects.limits.selectors import policy_on
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import may, require
from projects.signals import tranche_frozen, tranche_lifted


class FreezeRefused(Refused):
    """A freeze without reason, or a lift by the same person twice."""

    code = "freeze_refused"


@transaction.atomic
def freeze_tranche(*, tranche_id: int, reason: str, by: User, at: datetime, decision_reference: str = "") -> Freeze:
    """Stop a released tranche. Without a decision it is an emergency, and goes to the chair after some working days."""
    tranche = _locked(tranche_id)
    if not decision_reference:
        require(by, Permission.FREEZE)
    if tranche.state != TrancheState.RELEASED:
        now = tranche.get_state_display().lower()
        raise WrongState(f"{tranche} of {tranche.initiative.key} is {now}: there is nothing to freeze.")
    if not reason.strip():
        raise FreezeRefused("Say why the money must stop.")
    clock = policy_on(at.date()).integer("freeze_clock_days")
    freeze = Freeze.objects.create(
        tranche=tranche,
        reason=reason.strip(),
        decision_reference=decision_reference,
        frozen_by=by,
        frozen_at=at,
        chair_decides_on=None if decision_reference else working_days_after(at.date(), clock),
    )
    tranche.freeze()
    tranche.save()
    record(verb="tranche.frozen", target=tranche, by=by, at=at, data={"reason": reason.strip()})
    tranche_frozen.send(sender=Tranche, tranche=tranche, freeze=freeze, by=by, at=at)
    return freeze


@transaction.atomic
def lift_freeze(*, tranche_id: int, by: User, at: datetime, decision_reference: str = "") -> Freeze:
    """Let a frozen tranche go on: by decision, by the chair once the clock ran out, or by two uninterested people.

    The first of two leaves it frozen for the second. A freeze by decision is lifted by decision.
    """
    tranche = _locked(tranche_id)
    freeze = tranche.freezes.select_for_update().filter(lifted_at__isnull=True).first()
    if freeze is None or tranche.state != TrancheState.FROZEN:
        raise WrongState(f"{tranche} of {tranche.initiative.key} is not frozen.")
    if decision_reference or _is_chairs_turn(freeze, by, at):
        return _lift(freeze, tranche, alone=True, decision_reference=decision_reference, by=by, at=at)
    if freeze.decision_reference:
        raise FreezeRefused(f"Decision {freeze.decision_reference} froze {tranche}; only a decision lifts it.")
    require(by, Permission.LIFT_FREEZE, initiative=tranche.initiative)
    if freeze.first_lifted_by_id == by.pk:
        raise FreezeRefused(f"{by} signed the lift already; a second person lifts the freeze.")
    if freeze.first_lifted_by_id is None:
        freeze.first_lifted_by, freeze.first_lifted_at = by, at
        freeze.save()
        record(verb="tranche.lift_signed", target=tranche, by=by, at=at)
        return freeze
    return _lift(freeze, tranche, alone=False, decision_reference="", by=by, at=at)


def may_lift(tranche: Tranche, *, by: User, at: datetime) -> bool:
    """Say whether a person may sign the lift of a tranche's freeze now."""
    freeze = tranche.freezes.filter(lifted_at__isnull=True).first()
    if freeze is None:
        return False
    if _is_chairs_turn(freeze, by, at):
        return True
    is_free = not freeze.decision_reference and freeze.first_lifted_by_id != by.pk
    return is_free and may(by, Permission.LIFT_FREEZE, initiative=tranche.initiative)


def _is_chairs_turn(freeze: Freeze, by: User, at: datetime) -> bool:
    """Say whether the clock of an emergency freeze ran out and the person is an uninterested chair or deputy."""
    if freeze.chair_decides_on is None or at.date() <= freeze.chair_decides_on:
        return False
    return may(by, Permission.CHAIR_ACTION, initiative=freeze.tranche.initiative)


def _lift(freeze: Freeze, tranche: Tranche, *, alone: bool, decision_reference: str, by: User, at: datetime) -> Freeze:
    freeze.lifted_by, freeze.lifted_at, freeze.lifted_alone = by, at, alone
    freeze.save()
    tranche.lift()
    tranche.save()
    record(verb="tranche.lifted", target=tranche, by=by, at=at, data={"decision": decision_reference})
    tranche_lifted.send(sender=Tranche, tranche=tranche, freeze=freeze, by=by, at=at)
    return freeze


def _locked(tranche_id: int) -> Tranche:
    owner = Tranche.objects.values_list("initiative_id", flat=True).get(pk=tranche_id)
    Initiative.objects.select_for_update().get(pk=owner)
    return Tranche.objects.select_for_update(of=("self",)).select_related("initiative").get(pk=tranche_id)
