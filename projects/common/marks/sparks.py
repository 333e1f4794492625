"""A month's trend in the width of a word."""

from collections.abc import Sequence
from decimal import Decimal

from projects.common.marks.shapes import Dot, Drawing, Line, Path, Shape, place

HEIGHT = Decimal(22)
FLOOR = Decimal(18)
HEAD = Decimal(4)


def sparkline(values: Sequence[Decimal], label: str, width: int = 84) -> Drawing:
    """Draw full months from zero, the last one dotted; nothing to draw gives a dotted line."""
    left, right = Decimal(2), Decimal(width - 6)
    largest = max(values, default=Decimal(0))
    if largest <= 0:
        void: tuple[Shape, ...] = (Line("void", Decimal(1), FLOOR, Decimal(width - 4), FLOOR),)
        return Drawing(Decimal(width), HEIGHT, label, void, css="spark")
    step = (right - left) / max(1, len(values) - 1)
    start = left if len(values) > 1 else right
    points = tuple(
        (place(start + step * index), place(FLOOR - value / largest * (FLOOR - HEAD)))
        for index, value in enumerate(values)
    )
    shapes: tuple[Shape, ...] = (Path("spk", points), Dot("spd", *points[-1], Decimal("2.4")))
    return Drawing(Decimal(width), HEIGHT, label, shapes, css="spark")
