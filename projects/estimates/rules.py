"""The nine lines of full cost, their sums, and the share that the model bill shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from projects.common.money import ZERO
from projects.common.outcomes import Blocker

LINES: Mapping[str, tuple[str, str]] = {
    "model_usage": ("Model usage", "api_model"),
    "data_pipeline": ("Data pipeline", "infrastructure"),
    "tooling": ("Tooling", "platform"),
    "observability": ("Observability", "platform"),
    "evaluation": ("Evaluation", "harness"),
    "security_compliance": ("Security and compliance", "harness"),
    "human_review": ("Human review", "harness"),
    "enablement": ("Enablement", "harness"),
    "platform_operations": ("Platform operations", "infrastructure"),
}
LAYERS = ("infrastructure", "api_model", "platform", "embedded_saas", "harness", "unclassified")


@dataclass(frozen=True)
class Line:
    """One line of full cost a month: its code, its cost layer, and low, likely and high."""

    code: str
    layer: str
    low: Decimal
    likely: Decimal
    high: Decimal
    note: str = ""


@dataclass(frozen=True)
class Range:
    """Low, likely and high of one month."""

    low: Decimal
    likely: Decimal
    high: Decimal


@dataclass(frozen=True)
class Usage:
    """What drives model usage in a month: requests, tokens of each, and what is repeated or read from cache."""

    requests: Decimal
    input_tokens: Decimal
    output_tokens: Decimal
    cached_ratio: Decimal = ZERO
    retry_ratio: Decimal = ZERO
    agent_steps: Decimal = Decimal(1)
    tool_calls: Decimal = ZERO


@dataclass(frozen=True)
class Prices:
    """Prices of one model: a million tokens in, out and read from cache, and one tool call."""

    input_per_million: Decimal
    output_per_million: Decimal
    cached_per_million: Decimal
    tool_call: Decimal = ZERO


def model_usage_cost(usage: Usage, prices: Prices) -> Decimal:
    """Return what a month of usage costs: calls x (tokens in, cached and out x price + tool calls), unrounded."""
    calls = usage.requests * usage.agent_steps * (1 + usage.retry_ratio)
    cached = usage.input_tokens * usage.cached_ratio
    fresh = usage.input_tokens - cached
    tokens = (
        fresh * prices.input_per_million
        + cached * prices.cached_per_million
        + usage.output_tokens * prices.output_per_million
    )
    return calls * (tokens / 1_000_000) + usage.requests * usage.tool_calls * prices.tool_call


def full_cost(lines: Sequence[Line]) -> Range:
    """Return the sums of all lines."""
    return Range(
        sum((line.low for line in lines), ZERO),
        sum((line.likely for line in lines), ZERO),
        sum((line.high for line in lines), ZERO),
    )


def visible_bill_share(lines: Sequence[Line]) -> Decimal | None:
    """Return model usage divided by full cost, both likely, or None when the full cost is zero."""
    whole = full_cost(lines).likely
    if whole == 0:
        return None
    return sum((line.likely for line in lines if line.code == "model_usage"), ZERO) / whole


def estimate_blockers(lines: Sequence[Line]) -> list[Blocker]:
    """Say which lines are missing, unknown, doubled, negative or out of order."""
    blockers = []
    codes = [line.code for line in lines]
    for code, (name, _) in LINES.items():
        if codes.count(code) != 1:
            blockers.append(Blocker("line_missing", f"Give {name} exactly once, zero where it costs nothing."))
    for line in lines:
        name = LINES.get(line.code, (line.code, ""))[0]
        if line.code not in LINES:
            blockers.append(Blocker("line_unknown", f"{name} is not one of the nine lines of full cost."))
        if line.layer not in LAYERS:
            blockers.append(Blocker("layer_unknown", f"{line.layer} is not a cost layer."))
        figures = (line.low, line.likely, line.high)
        if not all(figure.is_finite() for figure in figures) or not 0 <= line.low <= line.likely <= line.high:
            blockers.append(Blocker("range_wrong", f"{name}: low, likely and high must rise from zero or more."))
    return blockers
