"""The funding ladder: approvals as steps, spend as a line, the ask as a dashed step that ends at its milestone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from projects.common import formats
from projects.common.marks.lines import end_labels
from projects.common.marks.scales import Frame, Money, Months
from projects.common.marks.shapes import Dot, Drawing, Path, Rect, Shape, Text, Widths, text_width


@dataclass(frozen=True)
class Rung:
    """A tranche on the ladder: its key, first day, amount, and the approved total once it is released."""

    key: str
    starts_on: date
    amount: Decimal
    total: Decimal


@dataclass(frozen=True)
class Ask:
    """The step that is asked for: from a day to the due date of its milestone, nothing beyond."""

    key: str
    starts_on: date
    due_on: date
    amount: Decimal


@dataclass(frozen=True)
class Ladder:
    """What the funding ladder shows; readings are cumulative spend to the end of a day."""

    name: str
    first: date
    months: int
    rungs: Sequence[Rung]
    readings: Sequence[tuple[date, Decimal]]
    limit: Decimal
    ask: Ask | None = None
    currency: str = "USD"

    @property
    def approved(self) -> Decimal:
        """Give the approved total today."""
        return self.rungs[-1].total if self.rungs else Decimal(0)

    @property
    def spent(self) -> Decimal:
        """Give the spend of the last reading."""
        return self.readings[-1][1] if self.readings else Decimal(0)


def funding_ladder(ladder: Ladder) -> Widths:
    """Draw the ladder in three widths."""
    return Widths(
        "d",
        wide=_ladder(ladder, Frame.of(40, 1048, 22, 312), 1180, 340, short=False),
        medium=_ladder(ladder, Frame.of(40, 508, 22, 272), 640, 300, short=False),
        narrow=_ladder(ladder, Frame.of(36, 240, 22, 242), 326, 270, short=True),
    )


def ladder_on_paper(ladder: Ladder) -> Drawing:
    """Draw the ladder for half a page of the pack."""
    return _ladder(ladder, Frame.of(36, 240, 20, 110), 326, 132, short=True)


def _ladder(ladder: Ladder, frame: Frame, width: int, height: int, *, short: bool) -> Drawing:
    asked = ladder.approved + (ladder.ask.amount if ladder.ask else 0)
    tallest = max([asked, ladder.spent, *(rung.total for rung in ladder.rungs)])
    money = Money.to(tallest, frame, ladder.currency)
    months = Months(frame, ladder.first, ladder.months)
    shapes = money.grid() + months.axis(Decimal(height - 10), short=short)
    end = months.start_of(ladder.ask.starts_on) if ladder.ask else frame.right
    shapes += _rungs(ladder, months, money, end)
    if ladder.ask:
        shapes += _ask(ladder.ask, ladder, months, money)
    if ladder.rungs:
        shapes.append(Path("approved", _climb(ladder, months, money, end)))
    if ladder.readings:
        started = ladder.rungs[0].starts_on if ladder.rungs else ladder.first
        floor = (months.start_of(started), money.y(Decimal(0)))
        line = (floor, *((months.end_of(day), money.y(amount)) for day, amount in ladder.readings))
        kind = "odot" if ladder.spent > ladder.limit else "sdot"
        shapes += [Path("sline", line), Dot(kind, *line[-1], Decimal(4))]
    shapes += _ends(ladder, money, frame.right + 8, short=short)
    return Drawing(Decimal(width), Decimal(height), ladder_finding(ladder), tuple(shapes))


def _rungs(ladder: Ladder, months: Months, money: Money, end: Decimal) -> list[Shape]:
    shapes: list[Shape] = []
    starts = [months.start_of(rung.starts_on) for rung in ladder.rungs]
    stops = [*starts[1:], end][: len(starts)]
    for rung, start, stop in zip(ladder.rungs, starts, stops, strict=True):
        top = money.y(rung.total)
        shapes.append(Rect("rung", start, top, stop - start, money.frame.bottom - top))
        words = f"{rung.key} {formats.money_key(rung.amount, ladder.currency)}"
        shapes += _fitting(words, rung.key, start, top, stop - start)
    return shapes


def _fitting(words: str, key: str, start: Decimal, top: Decimal, room: Decimal) -> list[Shape]:
    """Label a step with as much as it has room for."""
    for label in (words, key):
        if text_width(label) + 5 <= room + 10:
            return [Text("t-b", start + 5, top - 6, label)]
    return []


def _climb(ladder: Ladder, months: Months, money: Money, end: Decimal) -> tuple[tuple[Decimal, Decimal], ...]:
    points = [(months.frame.left, money.y(Decimal(0)))]
    for rung in ladder.rungs:
        x = months.start_of(rung.starts_on)
        points += [(x, points[-1][1]), (x, money.y(rung.total))]
    return (*points, (end, points[-1][1]))


def _ask(ask: Ask, ladder: Ladder, months: Months, money: Money) -> list[Shape]:
    start, stop = months.start_of(ask.starts_on), months.end_of(ask.due_on)
    top, floor = money.y(ladder.approved + ask.amount), money.y(ladder.approved)
    line = ((start, floor), (start, top), (stop, top))
    words = f"{ask.key} {formats.money_key(ask.amount, ladder.currency)} asked"
    room = max(stop, money.frame.right) - start
    area = Rect("ask", start, top, stop - start, money.frame.bottom - top)
    return [area, Path("askline", line), *_fitting(words, ask.key, start, top, room)]


def _ends(ladder: Ladder, money: Money, x: Decimal, *, short: bool) -> list[Shape]:
    ends = [(money.y(ladder.approved), "t-b", "Approved", formats.money_key(ladder.approved, ladder.currency))]
    if ladder.readings:
        kind = "t-over" if ladder.spent > ladder.limit else "t-spend"
        ends.append((money.y(ladder.spent), kind, "Spent", formats.money_key(ladder.spent, ladder.currency)))
    if ladder.ask:
        total = ladder.approved + ladder.ask.amount
        ends.append((money.y(total), "t", "If approved", formats.money_key(total, ladder.currency)))
    return end_labels(sorted(ends, key=lambda end: end[0]), x, money.frame, short=short)


def ladder_finding(ladder: Ladder) -> str:
    """State what the ladder shows."""
    approved, spent = (formats.money_full(amount, ladder.currency) for amount in (ladder.approved, ladder.spent))
    steps = formats.counted(len(ladder.rungs), "tranche")
    words = f"{ladder.name}: approved {approved} in {steps}, spent {spent}"
    if not ladder.ask:
        return words
    return f"{words}; {ladder.ask.key} of {formats.money_full(ladder.ask.amount, ladder.currency)} asked"
