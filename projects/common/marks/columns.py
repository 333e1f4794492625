"""Monthly spend in stacked columns, by cost layer or by any other few parts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from projects.common import formats
from projects.common.marks.scales import Frame, Money, Months, Periods
from projects.common.marks.shapes import Drawing, Rect, Shape, Text, Widths, place, spread

GAP = Decimal("0.8")
LEAST = Decimal("0.5")
SHARE = Decimal("0.72")  # of a month's slot that the column fills
LABEL_GAP = Decimal(20)


@dataclass(frozen=True)
class Part:
    """One colour of the columns: its kind (l1 to l4 for layers, s1 to s5 by place, ln for unclaimed), name, short name, amount by month."""

    kind: str
    name: str
    short: str
    amounts: Sequence[Decimal]

    @property
    def total(self) -> Decimal:
        """Give the sum of all months."""
        return sum(self.amounts, Decimal(0))


@dataclass(frozen=True)
class Stack:
    """Spend by month and part, from the bottom up; the last month is cut off at a day unless that ends it.

    Months from `pale_from` on are drawn pale, because they may still change; without it the cut one is.
    """

    first: date
    until: date
    parts: Sequence[Part]
    currency: str = "USD"
    pale_from: date | None = None
    by: str = "part"

    @property
    def months(self) -> int:
        """Count the months shown."""
        return (self.until.year - self.first.year) * 12 + self.until.month - self.first.month + 1

    @property
    def is_cut(self) -> bool:
        """Say whether the last month is not complete."""
        return self.until.month == (self.until + timedelta(days=1)).month


def monthly_columns(stack: Stack) -> Widths:
    """Draw the columns in three widths; the narrow one has no labels, a key stands beside it."""
    return Widths(
        "c",
        wide=_columns(stack, Frame.of(38, 632, 16, 304), 800, 330, short=False),
        medium=_columns(stack, Frame.of(38, 396, 16, 274), 560, 300, short=False),
        narrow=_columns(stack, Frame.of(38, 316, 16, 204), 326, 230, short=True),
    )


def _columns(stack: Stack, frame: Frame, width: int, height: int, *, short: bool) -> Drawing:
    sums = [
        sum((max(Decimal(0), part.amounts[index]) for part in stack.parts), Decimal(0)) for index in range(stack.months)
    ]
    money = Money.to(max(sums, default=Decimal(0)), frame, stack.currency)
    months = Months(frame, stack.first, stack.months)
    shapes = money.grid()
    middles: list[Decimal] = []
    top = frame.bottom
    for index in range(stack.months):
        pale = months.month(index) >= stack.pale_from if stack.pale_from else stack.is_cut and index == stack.months - 1
        bars, middles, top = stacked(stack.parts, index, months, money, pale=pale)
        shapes += bars
    shapes += months.axis(Decimal(height - 8), short=short)
    if stack.is_cut and not short:
        x = place(frame.left + months.slot * (stack.months - Decimal("0.5")))
        shapes.append(Text("t-ax", x, top - 6, f"to {ordinal(stack.until.day)}", "middle"))
    if not short:
        shapes += part_labels(stack.parts, stack.currency, middles, frame)
    return Drawing(Decimal(width), Decimal(height), stack_finding(stack), tuple(shapes))


def stacked(
    parts: Sequence[Part], index: int, slots: Periods, money: Money, *, pale: bool
) -> tuple[list[Shape], list[Decimal], Decimal]:
    """Draw one column; answer with its bars, the middle of each part, and its top."""
    x = place(slots.frame.left + slots.slot * (index + (1 - SHARE) / 2))
    width = place(slots.slot * SHARE)
    shapes: list[Shape] = []
    middles: list[Decimal] = []
    floor, below = slots.frame.bottom, Decimal(0)
    for part in parts:
        amount = max(Decimal(0), part.amounts[index])
        top = money.y(below + amount)
        middles.append((floor + top) / 2)
        if amount:
            tall = max(LEAST, floor - top - GAP)
            shapes.append(Rect(part.kind, x, top, width, tall, hatched=part.kind == "ln", pale=pale))
        floor, below = top, below + amount
    return shapes, middles, floor


def part_labels(named: Sequence[Part], currency: str, middles: Sequence[Decimal], frame: Frame) -> list[Shape]:
    """Name each part beside the last column, with its total over all of them."""
    shapes: list[Shape] = []
    parts = list(reversed(list(zip(middles, named, strict=True))))
    heights = spread([middle for middle, _ in parts], LABEL_GAP, frame.top, frame.bottom - 8)
    for y, (_, part) in zip(heights, parts, strict=True):
        y = place(y)
        words = f"{part.short} {formats.money_key(part.total, currency)}"
        swatch = Rect(part.kind, frame.right + 10, y - 5, Decimal(10), Decimal(10), hatched=part.kind == "ln")
        shapes += [swatch, Text("t", frame.right + 26, y + 4, words)]
    return shapes


def ordinal(day: int) -> str:
    """Write a day of the month as it is spoken: 1st, 2nd, 16th."""
    ends = {1: "st", 2: "nd", 3: "rd"}
    return f"{day}{'th' if 10 < day < 14 else ends.get(day % 10, 'th')}"


def stack_finding(stack: Stack) -> str:
    """State what the columns show."""
    totals = ", ".join(f"{part.name} {formats.money_full(part.total, stack.currency)}" for part in stack.parts)
    period = f"{formats.MONTHS[stack.first.month - 1]} to {formats.on_day_long(stack.until)}"
    return f"Monthly spend by {stack.by}, {formats.currency_name(stack.currency)}, {period}. {totals}."


def mix_bar(
    parts: Sequence[tuple[str, Decimal]], label: str, height: int = 10, *, whole: Decimal | None = None
) -> Drawing:
    """Draw the shares of a whole in one bar; parts are (kind, amount).

    The bar is as wide as its column; where `whole` is the largest of several bars, as wide as its part of that.
    """
    whole = sum((amount for _, amount in parts), Decimal(0)) if whole is None else whole
    start = Decimal(0)
    shapes: list[Shape] = []
    for kind, amount in parts:
        width = (amount / whole * 100 if whole else Decimal(0)).quantize(Decimal("0.01"))
        if width:
            shapes.append(Rect(kind, start, Decimal(0), width, Decimal(height), hatched=kind == "ln"))
        start += width
    return Drawing(Decimal(100), Decimal(height), label, tuple(shapes), fluid=True, css="mix")
