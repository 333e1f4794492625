"""The rules of escalation over exact figures: strictly greater, in the initiative's currency. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

from projects.common.money import over_by_percent

FUNDED_STAGES = frozenset({"mvp", "pilot", "launch", "scale"})


@dataclass(frozen=True)
class Finding:
    """A rule that trips: its code, its figures as text, and whether it is soft."""

    rule: str
    figures: dict[str, str] = field(default_factory=dict)
    is_soft: bool = False


@dataclass(frozen=True)
class Money:
    """An initiative's money at the end of a day. ``approved`` is None where there never was a budget."""

    currency: str
    stage: str
    approved: Decimal | None
    spent: Decimal
    unfunded: Decimal = Decimal(0)


MONEY_RULES = ("over_budget", "unfunded_spend", "tranche_overspent", "forecast_over")


def undecided(found: Collection[Finding], lacking: Mapping[str, str]) -> list[Finding]:
    """Return the rules about money that did not trip and whose spend lacks something: whether they hold is unknown.

    ``lacking`` says by rule what has no rate of exchange; a rule that trips on the rest alone is not in doubt.
    """
    tripped = {finding.rule for finding in found}
    return [
        Finding(rule, {"without_rate": lacking[rule]})
        for rule in MONEY_RULES
        if lacking.get(rule) and rule not in tripped
    ]


def told_with(finding: Finding, lacking: Mapping[str, str]) -> Finding:
    """Add to a finding's figures what is spent beside them and has no rate."""
    words = lacking.get(finding.rule)
    return replace(finding, figures={**finding.figures, "without_rate": words}) if words else finding


def percent_over(spent: Decimal, approved: Decimal) -> str:
    """Return by how many percent spent exceeds approved, to one place, or "no percentage" against zero."""
    if approved <= 0:
        return "no percentage"
    return str(((spent - approved) * 100 / approved).quantize(Decimal("0.1"), ROUND_HALF_EVEN))


def over_budget(money: Money, *, percent: Decimal) -> Finding | None:
    """Trip when spent x 100 > approved x (100 + percent); with approved zero, on any spend in a funded stage."""
    approved = money.approved
    if approved is None or (approved <= 0 and money.stage not in FUNDED_STAGES):
        return None
    if not over_by_percent(money.spent, approved, percent) or money.spent <= 0:
        return None
    limit = approved * (100 + percent) / 100
    return Finding(
        "over_budget",
        {
            "spent": text(money.spent),
            "approved": text(approved),
            "over": text(money.spent - approved),
            "percent_over": percent_over(money.spent, approved),
            "limit_percent": text(percent),
            "limit": text(limit),
            "currency": money.currency,
        },
    )


def tranche_overspent(
    *, label: str, released: Decimal, cost: Decimal, currency: str, percent: Decimal
) -> Finding | None:
    """Warn when cost since a tranche's release x 100 > its money x (100 + percent)."""
    if released <= 0 or not over_by_percent(cost, released, percent):
        return None
    figures = {
        "tranche": label,
        "cost": text(cost),
        "released": text(released),
        "percent_over": percent_over(cost, released),
        "limit_percent": text(percent),
        "currency": currency,
    }
    return Finding("tranche_overspent", figures, is_soft=True)


def unfunded_spend(money: Money, *, cap: Decimal) -> Finding | None:
    """Trip when spend with no tranche in force is above the sandbox cap; a funded initiative trips over budget instead."""
    if money.unfunded <= cap or (money.approved or 0) > 0:
        return None
    return Finding("unfunded_spend", {"unfunded": text(money.unfunded), "cap": text(cap), "currency": money.currency})


def missed_milestones(*, names: tuple[str, ...], length: int, last_due_on: date | None, limit: int) -> Finding | None:
    """Trip when at least ``limit`` promises were missed in a row; ``names`` are the milestones of that run."""
    if length < limit or last_due_on is None:
        return None
    return Finding(
        "missed_milestones",
        {
            "missed": str(length),
            "limit": str(limit),
            "milestones": "; ".join(names),
            "last_due_on": last_due_on.isoformat(),
        },
    )


@dataclass(frozen=True)
class Reading:
    """The latest reading of one quality gate."""

    gate: str
    metric: str
    value: Decimal
    threshold: Decimal
    direction: str
    read_on: date
    unit: str = ""

    @property
    def breaches(self) -> bool:
        """Say whether the value is on the wrong side of its threshold; the threshold itself passes."""
        return self.value < self.threshold if self.direction == "at_least" else self.value > self.threshold


def quality_failed(readings: tuple[Reading, ...]) -> Finding | None:
    """Trip when the latest reading of any gate breaches; names the gate furthest from passing first."""
    failed = [reading for reading in readings if reading.breaches]
    if not failed:
        return None
    first = max(failed, key=lambda reading: (reading.read_on, reading.gate))
    figures = {
        "gate": first.gate,
        "metric": first.metric,
        "value": text(first.value),
        "threshold": text(first.threshold),
        "direction": first.direction,
        "unit": first.unit,
        "read_on": first.read_on.isoformat(),
        "failed": str(len(failed)),
    }
    return Finding("quality_failed", figures)


