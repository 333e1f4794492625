"""Where figures and days fall on a sheet."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal

from projects.common.formats import MONTHS, money_axis, symbol
from projects.common.marks.shapes import Line, Shape, Text, place

STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))
MOST_INTERVALS = 5


def ticks(largest: Decimal) -> list[Decimal]:
    """List round figures from zero to at least the largest, in at most five steps."""
    if largest <= 0:
        return [Decimal(0), Decimal(1)]
    power = Decimal(1).scaleb((largest / MOST_INTERVALS).adjusted())
    step = next(power * round_step for round_step in STEPS if power * round_step * MOST_INTERVALS >= largest)
    count = int((largest / step).to_integral_value(ROUND_CEILING))
    return [step * index for index in range(count + 1)]


@dataclass(frozen=True)
class Frame:
    """The inner field of a chart, in pixels."""

    left: Decimal
    right: Decimal
    top: Decimal
    bottom: Decimal

    @classmethod
    def of(cls, left: int, right: int, top: int, bottom: int) -> "Frame":
        """Make a field from whole pixels."""
        return cls(Decimal(left), Decimal(right), Decimal(top), Decimal(bottom))


@dataclass(frozen=True)
class Money:
    """A vertical scale of money from zero."""

    frame: Frame
    marks: tuple[Decimal, ...]
    currency: str = "USD"

    @classmethod
    def to(cls, largest: Decimal, frame: Frame, currency: str) -> "Money":
        """Make a scale that holds the largest figure."""
        return cls(frame, tuple(ticks(largest)), currency)

    def y(self, amount: Decimal) -> Decimal:
        """Place an amount."""
        return place(self.frame.bottom - amount / self.marks[-1] * (self.frame.bottom - self.frame.top))

    def grid(self) -> list[Shape]:
        """Draw the grid with its figures; only zero carries the currency."""
        shapes: list[Shape] = []
        for mark in self.marks:
            y, sign = self.y(mark), symbol(self.currency)
            words = money_axis(mark, self.currency)
            shapes.append(Line("grid", self.frame.left, y, self.frame.right, y))
            shapes.append(
                Text("t-ax", self.frame.left - 6, y + 4, words if not mark else words.removeprefix(sign), "end")
            )
        return shapes


@dataclass(frozen=True)
class Periods:
    """A horizontal scale of periods, all equally wide, from the first day of the first one on."""

    frame: Frame
    first: date
    count: int

    @property
    def slot(self) -> Decimal:
        """Give the width of a period."""
        return (self.frame.right - self.frame.left) / self.count

    def middle(self, index: int) -> Decimal:
        """Place the middle of a period."""
        return place(self.frame.left + self.slot * (index + Decimal("0.5")))


class Months(Periods):
    """A scale of months."""

    def month(self, index: int) -> date:
        """Give the first day of the month at an index."""
        months = self.first.year * 12 + self.first.month - 1 + index
        return date(months // 12, months % 12 + 1, 1)

    def start_of(self, day: date) -> Decimal:
        """Place the beginning of a day."""
        return self._at(day, day.day - 1)

    def end_of(self, day: date) -> Decimal:
        """Place the end of a day, where figures up to and with that day belong."""
        return self._at(day, day.day)

    def _at(self, day: date, days: int) -> Decimal:
        index = (day.year - self.first.year) * 12 + day.month - self.first.month
        share = index + Decimal(days) / monthrange(day.year, day.month)[1]
        return place(self.frame.left + self.slot * max(Decimal(0), min(Decimal(self.count), share)))

    def axis(self, y: Decimal, *, short: bool = False) -> list[Shape]:
        """Name the months under the field, by one letter where there is little room."""
        names = [MONTHS[self.month(index).month - 1] for index in range(self.count)]
        return [
            Text("t-ax", self.middle(index), y, name[: 1 if short else 3], "middle") for index, name in enumerate(names)
        ]
