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


def small_series(values: Sequence[Decimal | None], label: str, width: int = 196, height: int = 40) -> Drawing:
    """Draw one of a dossier's small series from zero; a month that is not known breaks the line."""
    left, right, head, floor = Decimal(2), Decimal(width - 6), Decimal(5), Decimal(height - 3)
    known = [value for value in values if value is not None]
    shapes: list[Shape] = [Line("base", Decimal(0), floor, Decimal(width), floor)]
    largest = max(known, default=Decimal(0))
    if largest > 0:
        step = (right - left) / max(1, len(values) - 1)
        runs: list[list[tuple[Decimal, Decimal]]] = [[]]
        for index, value in enumerate(values):
            if value is None:
                runs.append([])
            else:
                runs[-1].append((place(left + step * index), place(floor - value / largest * (floor - head))))
        shapes += [Path("spk", tuple(run)) for run in runs if len(run) > 1]
        shapes += [Dot("spd", *run[-1], Decimal("2.4")) for run in runs if run]
    return Drawing(Decimal(width), Decimal(height), label, tuple(shapes), css="spark")
