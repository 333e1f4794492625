"""Whether each of the seven review triggers fires."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from projects.sources.personal import without_addresses


@dataclass(frozen=True)
class Trigger:
    """A trigger that fired: its number, what it says, and the figures that show it."""

    number: int
    code: str
    sentence: str
    evidence: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class TriggerLimits:
    """The policy fields that triggers use; amounts in the organisation's currency."""

    review_amount: Decimal | None
    high_risk_share_percent: Decimal
    build_or_buy_amount: Decimal
    build_or_buy_percent: Decimal
    anomaly_percent: Decimal
    anomaly_floor: Decimal


@dataclass(frozen=True)
class Anomaly:
    """An open anomaly: the day, the money at risk, and whether a planned event explains it."""

    on: date
    at_risk: Decimal
    is_planned: bool = False


@dataclass(frozen=True)
class Situation:
    """What the triggers look at; None where a figure is not known."""

    kind: str
    from_stage: str
    to_stage: str
    risk_tier: str
    ask: Decimal | None = None
    projected_month: Decimal | None = None
    model_spend_90: Decimal | None = None
    model_days: int = 0
    services: Collection[str] = ()
    services_known: Collection[str] = ()
    anomalies: Collection[Anomaly] = ()
    review_due_on: date | None = None
    review_why: str = ""


def review_triggers(now: Situation, limits: TriggerLimits, *, on: date) -> list[Trigger]:
    """Return every trigger that fires on a day, in the order of their numbers."""
    fired = (
        incremental_money(now),
        pilot_scales(now),
        month_above(now, limits),
        new_variable_service(now),
        build_or_buy(now, limits),
        open_anomaly(now, limits),
        review_due(now, on=on),
    )
    return [trigger for trigger in fired if trigger]


def incremental_money(now: Situation) -> Trigger | None:
    """1: it asks for money."""
    if now.ask is None or now.ask <= 0:
        return None
    return Trigger(1, "incremental_money", f"Asks for {now.ask:,} more.", {"ask": f"{now.ask}"})


def pilot_scales(now: Situation) -> Trigger | None:
    """2: a Pilot seeks to scale."""
    if now.kind != "advance" or now.from_stage != "pilot":
        return None
    return Trigger(2, "pilot_scales", "A Pilot seeks to scale.", {"to": now.to_stage})


def month_above(now: Situation, limits: TriggerLimits) -> Trigger | None:
    """3: the month's projected cost is strictly above the amount for stage and risk tier; high risk shrinks it."""
    if now.projected_month is None or limits.review_amount is None:
        return None
    limit = limits.review_amount
    if now.risk_tier == "high":
        limit = limit * limits.high_risk_share_percent / 100
    if now.projected_month <= limit:
        return None
    sentence = f"The month is projected at {now.projected_month:,.2f}, above {limit:,.2f}."
    return Trigger(3, "month_above", sentence, {"projected": f"{now.projected_month}", "limit": f"{limit}"})


def new_variable_service(now: Situation) -> Trigger | None:
    """4: a usage-based service appeared that neither the last decision nor the catalogue names."""
    new = sorted(set(now.services) - set(now.services_known))
    if not new:
        return None
    named = without_addresses(", ".join(new))
    return Trigger(4, "new_variable_service", f"New usage-based service: {named}.", {"services": named})


def build_or_buy(now: Situation, limits: TriggerLimits) -> Trigger | None:
    """5: 90 final days of model spend × 365 ÷ 90 reach the policy's share of the build-or-buy amount."""
    if now.model_spend_90 is None:
        return None
    yearly = now.model_spend_90 * 365 / 90
    level = limits.build_or_buy_amount * limits.build_or_buy_percent / 100
    if yearly < level:
        return None
    sentence = f"Model spend runs at {yearly:,.2f} a year, at or above {level:,.2f}: build or buy."
    return Trigger(5, "build_or_buy", sentence, {"yearly": f"{yearly:.2f}", "level": f"{level}"})


def open_anomaly(now: Situation, limits: TriggerLimits) -> Trigger | None:
    """6: an unplanned open anomaly puts more money at risk than the policy's percent of the month, and than the floor."""
    if now.projected_month is None:
        return None
    level = max(now.projected_month * limits.anomaly_percent / 100, limits.anomaly_floor)
    large = [row for row in now.anomalies if not row.is_planned and row.at_risk > level]
    if not large:
        return None
    worst = max(large, key=lambda row: row.at_risk)
    sentence = f"Anomaly of {worst.on}: {worst.at_risk:,.2f} at risk, above {level:,.2f}."
    return Trigger(6, "open_anomaly", sentence, {"at_risk": f"{worst.at_risk}", "level": f"{level}"})


def review_due(now: Situation, *, on: date) -> Trigger | None:
    """7: a review is due, by stage, as a reassessment or after a decision."""
    if now.kind in ("post_decision", "reassessment"):
        return Trigger(7, "review_due", "This is a review that is due.", {"kind": now.kind})
    if now.review_due_on is None or now.review_due_on > on:
        return None
    sentence = f"A review was due on {now.review_due_on}. {now.review_why}".strip()
    return Trigger(7, "review_due", sentence, {"due": f"{now.review_due_on}"})


def month_projection(days: Mapping[date, Decimal], *, final_on: date, on: date, run_rate_days: int) -> Decimal:
    """Return the month's final cost so far, and for its other days the average of the last final days.

    Final days of the window without a charge count as zero from the first charge on.
    """
    first_of_month = on.replace(day=1)
    last_of_month = (first_of_month + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    window_start = max(min(days), final_on - timedelta(days=run_rate_days - 1))
    window = (final_on - window_start).days + 1
    if window <= 0:
        return sum(days.values(), Decimal(0))
    rate = sum((cost for day, cost in days.items() if window_start <= day <= final_on), Decimal(0)) / window
    so_far = sum((cost for day, cost in days.items() if first_of_month <= day <= final_on), Decimal(0))
    left = (last_of_month - max(final_on, first_of_month - timedelta(days=1))).days
    return so_far + rate * left


def next_review(
    stage: str, last: date | None, intervals: Mapping[str, int], *, halved_by: Collection[str] = ()
) -> tuple[date | None, str]:
    """Return when the next review by stage is due, and why; unrest halves the interval, rounded down."""
    days = intervals.get(stage)
    if days is None or last is None:
        return None, ""
    if halved_by:
        return last + timedelta(days=days // 2), f"Every {days // 2} days because of {', '.join(halved_by)}."
    return last + timedelta(days=days), f"Every {days} days in this stage."
