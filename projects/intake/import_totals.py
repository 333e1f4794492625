"""What the figures of a portfolio add up to, per currency, and how far actuals stand over plan."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from projects.common.money import over_by_percent
from projects.intake.import_records import Record
from projects.intake.import_stages import Stage

TENTH = Decimal("0.1")


@dataclass(frozen=True)
class Sum:
    """How many rows gave a figure, how many gave zero, and the sum per currency."""

    rows: int
    zero: int
    by_currency: dict[str, Decimal]


def sum_of(records: Iterable[Record], part: str) -> Sum:
    """Add up one money field ("budget", "actual", "forecast"), never across currencies."""
    found = [(record.currency, amount) for record in records if (amount := getattr(record, part)) is not None]
    by_currency: defaultdict[str, Decimal] = defaultdict(Decimal)
    for currency, amount in found:
        by_currency[currency] += amount
    return Sum(len(found), sum(not amount for _, amount in found), dict(by_currency))


def over_plan(records: Iterable[Record], percent: Decimal) -> int:
    """Count records whose actual, or else forecast, is more than ``percent`` over a budget above zero."""
    return sum(
        record.budget is not None
        and record.budget > 0
        and (against := measured(record)) is not None
        and over_by_percent(against, record.budget, percent)
        for record in records
    )


def measured(record: Record) -> Decimal | None:
    """Return what stands against the budget: the actual, or where there is none the forecast."""
    return record.actual if record.actual is not None else record.forecast


def in_words(record: Record) -> str:
    """Say how a record stands against its plan, in words rather than by a sign."""
    against = measured(record)
    if record.budget is None:
        return "no budget"
    if record.budget <= 0:
        return "a budget of zero" if not record.budget else "a budget below zero"
    if against is None or against == record.budget:
        return "no figure against the budget" if against is None else "as planned"
    ratio = (abs(against - record.budget) * 100 / record.budget).quantize(TENTH, ROUND_HALF_EVEN)
    return f"{'over' if against > record.budget else 'under'} by {ratio} %"


def by_stage(records: Iterable[Record]) -> dict[str, int]:
    """Count records by our stage, in the order of the stages, stages without a record left out."""
    counts = Counter(record.stage for record in records)
    return {stage.value: counts[stage] for stage in Stage if counts[stage]}
