"""Unit figures of a statement, each with both sides or with the reason why there is none, and when to charge back."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_UP, Decimal

from projects.common.formats import covered
from projects.common.outcomes import Blocker

CENT = Decimal("0.01")


@dataclass(frozen=True)
class UnitFigure:
    """A division with both its sides; `amount` is None where `reason` says why, and `most` where it is sure to a span."""

    label: str
    amount: Decimal | None
    sides: str
    reason: str = ""
    most: Decimal | None = None


def per_unit(label: str, cost: Decimal, count: int | None, unit: str, unknown: str) -> UnitFigure:
    """Divide a cost by a count of things; without any the figure does not exist, and says so."""
    if count is None:
        return UnitFigure(label, None, "", unknown)
    if count <= 0:
        return UnitFigure(label, None, "", f"no {unit} in the month")
    return UnitFigure(label, cost / count, f"{cost:,.2f} ÷ {count:,} {unit}")


@dataclass(frozen=True)
class DayUsers:
    """What the lines of one day say of users: how many lines, how many of them name users, their sum and the largest."""

    lines: int
    known: int
    total: int
    largest: int


def per_user_day(label: str, cost: Decimal, days: Sequence[DayUsers]) -> UnitFigure:
    """Divide a cost by user days. A person may stand in several lines of a day, so lines that differ give a span.

    At least as many people were active as stand in the largest line of each day, at most as many as in all of them.
    """
    lines, known = sum(day.lines for day in days), sum(day.known for day in days)
    if not known:
        return UnitFigure(label, None, "", "no source tells of users")
    if known < lines:
        return UnitFigure(label, None, "", f"{lines - known:,} of {lines:,} lines of usage name no users")
    least, most = sum(day.largest for day in days), sum(day.total for day in days)
    if not least:
        return UnitFigure(label, None, "", "no user days in the month")
    if least == most:
        return per_unit(label, cost, most, "user days", "")
    sides = f"{cost:,.2f} ÷ {least:,} to {most:,} user days: a person may stand in several lines of a day"
    return UnitFigure(label, cost / most, sides, most=cost / least)


def estimate(label: str, amount: Decimal | None, sides: str, unknown: str) -> UnitFigure:
    """Tell an estimate, or why there is none."""
    return UnitFigure(label, amount, sides) if amount is not None else UnitFigure(label, None, "", unknown)


def chargeback_blockers(
    *, month: str, currency: str, claimed: Decimal, total: Decimal, percent: Decimal
) -> list[Blocker]:
    """Say why a month may not be charged back: nothing was spent, or too much of it has no owner."""
    if total <= 0:
        return [Blocker("nothing_to_charge", f"No spend on AI in {currency} stands in {month}.")]
    if claimed * 100 >= total * percent:
        return []
    missing = (total * percent / 100 - claimed).quantize(CENT, ROUND_UP)  # never a little too few
    return [
        Blocker(
            "coverage_too_low",
            f"{covered(claimed / total)} of the {currency} {total:,.2f} spent on AI in {month} has an owner; the policy "
            f"charges back from {percent.normalize():f}%. Claim {currency} {missing:,.2f} more, then charge back.",
        )
    ]
