"""What value is worth against what it cost: divisions that show both sides, payback, break-even, time to value. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from projects.value.rules import months_before

ZERO = Decimal(0)
ONE_DAY = timedelta(days=1)
PACE_DAYS = 92  # three months, over which the way on is projected


@dataclass(frozen=True)
class Side:
    """One side of a division: what it is, and its figure where that is known."""

    name: str
    figure: Decimal | None
    is_money: bool = False
    unknown: str = ""


@dataclass(frozen=True)
class Division:
    """A figure that is one thing over another, shown as percent, money or ratio, or the reason why there is none."""

    label: str
    upper: Side
    lower: Side
    shown_as: str = "money"

    @property
    def result(self) -> Decimal | None:
        """Return upper ÷ lower; None where a side is unknown or nothing stands below."""
        if self.upper.figure is None or self.lower.figure is None or self.lower.figure == 0:
            return None
        return self.upper.figure / self.lower.figure

    @property
    def because(self) -> str:
        """Say why there is no figure."""
        for side in (self.upper, self.lower):
            if side.figure is None:
                return side.unknown or f"{side.name} is not known"
        return "" if self.lower.figure else f"{self.lower.name} is zero"


def return_on(
    label: str,
    value: Decimal | None,
    cost: Decimal | None,
    *,
    unknown: str,
    no_cost: str = "no cost is known",
    name: str,
) -> Division:
    """Return (value − full cost) ÷ full cost over the same days."""
    gain = None if value is None or cost is None else value - cost
    lower = Side("full cost", cost, True, no_cost)
    upper = Side(f"{name} − full cost", gain, True, unknown if value is None else lower.unknown)
    return Division(label, upper, lower, "percent")


@dataclass(frozen=True)
class Payback:
    """When cumulative value passed cumulative cost for good, or will at the present pace, or why it does not."""

    on: date | None
    is_projected: bool = False
    because: str = ""


def payback(costs: Mapping[date, Decimal], gains: Mapping[date, Decimal], *, until: date) -> Payback:
    """Return the last crossing of cumulative value over cost that holds to ``until``; else project the last 3 months.

    ``costs`` and ``gains`` are by the day on which they fell; value falls on the last day of its claim's period.
    """
    days = sorted(day for day in {*costs, *gains} if day <= until)
    lead, crossed = ZERO, None
    for day in days:
        lead += gains.get(day, ZERO) - costs.get(day, ZERO)
        if lead <= 0:
            crossed = None
        elif crossed is None:
            crossed = day
    if crossed is not None:
        return Payback(crossed)
    if not any(gain > 0 for day, gain in gains.items() if day <= until):
        return Payback(None, because="no value is verified")
    since = until - timedelta(days=PACE_DAYS)
    pace = sum((gain for day, gain in gains.items() if since < day <= until), ZERO)
    pace -= sum((cost for day, cost in costs.items() if since < day <= until), ZERO)
    if pace <= 0:
        return Payback(None, because="value of the last three months does not exceed their cost")
    wanted = -lead * PACE_DAYS / pace
    ahead = int(wanted) + 1  # strictly over
    if ahead > 36_500:
        return Payback(None, because="at the pace of the last three months it lies more than a century ahead")
    return Payback(until + timedelta(days=ahead), is_projected=True)


def uncovered_cost(costs: Mapping[date, Decimal], periods: Sequence[tuple[date, date]]) -> Decimal:
    """Return the cost of days inside no half-open period with verified value."""
    return sum(
        (cost for day, cost in costs.items() if not any(start <= day < end for start, end in periods)),
        ZERO,
    )


def within(amounts: Mapping[date, Decimal], start: date, end: date) -> Decimal | None:
    """Return the sum of a half-open period; None, not zero, where nothing fell into it."""
    found = [amount for day, amount in amounts.items() if start <= day < end]
    return sum(found, ZERO) if found else None


def year_before(until: date) -> date:
    """Return the first day of the twelve months that end with a day."""
    return months_before(until + ONE_DAY, 12)


def last_full_month(until: date) -> tuple[date, date]:
    """Return the last calendar month that was over by the end of a day, half-open."""
    end = (until + ONE_DAY).replace(day=1)
    return months_before(end, 1), end
