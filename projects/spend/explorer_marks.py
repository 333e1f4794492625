"""The explorer's key figures and its chart: from the same answer as its table, each with the way to its charges."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import reverse

from projects.common import formats
from projects.common.marks.columns import Part, Stack, mix_bar, monthly_columns
from projects.common.marks.daily import DayStack, daily_columns
from projects.limits.selectors import policy_on
from projects.spend.explorer import LAYER_NAMES, Answer, Question, Row, behind
from projects.spend.narrowing import CLAIMED, UNCLAIMED, Narrowing
from projects.spend.rules import is_provisional as lies_within_lag
from projects.spend.rules import last_day_of, month_before

COLUMNS = ("api_model", "platform", "infrastructure", "embedded_saas")
COLOURS = {"api_model": "l1", "platform": "l2", "infrastructure": "l3", "embedded_saas": "l4"}
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


def layers_chart(answer: Answer, today: date, lag_days: int) -> Any:
    """Draw the answer's days or months, layer upon layer; what has no layer of its own colour comes last."""
    question = answer.question
    pale_from = next((time for time in answer.times if is_provisional(question, time, today, lag_days)), None)
    parts = [
        Part(COLOURS[layer], LAYER_NAMES[layer], SHORT[layer], answer.by_layer[layer])
        for layer in COLUMNS
        if layer in answer.by_layer
    ]
    rest = [amounts for layer, amounts in answer.by_layer.items() if layer not in COLUMNS]
    if rest:
        name = LAYER_NAMES[UNCLAIMED] if UNCLAIMED in answer.by_layer and len(rest) == 1 else "Unclaimed, other"
        parts.append(Part("ln", name, name, [sum(month, Decimal(0)) for month in zip(*rest, strict=True)]))
    if question.is_daily:
        return daily_columns(DayStack(answer.times[0], parts, question.currency, pale_from))
    return monthly_columns(Stack(answer.times[0], question.on, parts, question.currency, pale_from))


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
            "value": "n/a" if claimed is None else formats.percent(claimed),
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


def mix_of(row: Row, currency: str, widest: Decimal) -> Any:
    """Draw a row's layers in the order of the table, as wide as the row is large beside the largest."""
    ordered = [*COLUMNS, *(layer for layer in row.layers if layer not in COLUMNS)]
    parts = [(COLOURS.get(layer, "ln"), row.layers[layer]) for layer in ordered if row.layers.get(layer, 0) > 0]
    return mix_bar(parts, f"Mix of {row.name} by layer, {currency}", whole=widest)


def width_of(row: Row) -> Decimal:
    """Return how much a row's bar shows: its layers without those that refunds turned."""
    return sum((amount for amount in row.layers.values() if amount > 0), Decimal(0))


def _on_before(row: Row) -> str:
    return "" if row.growth is None else f", {formats.percent(row.growth, plus=True)} on the month before"
