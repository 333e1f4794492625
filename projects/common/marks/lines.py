"""Lines over months: spend against verified value, and the cost of one outcome against its worth."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from projects.common import formats
from projects.common.marks.scales import Frame, Money, Months
from projects.common.marks.shapes import Dot, Drawing, Line, Path, Shape, Text, Widths, place, spread

LABEL_GAP = Decimal(17)
LINE_HEIGHT = 14
Point = tuple[Decimal, Decimal]


@dataclass(frozen=True)
class Reading:
    """Cumulative spend and verified value up to the end of a day."""

    on: date
    spent: Decimal
    value: Decimal


@dataclass(frozen=True)
class Course:
    """Spend against value over a period: readings in order, approvals as (first day, cumulative amount)."""

    first: date
    months: int
    readings: Sequence[Reading]
    approvals: Sequence[tuple[date, Decimal]] = ()
    forecast: tuple[date, Decimal] | None = None
    envelope: tuple[str, Decimal] | None = None
    currency: str = "USD"


def passing(readings: Sequence[Reading]) -> tuple[int, Decimal] | None:
    """Find where value passes spend for good: the reading before it and the share of the way to the next."""
    leads = [reading.value - reading.spent for reading in readings]
    if not leads or leads[-1] <= 0:
        return None
    behind = [index for index, lead in enumerate(leads[:-1]) if lead <= 0]
    if not behind:
        return None
    before = behind[-1]
    return before, -leads[before] / (leads[before + 1] - leads[before])


def _crossing(course: Course) -> tuple[int, Decimal] | None:
    """Find the passing on lines that start at zero; value that leads from the first day never passes."""
    found = passing([Reading(course.first, Decimal(0), Decimal(0)), *course.readings])
    return found if found and found[0] else None


def spend_against_value(course: Course) -> Widths:
    """Draw cumulative spend, verified value and approval over the months of a period, in three widths."""
    return Widths(
        "c",
        wide=_course(course, Frame.of(40, 650, 22, 308), 800, 336, short=False),
        medium=_course(course, Frame.of(40, 410, 22, 272), 560, 300, short=False),
        narrow=_course(course, Frame.of(34, 248, 22, 242), 342, 270, short=True),
    )


def course_on_paper(course: Course) -> Drawing:
    """Draw spend against value for the width of a page of the pack."""
    return _course(course, Frame.of(36, 530, 14, 200), 672, 226, short=False)


def _course(course: Course, frame: Frame, width: int, height: int, *, short: bool) -> Drawing:
    figures = [amount for reading in course.readings for amount in (reading.spent, reading.value)]
    figures += [amount for _, amount in course.approvals]
    figures += [course.forecast[1]] if course.forecast else []
    figures += [course.envelope[1]] if course.envelope else []
    money = Money.to(max(figures, default=Decimal(0)), frame, course.currency)
    months = Months(frame, course.first, course.months)
    shapes = money.grid() + months.axis(Decimal(height - 10), short=short)
    if course.envelope:
        name, amount = course.envelope
        words = f"{name} {formats.money_key(amount, course.currency)}"
        shapes.append(Line("env", frame.left, money.y(amount), frame.right, money.y(amount)))
        shapes.append(Text("t", frame.left + 4, money.y(amount) - 6, words))
    if course.approvals:
        shapes.append(Path("approved", _steps(course.approvals, months, money)))
    shapes += _run(course, months, money, short=short)
    shapes += _ends(course, money, frame.right + (6 if short else 8), short=short)
    return Drawing(Decimal(width), Decimal(height), course_finding(course), tuple(shapes))


def _steps(approvals: Sequence[tuple[date, Decimal]], months: Months, money: Money) -> tuple[Point, ...]:
    """Climb at each approval and go on to the end of the field."""
    points = [(months.frame.left, money.y(Decimal(0)))]
    for day, amount in approvals:
        x = months.start_of(day)
        points += [(x, points[-1][1]), (x, money.y(amount))]
    return (*points, (months.frame.right, points[-1][1]))


def _run(course: Course, months: Months, money: Money, *, short: bool) -> list[Shape]:
    """Draw both lines, the gain between them, the forecast and the point where value passes spend."""
    if not course.readings:
        return []
    start = (months.start_of(course.first), money.y(Decimal(0)))
    spent = [start, *((months.end_of(reading.on), money.y(reading.spent)) for reading in course.readings)]
    value = [start, *((months.end_of(reading.on), money.y(reading.value)) for reading in course.readings)]
    shapes: list[Shape] = []
    crossing = _crossing(course)
    marks: list[Shape] = []
    if crossing:
        before, share = crossing
        cross = _between(spent[before], spent[before + 1], share)
        shapes.append(Path("gain", (cross, *value[before + 1 :], *reversed(spent[before + 1 :])), closed=True))
        month = formats.MONTHS[course.readings[before].on.month - 1][:3]
        marks.append(Dot("cross", *cross, Decimal(4)))
        words = "Value passes spend" if short else f"Value passes spend, {month}"
        shift = (4, 20) if short else (10, 15)
        marks.append(Text("t", cross[0] + shift[0], cross[1] + shift[1], words))
    shapes += [Path("vline", tuple(value)), Path("sline", tuple(spent))]
    if course.forecast:
        day, amount = course.forecast
        shapes.append(Line("fcline", *spent[-1], months.end_of(day), money.y(amount)))
    return [*shapes, Dot("vdot", *value[-1], Decimal("3.5")), Dot("sdot", *spent[-1], Decimal("3.5")), *marks]


def _between(start: Point, end: Point, share: Decimal) -> Point:
    return place(start[0] + (end[0] - start[0]) * share), place(start[1] + (end[1] - start[1]) * share)


def _ends(course: Course, money: Money, x: Decimal, *, short: bool) -> list[Shape]:
    """Label each line at its end; a narrow chart puts name and figure on two lines and leaves the forecast out."""
    ends: list[tuple[Decimal, str, str, str]] = []
    if course.readings:
        last = course.readings[-1]
        ends = [
            (money.y(last.value), "t-value", "Verified value", formats.money_key(last.value, course.currency)),
            (money.y(last.spent), "t-spend", "Spent", formats.money_key(last.spent, course.currency)),
        ]
    if course.approvals:
        amount = course.approvals[-1][1]
        ends.append((money.y(amount), "t-b", "Approved", formats.money_key(amount, course.currency)))
    if course.forecast and not short:
        amount = course.forecast[1]
        ends.append((money.y(amount), "t", "Forecast", formats.money_key(amount, course.currency)))
    return end_labels(sorted(ends, key=lambda end: end[0]), x, money.frame, short=short)


def end_labels(ends: Sequence[tuple[Decimal, str, str, str]], x: Decimal, frame: Frame, *, short: bool) -> list[Shape]:
    """Write (height, kind, name, figure), from top to bottom, beside a chart without touching each other."""
    gap = LABEL_GAP + (LINE_HEIGHT if short else 0)
    lift = 10 if short else 0
    heights = spread([end[0] - lift for end in ends], gap, frame.top - 10, frame.bottom)
    shapes: list[Shape] = []
    for y, (_, kind, name, figure) in zip(heights, ends, strict=True):
        y = place(y)
        if short:
            shapes += [Text(kind, x, y + 4, name), Text(kind, x, y + 4 + LINE_HEIGHT, figure)]
        else:
            shapes.append(Text(kind, x, y + 4, f"{name} {figure}"))
    return shapes


def course_finding(course: Course) -> str:
    """State what the chart shows."""
    currency = formats.currency_name(course.currency)
    if not course.readings:
        return f"Cumulative {currency}: no spend yet."
    last = course.readings[-1]
    value = formats.money_full(last.value, course.currency)
    spent = formats.money_full(last.spent, course.currency)
    crossing = _crossing(course)
    words = f"Verified value {value} is {'below' if last.value < last.spent else 'above'} spend {spent}."
    if crossing:
        since = formats.MONTHS[course.readings[crossing[0]].on.month - 1][:3]
        words = f"Verified value {value} has been above spend {spent} since {since}."
    if course.approvals:
        words += f" Approved {formats.money_full(course.approvals[-1][1], course.currency)}"
        words += (
            f" of an envelope of {formats.money_full(course.envelope[1], course.currency)}." if course.envelope else "."
        )
    first = formats.MONTHS[course.first.month - 1]
    return f"Cumulative {currency}, {first} to {formats.on_day_long(last.on)}. {words}"


@dataclass(frozen=True)
class UnitCost:
    """The cost of one outcome by month, None where it is not known, and what one is worth, if that is known."""

    outcome: str
    months: Sequence[tuple[date, Decimal | None]]
    value: Decimal | None = None
    currency: str = "USD"


def unit_cost_lines(unit: UnitCost) -> Widths:
    """Draw the cost of one outcome against its worth, in two widths."""
    return Widths(
        "a",
        wide=_unit_cost(unit, Frame.of(38, 286, 14, 182), 372, 208),
        narrow=_unit_cost(unit, Frame.of(38, 240, 14, 174), 326, 200),
    )


def _unit_cost(unit: UnitCost, frame: Frame, width: int, height: int) -> Drawing:
    known = [(index, cost) for index, (_, cost) in enumerate(unit.months) if cost is not None]
    money = Money.to(max([cost for _, cost in known] + [unit.value or Decimal(0)]), frame, unit.currency)
    step = (frame.right - frame.left - 20) / max(1, len(unit.months) - 1)

    def x(index: int) -> Decimal:
        return place(frame.left + 12 + step * index)

    shapes = money.grid()
    for index, (month, _) in enumerate(unit.months):
        shapes.append(Text("t-ax", x(index), Decimal(height - 8), formats.MONTHS[month.month - 1][:3], "middle"))
    ends: list[tuple[Decimal, str, str, str]] = []
    if unit.value is not None and unit.months:
        y = money.y(unit.value)
        shapes.append(Line("vline", x(0), y, x(len(unit.months) - 1), y))
        ends.append((y, "t-value", "Value", formats.unit_key(unit.value, unit.currency)))
    for run in _runs(known):
        shapes.append(Path("sline", tuple((x(index), money.y(cost)) for index, cost in run)))
    shapes += [Dot("sdot", x(index), money.y(cost), Decimal(3)) for index, cost in known]
    if known:
        ends.append((money.y(known[-1][1]), "t-spend", "Cost", formats.unit_key(known[-1][1], unit.currency)))
    shapes += end_labels(sorted(ends, key=lambda end: end[0]), frame.right + 4, frame, short=False)
    return Drawing(Decimal(width), Decimal(height), unit_cost_finding(unit), tuple(shapes))


def _runs(known: Sequence[tuple[int, Decimal]]) -> list[list[tuple[int, Decimal]]]:
    """Split readings where a month is missing, so that no line crosses what is not known."""
    runs: list[list[tuple[int, Decimal]]] = []
    for reading in known:
        if runs and runs[-1][-1][0] == reading[0] - 1:
            runs[-1].append(reading)
        else:
            runs.append([reading])
    return runs


def unit_cost_finding(unit: UnitCost) -> str:
    """State what the chart shows."""
    known = [(month, cost) for month, cost in unit.months if cost is not None]
    if not known:
        return f"Cost per {unit.outcome}: no month with both cost and outcomes yet."
    (first, start), (last, end) = known[0], known[-1]
    verb = "fell" if end < start else "rose" if end > start else "stayed"
    figures = [formats.unit_key(cost, unit.currency) for cost in (start, end)]
    names = [formats.MONTHS[month.month - 1][:3] for month in (first, last)]
    words = f"Cost per {unit.outcome} {verb} from {figures[0]} in {names[0]} to {figures[1]} in {names[1]}"
    if verb == "stayed":
        words = f"Cost per {unit.outcome} stayed at {figures[1]} to {names[1]}"
    if unit.value is None:
        return f"{words}."
    return f"{words}; value per {unit.outcome} is {formats.unit_key(unit.value, unit.currency)}."
