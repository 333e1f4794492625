"""The explorer's key figures and its chart: from the same answer as its table, each with the way to its charges."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import reverse

from projects.common import formats
from projects.common.marks.columns import Part, Stack, mix_bar, monthly_columns
from projects.common.marks.daily import DayStack, daily_columns
from projects.limits.selectors import policy_on
from projects.spend.answering import Answer, Row, Series, behind, behind_series
from projects.spend.asking import BY, LAYER_NAMES, Question
from projects.spend.explorer import MOST_SERIES
from projects.spend.narrowing import CLAIMED, UNCLAIMED, Narrowing
from projects.spend.rules import is_provisional as lies_within_lag
from projects.spend.rules import last_day_of, month_before

COLUMNS = ("api_model", "platform", "infrastructure", "embedded_saas")
COLOURS = {"api_model": "l1", "platform": "l2", "infrastructure": "l3", "embedded_saas": "l4"}
MOST_LETTERS = 16  # of a name beside a column; the key says it in full
SHORT = {
    "api_model": "Model API",
    "platform": "Platform",
    "infrastructure": "Infrastructure",
    "embedded_saas": "Embedded AI",
    UNCLAIMED: "Unclaimed",
}


def rows_url(meant: Narrowing) -> str:
    """Return the address of the charges that are meant."""
    return f"{reverse('projects:charges')}?{meant.query()}"


def is_provisional(question: Question, time: date, today: date, lag_days: int) -> bool:
    """Say whether charges of a day or month of the answer may still change."""
    day = time if question.is_daily else last_day_of(time)
    return lies_within_lag(day, on=today, lag_days=lag_days)


def series_url(question: Question, series: Series, time: date | None = None) -> str:
    """Return the address of the charges of one colour of the chart; empty where none may say it."""
    meant = behind_series(question, series, time)
    return rows_url(meant) if meant else ""


@dataclass(frozen=True)
class Ink:
    """What one colour of the chart stands for."""

    kind: str
    name: str
    short: str
    series: Sequence[Series]

    @property
    def part(self) -> Part:
        """Return it as the chart draws it."""
        columns = zip(*(one.amounts for one in self.series), strict=True)
        return Part(self.kind, self.name, self.short, [sum(amounts, Decimal(0)) for amounts in columns])


def spend_chart(answer: Answer, today: date, lag_days: int) -> Any:
    """Draw the answer's days or months, colour upon colour; what has none of its own comes last."""
    question = answer.question
    pale_from = next((time for time in answer.times if is_provisional(question, time, today, lag_days)), None)
    parts = [ink.part for ink in inks_of(answer)]
    by = "cost layer" if question.is_stacked_by_layer else BY[question.by].lower()
    if question.is_daily:
        return daily_columns(DayStack(answer.times[0], parts, question.currency, pale_from, by))
    return monthly_columns(Stack(answer.times[0], question.on, parts, question.currency, pale_from, by))


def key_of(answer: Answer) -> list[dict[str, Any]]:
    """Return the chart's key: every colour with its name, its money and the way to its charges."""
    return [
        {
            "kind": ink.kind,
            "name": ink.name,
            "total": sum((one.total for one in ink.series), Decimal(0)),
            "url": series_url(answer.question, ink.series[0]) if len(ink.series) == 1 else "",
        }
        for ink in inks_of(answer)
    ]


def inks_of(answer: Answer) -> list[Ink]:
    """Return the chart's colours from the bottom up: those of layers, or by the places of rows."""
    if not answer.question.is_stacked_by_layer:
        return [
            Ink("ln" if one.code == UNCLAIMED else f"s{one.code}", one.name, _clipped(one.name), [one])
            for one in answer.series
        ]
    known = {one.code: one for one in answer.series}
    inks = [
        Ink(COLOURS[layer], LAYER_NAMES[layer], SHORT[layer], [known[layer]]) for layer in COLUMNS if layer in known
    ]
    rest = [one for one in answer.series if one.code not in COLUMNS]
    if rest:
        name = LAYER_NAMES[UNCLAIMED] if UNCLAIMED in known and len(rest) == 1 else "Unclaimed, other"
        inks.append(Ink("ln", name, name, rest))
    return inks


