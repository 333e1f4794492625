"""Charts with one row each: spend beside verified value, milestones planned and met, escalations by month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from projects.common import formats
from projects.common.marks.scales import Frame, Months, ticks
from projects.common.marks.shapes import Dot, Drawing, Line, Rect, Shape, Text, Widths, place, text_width

LABEL = Decimal(196)  # room for a name on the left of its row
ROW = 26
TALL_ROW = 40
MILESTONE_ROW = 44
MILESTONE_FOOT = 28


@dataclass(frozen=True)
class Pair:
    """Spend and verified value of one initiative."""

    name: str
    spent: Decimal
    value: Decimal


def spend_and_value_rows(pairs: Sequence[Pair], currency: str = "USD") -> Widths:
    """Draw one row for each initiative from spend to value, with value for each unit of money at the end."""
    return Widths(
        "d",
        wide=_pairs(pairs, 1180, currency, narrow=False),
        medium=_pairs(pairs, 640, currency, narrow=False),
        narrow=_pairs(pairs, 326, currency, narrow=True),
    )


def _pairs(pairs: Sequence[Pair], width: int, currency: str, *, narrow: bool) -> Drawing:
    left = Decimal(0) if narrow else LABEL
    right = Decimal(width - (71 if narrow else 112))
    marks = ticks(max([amount for pair in pairs for amount in (pair.spent, pair.value)], default=Decimal(0)))
    height = 34 + len(pairs) * (TALL_ROW if narrow else ROW)

    def x(amount: Decimal) -> Decimal:
        return place(left + amount / marks[-1] * (right - left))

    shapes: list[Shape] = []
    for mark in marks:
        anchor = "start" if mark == 0 else "middle"
        shapes.append(Line("grid", x(mark), Decimal(18), x(mark), Decimal(height - 6)))
        shapes.append(Text("t-ax", x(mark), Decimal(14), formats.money_axis(mark, currency), anchor))
    for index, pair in enumerate(pairs):
        y = Decimal(54 + index * TALL_ROW if narrow else 39 + index * ROW)
        shapes.append(Text("t", Decimal(0), y - 12 if narrow else y + 4, pair.name))
        ends = sorted((x(pair.spent), x(pair.value)))
        shapes.append(Line("dbu" if pair.value >= pair.spent else "dbd", ends[0], y, ends[1], y))
        shapes += [Dot("sdot", x(pair.spent), y, Decimal("4.5")), Dot("vdot", x(pair.value), y, Decimal("4.5"))]
        share = formats.grouped(pair.value / pair.spent, 2) if pair.spent else "n/a"
        shapes.append(Text("t-b", Decimal(width), y + 4, share, "end"))
    shapes.append(Text("t-ax", Decimal(width), Decimal(14), f"per {formats.symbol(currency)}1", "end"))
    return Drawing(Decimal(width), Decimal(height), pairs_finding(pairs), tuple(shapes))


def pairs_finding(pairs: Sequence[Pair]) -> str:
    """State what the rows show."""
    ahead = sum(1 for pair in pairs if pair.value > pair.spent)
    rows = formats.counted(len(pairs), "initiative")
    return f"Spend and verified value by initiative: value is above spend in {ahead} of {rows}"


@dataclass(frozen=True)
class Milestone:
    """A milestone: baselined due date, and the day on which it was met, or is expected."""

    name: str
    due_on: date
    met_on: date | None = None
    expected_on: date | None = None


def milestone_rows(milestones: Sequence[Milestone], first: date, months: int, today: date) -> Widths:
    """Draw planned against actual dates, one row for each milestone."""
    return Widths(
        "d",
        wide=_milestones(milestones, first, months, today, 1180),
        medium=_milestones(milestones, first, months, today, 640),
        narrow=_milestones(milestones, first, months, today, 326),
    )


def _milestones(milestones: Sequence[Milestone], first: date, count: int, today: date, width: int) -> Drawing:
    height = Decimal(MILESTONE_FOOT + len(milestones) * MILESTONE_ROW)
    months = Months(Frame(Decimal(4), Decimal(width - 4), Decimal(18), height), first, count)
    every = 1 if months.slot >= 36 else 2
    shapes: list[Shape] = []
    for index in range(0, count, every):
        month = months.month(index)
        x = months.start_of(month)
        shapes.append(Line("grid", x, Decimal(18), x, height))
        shapes.append(Text("t-ax", x + 3, Decimal(14), formats.MONTHS[month.month - 1][:3]))
    shapes.append(Line("now", months.end_of(today), Decimal(18), months.end_of(today), height))
    for index, milestone in enumerate(milestones):
        shapes += _milestone(milestone, months, Decimal(43 + index * MILESTONE_ROW), Decimal(width))
    return Drawing(Decimal(width), height, milestones_finding(milestones, today), tuple(shapes))


def _milestone(milestone: Milestone, months: Months, y: Decimal, width: Decimal) -> list[Shape]:
    """Draw the plan as an open diamond, the fact as a full one, and the days between as a bar."""
    due = months.end_of(milestone.due_on)
    fits = due + text_width(milestone.name) <= width
    label = Text("t", due, y, milestone.name) if fits else Text("t", due - 8, y, milestone.name, "end")
    shapes: list[Shape] = [label]
    actual = milestone.met_on or milestone.expected_on
    if actual and actual != milestone.due_on:
        kind = "late" if actual > milestone.due_on else "early"
        shapes.append(Line(kind, due, y + 12, months.end_of(actual), y + 12))
    shapes.append(Dot("plan", due, y + 12, Decimal(5), diamond=True))
    if actual:
        kind = "done" if milestone.met_on else "fcm"
        shapes.append(Dot(kind, months.end_of(actual), y + 12, Decimal(5), diamond=True))
    return shapes


def milestones_finding(milestones: Sequence[Milestone], today: date) -> str:
    """State what the rows show."""
    met = sum(1 for milestone in milestones if milestone.met_on)
    late = sum(1 for milestone in milestones if not milestone.met_on and milestone.due_on < today)
    whole = formats.counted(len(milestones), "milestone")
    return f"Milestones, planned against actual dates: {met} of {whole} met, {late} overdue"


def raised_strip(first: date, series: Sequence[tuple[str, str, Sequence[int]]]) -> Drawing:
    """Draw escalations raised in each month, a square each; series are (name, kind k1 or k2, counts by month)."""
    count = max((len(counts) for _, _, counts in series), default=0)
    tallest = max((number for _, _, counts in series for number in counts), default=0)
    row = Decimal(max(34, 8 + tallest * 9))
    months = Months(Frame(Decimal(66), Decimal(332), Decimal(0), row), first, max(1, count))
    height = row * len(series) + 24
    shapes: list[Shape] = list(months.axis(height - 4, short=True))[:count]
    for index, (name, kind, counts) in enumerate(series):
        floor = row * (index + 1)
        shapes.append(Text("t", Decimal(0), floor - 4, name))
        shapes.append(Line("base", Decimal(66), floor, Decimal(332), floor))
        for month, number in enumerate(counts):
            x = place(months.frame.left + months.slot * (month + Decimal("0.5")) - 5)
            shapes += [Rect(kind, x, floor - 8 - 9 * step, Decimal(10), Decimal(7)) for step in range(number)]
    return Drawing(Decimal(336), height, raised_finding(first, series), tuple(shapes))


def raised_finding(first: date, series: Sequence[tuple[str, str, Sequence[int]]]) -> str:
    """State what the strip shows."""
    told = []
    for name, _, counts in series:
        months = [
            f"{formats.MONTHS[(first.month - 1 + index) % 12][:3]} {number}"
            for index, number in enumerate(counts)
            if number
        ]
        told.append(f"{name}: {', '.join(months) or 'none'}")
    return f"Escalations raised by month. {'; '.join(told)}"
