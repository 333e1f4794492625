"""Words for the figures of a pack: the five inputs, verdicts, where an item stands. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from projects.common import formats

KIND = "build_pack"
VERDICTS = {"accept": "met", "ask": "ask", "reject": "not_met"}
WORST = ("not_ready", "conditions", "ready")
SHOWN = 3


def amount(text: str | None) -> Decimal | None:
    """Read a frozen figure; None where it was not known."""
    return None if text in (None, "") else Decimal(str(text))


def spend_words(spend: Mapping[str, Any]) -> str:
    """Say actual against expected spend."""
    if spend.get("unknown"):
        return str(spend["unknown"])
    currency = str(spend["currency"])
    spent, approved, variance = amount(spend["spent"]), amount(spend["approved"]), amount(spend["variance"])
    words = f"Spent {formats.money_full(spent or Decimal(0), currency)}"
    if approved is None:
        words += "; no money has been approved yet"
    else:
        words += f" against {formats.money_full(approved, currency)} approved"
    if variance is not None:
        words += f", {formats.variance_words(variance)}"
    if spend.get("without_rate"):
        words += f" ({spend['without_rate']})"
    expected = amount(spend.get("expected_month"))
    if expected is not None:
        words += f". Expected {formats.money_full(expected, currency)} a month"
    return f"{words}."


def value_words(value: Mapping[str, Any], currency: str) -> str:
    """Say the value signals against their targets, and the growth of cost beside that of value."""
    parts = [_signal(row) for row in value.get("signals", [])]
    if value.get("unknown"):
        parts.append(str(value["unknown"]))
    verified = amount(value.get("verified"))
    if verified is not None:
        parts.append(f"Verified value {formats.money_full(verified, currency)}.")
    grown = value.get("growth")
    if grown:
        cost, worth = amount(grown["cost_percent"]), amount(grown["value_percent"])
        parts.append(f"Last month cost {_grown(cost)}, verified value {_grown(worth)}.")
    return " ".join(parts)


def _signal(row: Mapping[str, Any]) -> str:
    latest, target = amount(row["latest"]), amount(row["target"])
    if latest is None:
        return f"{row['name']}: no reading yet."
    words = f"{row['name']} {plain(latest)}"
    if target is not None:
        side = {True: "on target", False: "short of its target", None: "target"}[row.get("on_target")]
        words += f", {side} {plain(target)}" if row.get("on_target") is None else f", {side} of {plain(target)}"
    return f"{words}."


def _grown(percent: Decimal | None) -> str:
    return "cannot be compared" if percent is None else f"changed by {formats.percent(percent / 100, plus=True)}"


def plain(figure: Decimal) -> str:
    """Write a reading without idle zeros."""
    return formats.exact(figure.quantize(Decimal("0.0001")).normalize())


def risk_lines(risks: Mapping[str, Any], currency: str, approved: Decimal | None) -> list[str]:
    """Say the cost risks and anomalies, one sentence each."""
    lines = [*map(str, risks.get("alarms", [])), *(str(row) for row in risks.get("anomalies", []))]
    forecast = amount(risks.get("forecast"))
    if forecast is not None:
        words = f"Forecast to end at {formats.money_full(forecast, currency)}"
        lines.append(f"{words}, {formats.variance_words(forecast / approved - 1)}." if approved else f"{words}.")
    if risks.get("unknown"):
        lines.append(str(risks["unknown"]))
    return lines


def optimisation_lines(optimisation: Mapping[str, Any]) -> list[str]:
    """Say the optimisation under way."""
    lines = [str(row.get("name", row)) if isinstance(row, Mapping) else str(row) for row in optimisation["actions"]]
    return lines or [str(optimisation.get("unknown") or "No optimisation action is recorded.")]


def funding_words(funding: Mapping[str, Any], currency: str) -> str:
    """Say what is asked for the next milestone only."""
    asked = amount(funding.get("ask"))
    if asked is None:
        return "No money is asked."
    words = f"Asks {formats.money_full(asked, currency)} to reach “{funding['milestone']}”"
    if funding.get("due_on"):
        words += f" by {formats.on_day(date.fromisoformat(funding['due_on']))}"
    least, most = amount(funding.get("minimum")), amount(funding.get("maximum"))
    if least is not None and most is not None:
        words += f"; at least {formats.money_full(least, currency)}, at most {formats.money_full(most, currency)}"
    unspent = amount(funding.get("unspent_first"))
    if unspent:
        words += f". Unspent and used first: {formats.money_full(unspent, currency)}"
    return f"{words}."


def change_lines(changes: Mapping[str, Any]) -> list[str]:
    """Say what differs from the figures of the last decision."""
    return [f"{row['what']}: {_known(row['before'])}, now {_known(row['now'])}." for row in changes.get("rows", [])]


def _known(value: Any) -> str:
    try:
        return plain(Decimal(str(value))) if value not in (None, "") else "unknown"
    except ArithmeticError:
        return str(value)


def worst_of(recommendations: Sequence[str]) -> str:
    """Return the gravest of the reviewers' recommendations; empty without any."""
    return next((code for code in WORST if code in recommendations), "")


def verdict_of(*, tripped: Sequence[str], open_rails: Sequence[str], advances: bool) -> tuple[str, str]:
    """Place an item on the scale: candidate for the next stage, sound, or a governance concern, with the reason."""
    reasons = [*tripped]
    if open_rails:
        reasons.append(f"{formats.counted(len(open_rails), 'guardrail')} not met: {', '.join(open_rails)}.")
    if reasons:
        return "concern", " ".join(reasons)
    if advances:
        return "candidate", "Nothing has tripped and every judged guardrail is met."
    return "sound", "Nothing has tripped and every judged guardrail is met."


def item_ranges(numbers: Sequence[int]) -> str:
    """Name items by number: item 2, items 1 to 3, items 1, 4."""
    if not numbers:
        return ""
    if len(numbers) > 2 and list(numbers) == list(range(numbers[0], numbers[-1] + 1)):
        return f"items {numbers[0]} to {numbers[-1]}"
    return f"{'item' if len(numbers) == 1 else 'items'} {', '.join(map(str, numbers))}"
