"""Daily spend of one month in stacked columns; days that may still change are drawn pale."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from projects.common import formats
from projects.common.marks.columns import Part, part_labels, stacked
from projects.common.marks.scales import Frame, Money, Periods
from projects.common.marks.shapes import Drawing, Shape, Text, Widths

WEEK = 7


@dataclass(frozen=True)
class DayStack:
    """Spend by day and part from a first day on, as many days as each part has; pale from a day that is provisional."""

    first: date
    parts: Sequence[Part]
    currency: str
    provisional_from: date | None = None
    by: str = "part"

    @property
    def count(self) -> int:
        """Count the days shown."""
        return max((len(part.amounts) for part in self.parts), default=0)

    def day(self, index: int) -> date:
        """Return the day at an index."""
        return self.first + timedelta(days=index)

    def is_pale(self, index: int) -> bool:
        """Say whether a day may still change."""
        return self.provisional_from is not None and self.day(index) >= self.provisional_from


class Days(Periods):
    """A scale of days."""

    def axis(self, y: Decimal) -> list[Shape]:
        """Name the first day and every seventh after it."""
        days = [(index, self.first + timedelta(days=index)) for index in range(0, self.count, WEEK)]
        return [Text("t-ax", self.middle(index), y, formats.on_day(day, year=False), "middle") for index, day in days]


def daily_columns(stack: DayStack) -> Widths:
    """Draw the columns in three widths; the narrow one has no labels, a key stands beside it."""
    return Widths(
        "c",
        wide=_columns(stack, Frame.of(38, 632, 16, 304), 800, 330, named=True),
        medium=_columns(stack, Frame.of(38, 396, 16, 274), 560, 300, named=True),
        narrow=_columns(stack, Frame.of(38, 316, 16, 204), 326, 230, named=False),
    )


def _columns(stack: DayStack, frame: Frame, width: int, height: int, *, named: bool) -> Drawing:
    sums = [
        sum((max(Decimal(0), part.amounts[index]) for part in stack.parts), Decimal(0)) for index in range(stack.count)
    ]
    money = Money.to(max(sums, default=Decimal(0)), frame, stack.currency)
    days = Days(frame, stack.first, stack.count)
    shapes = money.grid()
    middles: list[Decimal] = []
    for index in range(stack.count):
        bars, middles, _ = stacked(stack.parts, index, days, money, pale=stack.is_pale(index))
        shapes += bars
    shapes += days.axis(Decimal(height - 8))
    if named:
        shapes += part_labels(stack.parts, stack.currency, middles, frame)
    return Drawing(Decimal(width), Decimal(height), daily_finding(stack), tuple(shapes))


def daily_finding(stack: DayStack) -> str:
    """State what the columns show, and from which day on they may still change."""
    totals = ", ".join(f"{part.name} {formats.money_full(part.total, stack.currency)}" for part in stack.parts)
    last = stack.day(stack.count - 1)
    period = f"{formats.on_day(stack.first, year=False)} to {formats.on_day_long(last)}"
    first_pale = next((stack.day(index) for index in range(stack.count) if stack.is_pale(index)), None)
    provisional = f" Provisional from {formats.on_day(first_pale, year=False)} on." if first_pale else ""
    return f"Daily spend by {stack.by}, {formats.currency_name(stack.currency)}, {period}. {totals}.{provisional}"