def _clipped(name: str) -> str:
    return name if len(name) <= MOST_LETTERS else f"{name[: MOST_LETTERS - 1].rstrip()}…"


def key_figures(answer: Answer) -> list[dict[str, str]]:
    """Return the strip of figures."""
    question, currency, total = answer.question, answer.question.currency, answer.total
    claimed, share = answer.claimed_ratio, answer.share("api_model")
    target = policy_on(question.on).decimal("coverage_percent") / 100
    unclaimed_sum = answer.unclaimed.total if answer.unclaimed else Decimal(0)
    month = formats.in_month(question.on.replace(day=1), year=False)
    whole = f"last full month {formats.money_key(total.last_month, currency)}{_on_before(total)}"
    if question.is_daily or month_before(question.on) not in answer.times:
        whole = ""  # unknown here, not zero
    is_over = question.on == last_day_of(question.on)
    return [
        {
            "label": "AI spend",
            "value": formats.money_key(total.total, currency),
            "context": whole if is_over else "; ".join(filter(None, [f"{month} not over", whole])),
            "url": rows_url(behind(question)),
        },
        {
            "label": "Tied to an initiative",
            "value": "n/a" if claimed is None else formats.covered(claimed),
            "context": f"Target {formats.percent(target)}",
            "tone": "is-warn" if claimed is not None and claimed < target else "",
            "url": rows_url(behind(question).only(initiative=question.words.get("initiative", CLAIMED))),
        },
        {
            "label": "Unclaimed",
            "value": formats.money_full(unclaimed_sum, currency),
            "context": _on_before(answer.unclaimed).removeprefix(", ") if answer.unclaimed else "Nothing",
            "url": rows_url(behind(question).only(initiative=UNCLAIMED)) if answer.unclaimed else "",
        },
        {
            "label": "Model API share",
            "value": "n/a" if share is None else formats.percent(share),
            "context": "Of claimed and unclaimed spend",
            "url": rows_url(behind(question, layer="api_model")) if share else "",
        },
    ]


def bars_of(answer: Answer) -> list[Any]:
    """Draw a bar beside each row of the table, as wide as the row is large beside the largest: its mix of layers where the
    chart tells layers apart, else its share in its own colour of the chart.
    """
    if answer.question.is_stacked_by_layer:
        widest = max(map(_width_of, answer.rows), default=Decimal(0))
        return [_mix(row, answer.question.currency, widest) for row in answer.rows]
    widest = max((row.total for row in answer.rows), default=Decimal(0))
    return [_share(answer, row, place, widest) for place, row in enumerate(answer.rows)]


def _mix(row: Row, currency: str, widest: Decimal) -> Any:
    ordered = [*COLUMNS, *(layer for layer in row.layers if layer not in COLUMNS)]
    parts = [(COLOURS.get(layer, "ln"), row.layers[layer]) for layer in ordered if row.layers.get(layer, 0) > 0]
    return mix_bar(parts, f"Mix of {row.name} by layer, {currency}", whole=widest)


def _share(answer: Answer, row: Row, place: int, widest: Decimal) -> Any:
    whole = answer.total.total
    words = f", {formats.percent(row.total / whole)} of the total" if whole > 0 else ""
    parts = [(f"s{min(place, MOST_SERIES) + 1}", row.total)] if row.total > 0 else []
    return mix_bar(parts, f"Share of {row.name}{words}", whole=max(widest, Decimal(0)))


def _width_of(row: Row) -> Decimal:
    """Return how much a row's bar shows: its layers without those that refunds turned."""
    return sum((amount for amount in row.layers.values() if amount > 0), Decimal(0))


def _on_before(row: Row) -> str:
    return "" if row.growth is None else f", {formats.percent(row.growth, plus=True)} on the month before"
