"""Set quality gates, enter readings and verify them."""

import hashlib
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from projects.audit.services import record
from projects.common.outcomes import NotPermitted, Refused, WrongState
from projects.initiatives.choices import Condition
from projects.initiatives.models import Initiative
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import require
from projects.quality.models import LARGEST, QualityGate, QualityReading
from projects.quality.rules import is_met
from projects.signals import quality_reading_recorded


class QualityRefused(Refused):
    """A gate or a reading that does not hold together."""

    code = "quality_refused"


@transaction.atomic
def set_quality_gate(
    *,
    initiative_id: int,
    kind: str,
    metric: str,
    unit: str,
    threshold: Decimal,
    direction: str,
    cadence_days: int,
    by: User,
    at: datetime,
) -> QualityGate:
    """Watch a metric; a live gate on the same metric is retired, so that the old threshold stays readable."""
    initiative = Initiative.objects.select_for_update().get(pk=initiative_id)
    require(by, Permission.EDIT_INITIATIVE, initiative=initiative)
    if initiative.condition == Condition.CLOSED:
        raise WrongState(f"{initiative.key} is closed: no more of its metrics is watched.")
    if not metric.strip() or cadence_days < 1 or not _is_figure(threshold):
        raise QualityRefused("A quality gate needs a metric, a finite threshold and a cadence of a day or more.")
    earlier = initiative.quality_gates.filter(metric__iexact=metric.strip(), retired_at__isnull=True)
    for gate in earlier:
        gate.retired_at = at
        gate.save()
        record(verb="quality_gate.retired", target=gate, by=by, at=at)
    gate = QualityGate.objects.create(
        initiative=initiative,
        kind=kind,
        metric=metric.strip(),
        unit=unit.strip(),
        threshold=threshold,
        direction=direction,
        cadence_days=cadence_days,
        created_by=by,
        created_at=at,
    )
    record(verb="quality_gate.set", target=gate, by=by, at=at)
    return gate


@transaction.atomic
def record_quality_reading(
    *,
    gate_id: int,
    value: Decimal,
    read_on: date,
    source: str,
    evidence: str = "",
    is_imported: bool = False,
    by: User,
    at: datetime,
) -> QualityReading:
    """Enter a figure for a day not after today. Raise NotPermitted, WrongState or QualityRefused; announce it."""
    gate = QualityGate.objects.select_for_update(of=("self",)).select_related("initiative").get(pk=gate_id)
    require(by, Permission.IMPORT_COSTS if is_imported else Permission.RECORD_READING, initiative=gate.initiative)
    if is_imported and gate.initiative.is_interested(by):
        raise NotPermitted(f"You have an interest in {gate.initiative.key}: what you enter does not count as imported.")
    if gate.retired_at is not None:
        raise WrongState(f"{gate.metric} is no longer watched under this threshold. Enter it at the one in force.")
    if not _is_figure(value) or not source.strip():
        raise QualityRefused("A reading needs a finite figure and its source.")
    if read_on > at.date():
        raise QualityRefused(f"{read_on} lies ahead: a reading is for a day that has begun.")
    reading = QualityReading.objects.create(
        gate=gate,
        value=value,
        read_on=read_on,
        source=source.strip(),
        evidence=evidence.strip(),
        evidence_hash=hashlib.sha256(evidence.strip().encode()).hexdigest() if evidence.strip() else "",
        is_imported=is_imported,
        entered_by=by,
        entered_at=at,
    )
    passed = is_met(value, gate.threshold, gate.direction)
    record(verb="quality_reading.recorded", target=reading, by=by, at=at, data={"metric": gate.metric, "met": passed})
    quality_reading_recorded.send(
        sender=QualityReading, reading=reading, initiative_id=gate.initiative_id, by=by, at=at
    )
    return reading


@transaction.atomic
def verify_quality_reading(*, reading_id: int, by: User, at: datetime) -> QualityReading:
    """Confirm that a typed-in figure is what its source says. Raise NotPermitted for anybody with an interest."""
    reading = (
        QualityReading.objects.select_for_update(of=("self",)).select_related("gate__initiative").get(pk=reading_id)
    )
    require(by, Permission.REVIEW, initiative=reading.gate.initiative)
    if reading.verified_at is not None:
        raise WrongState(f"The reading of {reading.gate.metric} is verified already.")
    if reading.entered_by_id == by.pk:
        raise QualityRefused("Nobody verifies the reading that they entered.")
    reading.verified_by, reading.verified_at = by, at
    reading.save()
    record(verb="quality_reading.verified", target=reading, by=by, at=at)
    initiative_id = reading.gate.initiative_id
    quality_reading_recorded.send(sender=QualityReading, reading=reading, initiative_id=initiative_id, by=by, at=at)
    return reading


def _is_figure(value: Decimal) -> bool:
    return value.is_finite() and abs(value) < LARGEST
