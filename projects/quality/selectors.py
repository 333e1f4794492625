"""Where quality gates stand on a day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from django.db.models import F, Prefetch, Q

from projects.common.among import Among
from projects.common.marks.readings import Series, readings_chart
from projects.common.marks.shapes import Widths
from projects.initiatives.models import Initiative
from projects.quality.models import QualityGate, QualityReading
from projects.quality.rules import AT_LEAST, Reading, Standing, standing


def live_gates(initiative_ids: Iterable[int], *, on: date) -> list[QualityGate]:
    """Return the gates that existed at the end of a day, each with its readings up to then."""
    end = datetime.combine(on + timedelta(days=1), time.min, UTC)
    readings = QualityReading.objects.filter(entered_at__lt=end, read_on__lte=on).order_by("read_on", "id")
    return list(
        QualityGate.objects.filter(Q(retired_at__isnull=True) | Q(retired_at__gte=end))
        .filter(initiative__in=Among(initiative_ids), created_at__lt=end)
        .prefetch_related(Prefetch("readings", queryset=readings))
    )


def standings(
    initiative_ids: Iterable[int], *, on: date, proven_only: bool = False
) -> dict[int, list[tuple[QualityGate, Standing]]]:
    """Return each initiative's live gates with where they stand on a day; two queries for any number.

    ``proven_only`` leaves out readings that were typed in and verified by nobody, as criteria and bands must.
    """
    found: dict[int, list[tuple[QualityGate, Standing]]] = {}
    for gate in live_gates(initiative_ids, on=on):
        readings = [
            Reading(row.value, row.read_on, row.is_proven)
            for row in gate.readings.all()
            if row.is_proven or not proven_only
        ]
        verdict = standing(
            readings,
            threshold=gate.threshold,
            direction=gate.direction,
            cadence_days=gate.cadence_days,
            since=gate.created_at.date(),
            on=on,
        )
        found.setdefault(gate.initiative_id, []).append((gate, verdict))
    return found


def once_breached(initiative_ids: Iterable[int], *, on: date) -> list[int]:
    """Return the initiatives of which any reading up to a day breached its gate: nobody else can stand in breach."""
    below = Q(gate__direction=AT_LEAST, value__lt=F("gate__threshold"))
    readings = QualityReading.objects.filter(read_on__lte=on, gate__initiative__in=Among(initiative_ids))
    readings = readings.filter(below | ~Q(gate__direction=AT_LEAST) & Q(value__gt=F("gate__threshold")))
    return list(readings.order_by().values_list("gate__initiative", flat=True).distinct())


WORDS = {
    "passed": ("ok", "ok", "Passed"),
    "failed": ("bad", "bad", "Failed"),
    "no_reading": ("mute", "clock", "No reading yet"),
    "unknown": ("warn", "gap", "Unknown"),
}


@dataclass(frozen=True)
class QualityRow:
    """One gate with where it stands, as tone, icon and word, and its newest reading."""

    gate: QualityGate
    reading: QualityReading | None
    tone: str
    icon: str
    word: str
    chart: Widths | None = None


def quality_panel(initiative: Initiative, *, on: date) -> list[QualityRow]:
    """Return the live gates of an initiative with their newest reading on a day."""
    rows = []
    for gate, found in standings([initiative.pk], on=on).get(initiative.pk, []):
        readings = list(gate.readings.all())
        rows.append(QualityRow(gate, readings[-1] if readings else None, *WORDS[found.verdict], _chart(gate, readings)))
    return rows


def _chart(gate: QualityGate, readings: list[QualityReading]) -> Widths | None:
    """Draw the readings of a gate, the last entered of each day, against its threshold."""
    by_day = {row.read_on: row.value for row in readings}
    return readings_chart(Series(gate.metric, gate.unit, sorted(by_day.items()), [("Threshold", gate.threshold)]))


@dataclass(frozen=True)
class Slip:
    """A metric whose newest proven reading is worse than the one before."""

    metric: str
    before: Decimal
    after: Decimal


def slips(initiative_id: int, *, on: date) -> list[Slip]:
    """Return the metrics of an initiative that got worse from one proven day to the next; two queries."""
    found = []
    for gate in live_gates([initiative_id], on=on):
        by_day = {row.read_on: row.value for row in gate.readings.all() if row.is_proven}
        values = [value for _, value in sorted(by_day.items())][-2:]
        if len(values) == 2 and (values[1] < values[0] if gate.direction == AT_LEAST else values[1] > values[0]):
            found.append(Slip(gate.metric, *values))
    return found
