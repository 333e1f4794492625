"""Spend against approval: the bullet of a row, the bullet that labels its parts, and bars of progress."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from projects.common import formats
from projects.common.marks.shapes import HUNDREDTH, Drawing, Line, Rect, Shape, Text, Widths, place, text_width

SCALE = Decimal("1.40")  # a row's bullet ends at 140% of approval, so that ticks line up down a column
ROOM = Decimal("1.12")  # room after the longest bar, where a limit reaches beyond the scale
HUNDRED = Decimal(100)
Place = Callable[[Decimal], Decimal]


@dataclass(frozen=True)
class Budget:
    """What a bullet shows; limit_ratio is 1.15 for a limit of 15%, seen_to is set when later cost data are missing."""

    name: str
    approved: Decimal
    spent: Decimal
    limit_ratio: Decimal
    forecast: Decimal | None = None
    seen_to: date | None = None
    currency: str = "USD"

    @property
    def ratio(self) -> Decimal:
        """Give spent as a share of approved; approved is above zero."""
        return self.spent / self.approved

    @property
    def is_over_limit(self) -> bool:
        """Say whether spend is strictly above the limit."""
        return self.spent > self.approved * self.limit_ratio


def finding(budget: Budget) -> str:
    """State what the bullet shows, for those who do not see it."""
    spent = formats.money_full(budget.spent, budget.currency)
    if not budget.approved:
        return f"{budget.name}: no approved budget yet, {'nothing' if not budget.spent else spent} spent"
    approved = formats.money_full(budget.approved, budget.currency)
    words = f"{budget.name}: spent {spent} of {approved} approved"
    if budget.seen_to:
        return f"{words}, no cost data since {formats.on_day(budget.seen_to, year=False)}"
    if budget.forecast is None:
        return words
    return f"{words}, forecast {formats.money_full(budget.forecast, budget.currency)}"


def bullet(budget: Budget, height: int = 18) -> Drawing:
    """Draw the bullet of a row or card, as wide as its column."""
    middle = Decimal(height) / 2
    if not budget.approved:
        void: tuple[Shape, ...] = (Line("void", Decimal(0), middle, _percent(Decimal(1), SCALE), middle),)
        return Drawing(HUNDRED, Decimal(height), finding(budget), void, fluid=True, css="bul")
    end = max(SCALE, budget.limit_ratio * ROOM)
    approved, limit = _percent(Decimal(1), end), _percent(budget.limit_ratio, end)
    spent = _percent(budget.ratio, end)
    shapes: list[Shape] = [
        Rect("track", Decimal(0), middle - 5, approved, Decimal(10)),
        Rect("tol", approved, middle - 5, limit - approved, Decimal(10)),
    ]
    if budget.seen_to and spent < approved:
        shapes.append(Rect("gap", spent, middle - 3, approved - spent, Decimal(6), hatched=True))
    elif budget.forecast is not None and not budget.seen_to:
        forecast = _percent(budget.forecast / budget.approved, end)
        if forecast > spent:
            shapes.append(Rect("fc", spent, middle - 2, forecast - spent, Decimal(4)))
            shapes.append(Rect("fcap", forecast, middle - 3, Decimal("1.5"), Decimal(6), fixed=True))
    shapes.append(Rect("spend", Decimal(0), middle - 3, min(spent, approved), Decimal(6)))
    if spent > approved:
        shapes.append(Rect("over", approved, middle - 3, spent - approved, Decimal(6)))
    shapes.append(Rect("tick", approved, middle - 8, Decimal(2), Decimal(16), fixed=True))
    shapes.append(Rect("lim", limit, middle - 7, Decimal(1), Decimal(14), fixed=True))
    return Drawing(HUNDRED, Decimal(height), finding(budget), tuple(shapes), fluid=True, css="bul")


def _percent(share: Decimal, end: Decimal) -> Decimal:
    return min(HUNDRED, max(Decimal(0), share / end * 100)).quantize(HUNDREDTH)


def bullet_large(budget: Budget, *, compact: bool = False) -> Widths:
    """Draw the bullet that labels every part, in three widths; compact takes its head room away."""
    if not budget.approved:
        raise ValueError("a labelled bullet needs an approved amount")
    return Widths(
        "c bl",
        wide=_labelled(budget, 780, compact=compact),
        medium=_labelled(budget, 560, compact=compact),
        narrow=_labelled(budget, 326, compact=False),
    )


def bullet_on_paper(budget: Budget, width: int = 672) -> Drawing:
    """Draw the labelled bullet for the pack, no higher than its lowest label."""
    drawn = _labelled(budget, width, compact=True)
    lowest = max(shape.y for shape in drawn.shapes if isinstance(shape, Text))
    return replace(drawn, height=lowest + 6)


def _labelled(budget: Budget, width: int, *, compact: bool) -> Drawing:
    narrow = width < 500
    longest = max(budget.ratio, (budget.forecast or Decimal(0)) / budget.approved, budget.limit_ratio)
    scale = max(Decimal("1.5"), longest * (ROOM if narrow else Decimal("1.17")))
    top = 30 if compact else 46

    def x(amount: Decimal) -> Decimal:
        return place(2 + min(amount / budget.approved, scale) / scale * (width - 4))

    limit = x(budget.approved * budget.limit_ratio)
    shapes = _bars(budget, x(budget.approved), limit, x(budget.spent), Decimal(top))
    if budget.forecast is not None and budget.forecast > budget.spent and not budget.seen_to:
        reach = x(budget.forecast)
        shapes[2:2] = [
            Rect("fc", x(budget.spent), Decimal(top + 11), reach - x(budget.spent), Decimal(12)),
            Rect("fcap", reach - 1, Decimal(top + 9), Decimal(2), Decimal(16)),
        ]
    shapes += _head_labels(budget, x(budget.approved), limit, Decimal(top), Decimal(width))
    shapes += _foot_labels(budget, x, Decimal(top), Decimal(width))
    height = (142 if narrow else 122) - (16 if compact else 0)
    return Drawing(Decimal(width), Decimal(height), finding(budget), tuple(shapes))


def _bars(budget: Budget, approved: Decimal, limit: Decimal, spent: Decimal, top: Decimal) -> list[Shape]:
    two = Decimal(2)
    shapes: list[Shape] = [
        Rect("track", two, top, approved - 2, Decimal(34)),
        Rect("tol", approved, top, limit - approved, Decimal(34)),
    ]
    if budget.seen_to and spent < approved:
        shapes.append(Rect("gap", spent, top + 9, approved - spent, Decimal(16), hatched=True))
    shapes.append(Rect("spend", two, top + 9, min(spent, approved) - 2, Decimal(16)))
    if spent > approved:
        shapes.append(Rect("over", approved, top + 9, spent - approved, Decimal(16)))
    shapes.append(Rect("tick", approved - 1, top - 6, Decimal("2.5"), Decimal(46)))
    shapes.append(Line("limline", limit, top - 6, limit, top + 40))
    return shapes


def _head_labels(budget: Budget, approved: Decimal, limit: Decimal, top: Decimal, width: Decimal) -> list[Shape]:
    over = formats.percent(budget.limit_ratio - 1, 0, plus=True)
    limit_words = f"Limit {over} {formats.money_key(budget.approved * budget.limit_ratio, budget.currency)}"
    label = Text("t", limit + 5, top - 12, limit_words)
    if limit + 5 + text_width(limit_words) > width:
        label = Text("t", min(width, limit + 60), top - 26, limit_words, "end")
    approved_words = f"Approved {formats.money_key(budget.approved, budget.currency)}"
    return [Text("t-b", approved - 6, top - 12, approved_words, "end"), label]


def _foot_labels(budget: Budget, x: Place, top: Decimal, width: Decimal) -> list[Shape]:
    spent, line, low = x(budget.spent), top + 56, top + 73
    words = _spent_words(budget)
    fits = text_width(words) <= spent - 4
    kind = "t-over" if budget.is_over_limit else "t-b"
    label = Text(kind, spent - 4 if fits else Decimal(0), line, words, "end" if fits else "start")
    shapes: list[Shape] = [Line("lead", spent, top + 25, spent, top + 44), label]
    if budget.forecast is None or budget.forecast <= budget.spent or budget.seen_to:
        return shapes
    reach = x(budget.forecast)
    words = f"Forecast {formats.money_key(budget.forecast, budget.currency)}"
    free = spent if fits else text_width(label.words)
    shapes.append(Line("lead", reach, top + 23, reach, top + 44))
    if reach + 4 >= free + 4 and reach + 4 + text_width(words) <= width:
        shapes.append(Text("t", reach + 4, line, words))
    elif reach + 4 >= text_width(words):
        shapes.append(Text("t", reach + 4, low, words, "end"))
    else:
        shapes.append(Text("t", Decimal(0), low, words))
    return shapes


def _spent_words(budget: Budget) -> str:
    spent = formats.money_key(budget.spent, budget.currency)
    if budget.seen_to:
        return f"Seen to {formats.on_day(budget.seen_to, year=False)} {spent}"
    if budget.ratio > 1:
        return f"Spent {spent}, {formats.percent(budget.ratio - 1, plus=True)}"
    return f"Spent {spent}, {formats.percent(budget.ratio)} of approved"


def progress(parts: Sequence[tuple[str, Decimal]], whole: Decimal, label: str, height: int = 8) -> Drawing:
    """Draw a bar of parts (kinds fg, ok, pend with their amounts) of a whole."""
    shapes: list[Shape] = [Rect("bg", Decimal(0), Decimal(0), HUNDRED, Decimal(height))]
    start = Decimal(0)
    for kind, amount in parts:
        width = min(HUNDRED - start, max(Decimal(0), amount / whole * 100 if whole else Decimal(0))).quantize(HUNDREDTH)
        shapes.append(Rect(kind, start, Decimal(0), width, Decimal(height)))
        start += width
    return Drawing(HUNDRED, Decimal(height), label, tuple(shapes), fluid=True, css="prog")


def way_to_target(share: Decimal, label: str, kind: str = "vfill") -> Drawing:
    """Draw how far a reading has come from its baseline to its target, as wide as its column."""
    reach = min(HUNDRED, max(Decimal(0), share * 100)).quantize(HUNDREDTH)
    shapes: tuple[Shape, ...] = (
        Rect("track", Decimal(0), Decimal(3), HUNDRED, Decimal(8)),
        Rect(kind, Decimal(0), Decimal(3), reach, Decimal(8)),
        Rect("tick", HUNDRED, Decimal(0), Decimal(2), Decimal(14), fixed=True),
    )
    return Drawing(HUNDRED, Decimal(14), label, shapes, fluid=True, css="bul")
