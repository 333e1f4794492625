"""The shapes that marks are made of."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

TENTH = Decimal("0.1")
HUNDREDTH = Decimal("0.01")
TEXT_WIDTH = Decimal("6.7")  # pixels of one letter at 12 px, on the generous side


@dataclass(frozen=True)
class Rect:
    """A bar. In a fluid drawing x is percent, and so is the width unless it is fixed."""

    kind: str
    x: Decimal
    y: Decimal
    width: Decimal
    height: Decimal
    fixed: bool = False
    hatched: bool = False
    pale: bool = False


@dataclass(frozen=True)
class Line:
    """A straight line."""

    kind: str
    x1: Decimal
    y1: Decimal
    x2: Decimal
    y2: Decimal


@dataclass(frozen=True)
class Path:
    """A line through points, or the area inside them when closed."""

    kind: str
    points: tuple[tuple[Decimal, Decimal], ...]
    closed: bool = False


@dataclass(frozen=True)
class Dot:
    """A round mark, or a diamond."""

    kind: str
    x: Decimal
    y: Decimal
    radius: Decimal
    diamond: bool = False


@dataclass(frozen=True)
class Text:
    """A label; its anchor is start, middle or end."""

    kind: str
    x: Decimal
    y: Decimal
    words: str
    anchor: str = "start"


Shape = Rect | Line | Path | Dot | Text


@dataclass(frozen=True)
class Drawing:
    """Shapes on a sheet, and the finding in words."""

    width: Decimal
    height: Decimal
    label: str
    shapes: tuple[Shape, ...]
    fluid: bool = False
    css: str = "chart"


@dataclass(frozen=True)
class Widths:
    """One drawing in two or three widths; the letter names the container query that picks one."""

    fit: str
    wide: Drawing
    narrow: Drawing
    medium: Drawing | None = None


def sized(drawing: Drawing, width: int) -> Drawing:
    """Give a fluid drawing a width in pixels, for paper."""
    if not drawing.fluid:
        return drawing
    return replace(
        drawing, width=Decimal(width), fluid=False, shapes=tuple(_stretch(shape, width) for shape in drawing.shapes)
    )


def _stretch(shape: Shape, width: int) -> Shape:
    factor = Decimal(width) / 100
    if isinstance(shape, Rect):
        return replace(
            shape, x=place(shape.x * factor), width=shape.width if shape.fixed else place(shape.width * factor)
        )
    if isinstance(shape, Line):
        return replace(shape, x1=place(shape.x1 * factor), x2=place(shape.x2 * factor))
    return shape


def place(number: Decimal) -> Decimal:
    """Round a pixel to a tenth, which is finer than any screen."""
    return number.quantize(TENTH)


def text_width(words: str) -> Decimal:
    """Estimate the width of a label in pixels."""
    return TEXT_WIDTH * len(words)


def spread(wanted: Sequence[Decimal], gap: Decimal, top: Decimal, bottom: Decimal) -> list[Decimal]:
    """Move labels, wanted from top to bottom, apart to at least a gap with the least moving, inside top and bottom."""
    clusters: list[tuple[Decimal, int]] = []  # centre of each run of labels and its length
    for middle in wanted:
        centre, size = middle, 1
        while clusters and centre - gap * (size - 1) / 2 - gap < clusters[-1][0] + gap * (clusters[-1][1] - 1) / 2:
            above, count = clusters.pop()
            own = centre * size + above * count
            centre, size = own / (size + count), size + count
        clusters.append((centre, size))
    places: list[Decimal] = []
    for centre, size in clusters:
        reach = gap * (size - 1) / 2
        centre = max(top + reach, min(bottom - reach, centre))
        places += [centre - reach + gap * index for index in range(size)]
    return places
