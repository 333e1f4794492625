"""Quality readings delivered together, as a file or a call: kept whole or refused whole, the same ones twice harmless."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from projects.audit.services import record
from projects.common.outcomes import Blocker
from projects.common.small_tables import MOST_TOLD, Row, TableRefused, day_of, figure_of, read_small_table
from projects.initiatives.models import Initiative
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import may, require
from projects.quality.models import QualityGate, QualityReading
from projects.signals import quality_reading_recorded

NEEDED = ("metric", "day", "value", "source")


@dataclass(frozen=True)
class Kept:
    """What became of a file: how many readings are new, how many were here already, and whether they prove."""

    new: int
    known: int
    is_imported: bool


@dataclass(frozen=True)
class Told:
    """One reading of a file."""

    gate: QualityGate
    read_on: date
    value: Decimal
    source: str

    @property
    def place(self) -> tuple[int, date, Decimal, str]:
        """Return what tells the reading from others."""
        return (self.gate.pk, self.read_on, self.value, self.source)


def imports_quality(user: User, initiative: Initiative) -> bool:
    """Say whether what a person delivers counts as imported: finance, without an interest in the initiative."""
    return may(user, Permission.IMPORT_COSTS, initiative=initiative) and not initiative.is_interested(user)


def deliver_quality_readings(*, initiative_id: int, name: str, content: bytes, by: User, at: datetime) -> Kept:
    """Keep the readings of a CSV: imported where finance without an interest brings it, else entered by the team.

    Raise NotPermitted, or TableRefused naming every line that cannot be read; then nothing is kept.
    """
    origin = {"file": name, "sha256": hashlib.sha256(content).hexdigest()}
    return _keep(initiative_id, lambda: read_small_table(content, needed=NEEDED), origin, by, at)


def keep_quality_rows(*, initiative_id: int, rows: Sequence[Row], by: User, at: datetime) -> Kept:
    """Keep rows that a call brought, as `deliver_quality_readings` keeps those of a file. Raise as it does."""
    return _keep(initiative_id, lambda: rows, {"file": "the API"}, by, at)


@transaction.atomic
def _keep(
    initiative_id: int, rows: Callable[[], Sequence[Row]], origin: dict[str, str], by: User, at: datetime
) -> Kept:
    initiative = Initiative.objects.select_for_update().get(pk=initiative_id)
    is_imported = imports_quality(by, initiative)
    if not is_imported:
        require(by, Permission.RECORD_READING, initiative=initiative)
    gates = {gate.metric.casefold(): gate for gate in initiative.quality_gates.filter(retired_at__isnull=True)}
    told = _read(rows(), gates, on=at.date())
    known = QualityReading.objects.filter(gate__in=gates.values(), is_imported=is_imported)
    here = set(known.values_list("gate_id", "read_on", "value", "source"))
    new = [one for one in told if one.place not in here]
    QualityReading.objects.bulk_create(
        QualityReading(
            gate=one.gate,
            value=one.value,
            read_on=one.read_on,
            source=one.source,
            is_imported=is_imported,
            entered_by=by,
            entered_at=at,
        )
        for one in new
    )
    if new:
        record(verb="quality_reading.delivered", target=initiative, by=by, at=at, data=origin | {"readings": len(new)})
        last = QualityReading.objects.filter(gate__in=gates.values()).latest("pk")
        quality_reading_recorded.send(sender=QualityReading, reading=last, initiative_id=initiative.pk, by=by, at=at)
    return Kept(len(new), len(told) - len(new), is_imported)


def _read(rows: Sequence[Row], gates: dict[str, QualityGate], *, on: date) -> list[Told]:
    found: dict[tuple[int, date, Decimal, str], Told] = {}
    wrong: list[Blocker] = []
    for row in rows:
        gate, day, value = gates.get(row["metric"].casefold()), day_of(row["day"]), figure_of(row["value"])
        reasons = []
        if gate is None:
            known = ", ".join(sorted(one.metric for one in gates.values())) or "none yet"
            reasons.append(f"column metric: there is no gate on “{row['metric'][:80]}”. Gates are {known}")
        if day is None:
            reasons.append(f"column day: “{row['day'][:40]}” is no day. Write it as 2026-10-31")
        elif day > on:
            reasons.append(f"column day: {day} lies ahead: a reading is for a day that has begun")
        if value is None:
            reasons.append(f"column value: “{row['value'][:40]}” is no figure. Write it as 1060 or 4.4")
        if not row["source"]:
            reasons.append("column source: empty; say where the figure comes from")
        wrong += [Blocker("line_refused", f"Line {row.line}, {reason}.") for reason in reasons]
        if not reasons and gate and day and value is not None:
            one = Told(gate, day, value, row["source"][:200])
            found.setdefault(one.place, one)
    if wrong:
        more = len(wrong) - MOST_TOLD
        rest = [Blocker("line_refused", f"And {more} more.")] if more > 0 else []
        raise TableRefused(wrong[:MOST_TOLD] + rest)
    return list(found.values())