def no_data(*, data_to: date | None, on: date, rhythm_days: int, silent_days: int) -> Finding | None:
    """Warn when the newest charge is older than the source's own rhythm plus the silent days."""
    if data_to is None or (on - data_to).days <= rhythm_days + silent_days:
        return None
    figures = {
        "data_to": data_to.isoformat(),
        "silent_days": str((on - data_to).days),
        "limit_days": str(rhythm_days + silent_days),
    }
    return Finding("no_data", figures, is_soft=True)


def forecast_over(
    *, forecast: Decimal | None, approved: Decimal | None, currency: str, percent: Decimal
) -> Finding | None:
    """Warn when the forecast at the tranche's end is above the same limit as spend."""
    if forecast is None or not approved or approved <= 0 or not over_by_percent(forecast, approved, percent):
        return None
    figures = {
        "forecast": text(forecast),
        "approved": text(approved),
        "percent_over": percent_over(forecast, approved),
        "limit_percent": text(percent),
        "currency": currency,
    }
    return Finding("forecast_over", figures, is_soft=True)


def is_covered(finding: Finding, accepted: Mapping[str, str]) -> bool:
    """Say whether a decision's accepted figures cover a finding: it trips again only above them or with a later miss."""
    if not accepted:
        return False
    if finding.rule in {"over_budget", "tranche_overspent", "unfunded_spend", "forecast_over"}:
        name = {"over_budget": "spent", "tranche_overspent": "cost", "unfunded_spend": "unfunded"}.get(
            finding.rule, "forecast"
        )
        level = accepted.get("accepted_level") or accepted.get(name)
        return level is not None and Decimal(finding.figures[name]) <= Decimal(level)
    if finding.rule == "missed_milestones":
        return finding.figures["last_due_on"] <= accepted.get("last_due_on", "")
    if finding.rule == "quality_failed":
        return finding.figures["read_on"] <= accepted.get("read_on", "")
    if finding.rule == "sunset":
        new = set(filter(None, finding.figures.get("criteria", "").split(",")))
        known = set(accepted.get("criteria", "").split(","))
        return finding.figures.get("later", "") in ("", accepted.get("later")) and new <= known
    return False


def text(amount: Decimal) -> str:
    """Write an exact decimal plainly, without exponent or trailing zeros."""
    plain = format(amount.normalize(), "f")
    return "0" if plain in {"-0", "0"} else plain


def sunset(missed: tuple[str, str] | None, met: Mapping[str, str] | None = None) -> Finding | None:
    """Trip when the last two reviews both missed their targets, or sunset criteria are met.

    ``missed`` are the keys of the two reviews; ``met`` are the criteria by id, each in words with its figure.
    """
    figures = {"earlier": missed[0], "later": missed[1]} if missed else {}
    if met:
        figures |= {"criteria": ",".join(sorted(met)), "met": "; ".join(met[pk] for pk in sorted(met))}
    return Finding("sunset", figures) if figures else None


def headline(rule: str, figures: Mapping[str, str]) -> str:
    """Say in words what tripped, with the figure and the limit."""
    if rule == "over_budget":
        return f"{figures['percent_over']}% over approved budget. The limit is {figures['limit_percent']}%."
    if rule == "tranche_overspent":
        return f"{figures['tranche']} is overspent by {figures['percent_over']}%. The limit is {figures['limit_percent']}%."
    if rule == "unfunded_spend":
        return "Spend without money in force, above the sandbox cap."
    if rule == "missed_milestones":
        return f"{figures['missed']} milestones missed in a row. The limit is {figures['limit']}."
    if rule == "quality_failed":
        side = "at least" if figures["direction"] == "at_least" else "at most"
        unit = figures.get("unit", "")
        return f"{figures['gate']} reads {figures['value']}{unit}. It must be {side} {figures['threshold']}{unit}."
    if rule == "forecast_over":
        return f"Forecast to end {figures['percent_over']}% over approved budget. The limit is {figures['limit_percent']}%."
    if rule == "no_data":
        return f"No cost data for {figures['silent_days']} days. The limit is {figures['limit_days']}."
    if "met" in figures:
        return f"Sunset criteria are met: {figures['met']}."
    return f"Targets were missed at two reviews in a row, {figures['earlier']} and {figures['later']}."


def short_figure(rule: str, figures: Mapping[str, str]) -> str:
    """Return the one figure of a row in a list: +22.4%."""
    if "percent_over" in figures:
        return f"+{figures['percent_over']}%"
    if rule == "missed_milestones":
        return f"{figures['missed']} in a row"
    if rule == "quality_failed":
        return f"{figures['value']}{figures.get('unit', '')}"
    if rule == "no_data":
        return f"{figures['silent_days']} days"
    return ""
