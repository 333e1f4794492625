"""Readings of a measure over time against the limits that it keeps to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from projects.common import formats
from projects.common.marks.lines import end_labels
from projects.common.marks.scales import Frame, Months, ticks
from projects.common.marks.shapes import Dot, Drawing, Line, Path, Shape, Text, Widths, place

FEWEST = 2


@dataclass(frozen=True)
class Series:
    """A measure's readings from oldest to newest, and its limits, each as a word and a figure."""

    name: str
    unit: str
    readings: Sequence[tuple[date, Decimal]]
    limits: Sequence[tuple[str, Decimal]] = ()


def readings_chart(series: Series) -> Widths | None:
    """Draw readings against their limits in two widths; None for fewer than two, or for figures below zero."""
    figures = [figure for _, figure in (*series.readings, *series.limits)]
    if len(series.readings) < FEWEST or min(figures) < 0:
        return None
    return Widths(
        "a",
        wide=_drawn(series, Frame.of(48, 296, 14, 182), 400, 208),
        narrow=_drawn(series, Frame.of(44, 236, 14, 174), 326, 200),
    )


def _drawn(series: Series, frame: Frame, width: int, height: int) -> Drawing:
    marks = ticks(max(figure for _, figure in (*series.readings, *series.limits)))
    first, last = series.readings[0][0].replace(day=1), series.readings[-1][0]
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    months = Months(frame, first, count)

    def y(figure: Decimal) -> Decimal:
        return place(frame.bottom - figure / marks[-1] * (frame.bottom - frame.top))

    shapes: list[Shape] = []
    for mark in marks:
        shapes.append(Line("grid", frame.left, y(mark), frame.right, y(mark)))
        shapes.append(Text("t-ax", frame.left - 6, y(mark) + 4, formats.exact(mark.normalize()), "end"))
    every = max(1, -(-count // 6))
    shapes += [shape for index, shape in enumerate(months.axis(Decimal(height - 8))) if index % every == 0]
    ends: list[tuple[Decimal, str, str, str]] = []
    for word, figure in series.limits:
        shapes.append(Line("limline", frame.left, y(figure), frame.right, y(figure)))
        ends.append((y(figure), "t", word, formats.exact(figure.normalize())))
    points = tuple((months.end_of(day), y(figure)) for day, figure in series.readings)
    shapes.append(Path("sline", points))
    shapes += [Dot("sdot", *point, Decimal(3)) for point in points]
    newest = series.readings[-1][1]
    ends.append((y(newest), "t-spend", "Now", formats.exact(newest.normalize())))
    shapes += end_labels(sorted(ends, key=lambda end: end[0]), frame.right + 6, frame, short=False)
    return Drawing(Decimal(width), Decimal(height), readings_finding(series), tuple(shapes))


def readings_finding(series: Series) -> str:
    """State what the chart shows."""
    (first, start), (last, end) = series.readings[0], series.readings[-1]
    verb = "fell" if end < start else "rose" if end > start else "stayed"
    figures = [formats.exact(figure.normalize()) for figure in (start, end)]
    unit = f" {series.unit}".rstrip()
    limits = ", ".join(f"{word.lower()} {formats.exact(figure.normalize())}" for word, figure in series.limits)
    course = f"stayed at {figures[1]}{unit}" if verb == "stayed" else f"{verb} from {figures[0]} to {figures[1]}{unit}"
    words = f"{series.name} {course} between {formats.on_day(first)} and {formats.on_day(last)}"
    return f"{words}; {limits}." if limits else f"{words}."
