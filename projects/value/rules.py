"""Shares of a benefit, decay of claims, and whether a KPI card is complete."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from projects.common.outcomes import Blocker

WHOLE = Decimal(100)
CLAIM_MOVES = (
    ("declared", "measured"),
    ("measured", "verified"),
    ("declared", "rejected"),
    ("measured", "rejected"),
    ("verified", "decayed"),
    ("decayed", "measured"),
)


def share_blockers(share: Decimal, taken: Iterable[Decimal], benefit: str) -> list[Blocker]:
    """Say why a share of a benefit is refused: not above zero, or more than what other claims leave of 100%."""
    if not share.is_finite() or share <= 0:
        return [Blocker("share_wrong", f"The share of {benefit} must be above 0%, not {share}%.")]
    left = WHOLE - sum(taken, Decimal(0))
    if share > left:
        return [Blocker("share_over", f"{share}% of {benefit} is claimed, only {left}% is left. Lower the share.")]
    return []


def months_before(day: date, months: int) -> date:
    """Return the day ``months`` earlier, or that month's last day where it has no such day."""
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    first_of_next = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(day.day, (first_of_next - timedelta(days=1)).day))


def has_decayed(verified_on: date, *, on: date, months: int) -> bool:
    """Say whether a verification is more than ``months`` months old."""
    return verified_on < months_before(on, months)


def card_gaps(
    *,
    baseline: Decimal | None,
    target: Decimal | None,
    floor: Decimal | None,
    ceiling: Decimal | None,
    source: str,
    is_unit_cost: bool,
) -> list[str]:
    """Name what a KPI card lacks: baseline, target, floor (ceiling for a unit cost), source."""
    bound = ("ceiling", ceiling) if is_unit_cost else ("floor", floor)
    figures = [("baseline", baseline), ("target", target), bound]
    return [name for name, figure in figures if figure is None] + ([] if source.strip() else ["source"])


def meets_target(value: Decimal, target: Decimal, direction: str) -> bool:
    """Say whether a reading reaches the target; exactly the target does."""
    return value >= target if direction == "up" else value <= target


def over_ceiling_run(values: Sequence[Decimal], ceiling: Decimal) -> int:
    """Count the latest readings in a row above the ceiling; ``values`` run from oldest to newest."""
    count = 0
    for value in reversed(values):
        if value <= ceiling:
            break
        count += 1
    return count


YARDSTICK = ("baseline", "target", "floor", "ceiling")


def yardstick_moved(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Name which of baseline, target, floor and ceiling leave a figure that was set."""
    return [
        name for name in YARDSTICK if name in after and before.get(name) is not None and before[name] != after[name]
    ]


def reading_blockers(
    name: str, value: Decimal, period_start: date, period_end: date, *, on: date, largest: int
) -> list[Blocker]:
    """Say why a reading cannot stand: no finite figure, or a half-open period that runs backwards or is not over."""
    found = []
    if not value.is_finite() or abs(value) >= largest:
        found.append(Blocker("reading_refused", f"{name}: the reading must be a number, not {value}."))
    if period_end <= period_start:
        found.append(Blocker("reading_refused", f"{name}: the period must end after it begins."))
    elif period_end > on:
        last = period_end - timedelta(days=1)
        found.append(Blocker("reading_refused", f"{name}: the period ends on {last} and is not over yet."))
    return found
