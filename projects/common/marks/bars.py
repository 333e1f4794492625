"""Spend and verified value by month in half a page of the pack."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from projects.common import formats
from projects.common.marks.scales import Frame, Money, Months
from projects.common.marks.shapes import Drawing, Path, Rect, Shape, Text, place

FRAME = Frame.of(34, 262, 12, 110)


@dataclass(frozen=True)
class Month:
    """Spend and verified value of one month; value is None where it is not known."""

    spent: Decimal
    value: Decimal | None = None


def spend_by_month(name: str, first: date, months: Sequence[Month], *, is_cut: bool, currency: str = "USD") -> Drawing:
    """Draw spend as bars and verified value as a line; a month that is not complete is pale and has no value."""
    figures = [month.spent for month in months] + [month.value for month in months if month.value is not None]
    money = Money.to(max(figures, default=Decimal(0)), FRAME, currency)
    scale = Months(FRAME, first, max(1, len(months)))
    shapes = money.grid() + scale.axis(Decimal(122), short=True)
    line: list[tuple[Decimal, Decimal]] = []
    for index, month in enumerate(months):
        pale = is_cut and index == len(months) - 1
        x = place(FRAME.left + scale.slot * (index + Decimal("0.16")))
        top = money.y(max(Decimal(0), month.spent))
        shapes.append(Rect("spend", x, top, place(scale.slot * Decimal("0.68")), FRAME.bottom - top, pale=pale))
        if month.value is not None and not pale:
            line.append((place(FRAME.left + scale.slot * (index + Decimal("0.5"))), money.y(month.value)))
    if len(line) > 1:
        shapes.append(Path("vline", tuple(line)))
    shapes += _labels(months, money, line)
    label = f"{name}: spend and verified value by month, {formats.currency_name(currency)}"
    return Drawing(Decimal(326), Decimal(132), label, tuple(shapes))


def _labels(months: Sequence[Month], money: Money, line: Sequence[tuple[Decimal, Decimal]]) -> list[Shape]:
    """Name the bars, and the line where there is one, beside the field and apart."""
    if not months:
        return []
    spend = min(FRAME.bottom, money.y(months[-1].spent) + 4)
    shapes: list[Shape] = [Text("t-spend", FRAME.right + 8, spend, "Spend")]
    if len(line) > 1:
        value = line[-1][1] + 4
        if abs(value - spend) < 14:
            value = spend - 14
        shapes.append(Text("t-value", FRAME.right + 8, value, "Value"))
    return shapes
