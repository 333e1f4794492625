"""The six small series of a dossier: cost, usage, quality, adoption, value, cost of one outcome."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.db.models.functions import TruncMonth

from council.portfolio.rules import Line
from council.portfolio.selectors import MONTHS
from projects.common import formats
from projects.common.months import month_starts
from projects.quality.models import QualityGate
from projects.usage.models import UsageDay
from projects.value.models import Measures
from projects.value.selectors import CardReadings, cards_with_readings, value_by_month

Series = dict[str, Any]


@dataclass(frozen=True)
class Readings:
    """What was read of one initiative up to a day; months by their first day."""

    unit_cost: CardReadings | None
    adoption: CardReadings | None
    value: dict[date, Decimal]
    calls: dict[date, int]
    quality: tuple[QualityGate, tuple[Decimal, ...]] | None


def readings_of(initiative_id: int, *, on: date) -> Readings:
    """Return KPI, value, usage and quality readings of an initiative at the end of a day."""
    cards = cards_with_readings(initiative_id, on)
    return Readings(
        unit_cost=_card(cards, Measures.UNIT_COST),
        adoption=_card(cards, Measures.ADOPTION),
        value=value_by_month(initiative_id, on),
        calls=_calls(initiative_id, on),
        quality=_quality(initiative_id, on),
    )


def _card(cards: Sequence[CardReadings], measures: str) -> CardReadings | None:
    return next((row for row in cards if row.card.measures == measures and row.readings), None)


def _calls(initiative_id: int, on: date) -> dict[date, int]:
    rows = UsageDay.objects.current().filter(initiative=initiative_id, day__lte=on).told_once()
    months = rows.annotate(month=TruncMonth("day")).order_by().values_list("month").annotate(calls=Sum("calls"))
    return dict(months)


def _quality(initiative_id: int, on: date) -> tuple[QualityGate, tuple[Decimal, ...]] | None:
    gates = QualityGate.objects.filter(initiative=initiative_id, created_at__date__lte=on, retired_at__isnull=True)
    for gate in gates.order_by("pk"):
        readings = gate.readings.filter(read_on__lte=on).order_by("read_on", "pk")
        if values := tuple(readings.values_list("value", flat=True)):
            return gate, values
    return None


def six_series(line: Line, readings: Readings, *, on: date) -> list[Series]:
    """Return the six series; one without a reading says so."""
    currency = line.budget.currency
    return [
        _cost(line, currency),
        _usage(readings, on),
        _gate(readings),
        _kpi("Adoption", readings.adoption),
        _value(line, readings, currency, on),
        _unit(readings, currency),
    ]


def _series(name: str, value: str, context: str, values: Sequence[Decimal | None]) -> Series:
    return {"name": name, "value": value, "context": context, "values": list(values)}


def _none(name: str, why: str) -> Series:
    return _series(name, "Unknown", why, [])


def _cost(line: Line, currency: str) -> Series:
    if not line.budget.spent and not any(line.months):
        return _none("Cost", "no cost data")
    return _series("Cost", formats.money_key(line.budget.spent, currency), f"{MONTHS} months", line.months)


def _usage(readings: Readings, on: date) -> Series:
    if not readings.calls:
        return _none("Usage", "no usage data")
    months = [readings.calls.get(first) for first in month_starts(on, MONTHS)]
    last = readings.calls[max(readings.calls)]
    return _series("Usage", f"{last:,}", "calls in the last month", [None if n is None else Decimal(n) for n in months])


def _gate(readings: Readings) -> Series:
    if readings.quality is None:
        return _none("Quality", "no reading")
    gate, values = readings.quality
    side = "at least" if gate.direction == "at_least" else "at most"
    context = f"{gate.metric}, {side} {_plain(gate.threshold)}{gate.unit}"
    return _series("Quality", f"{_plain(values[-1])}{gate.unit}", context, values[-MONTHS:])


def _kpi(name: str, read: CardReadings | None) -> Series:
    if read is None or read.latest is None:
        return _none(name, "no reading")
    values = [row.value for row in read.readings[-MONTHS:]]
    return _series(name, _plain(read.latest.value), read.card.unit, values)


def _value(line: Line, readings: Readings, currency: str, on: date) -> Series:
    if line.value is None:
        return _none("Verified value", "none verified")
    months = [readings.value.get(first) for first in month_starts(on, MONTHS)]
    return _series("Verified value", formats.money_key(line.value, currency), "so far", months)


def _unit(readings: Readings, currency: str) -> Series:
    read = readings.unit_cost
    if read is None or read.latest is None:
        return _none("Cost of one outcome", "no reading")
    value = formats.unit_cost(read.latest.value, currency)
    return _series("Cost of one outcome", value, read.card.name, [row.value for row in read.readings[-MONTHS:]])


def _plain(figure: Decimal) -> str:
    return formats.exact(figure.quantize(Decimal("0.0001")).normalize())
