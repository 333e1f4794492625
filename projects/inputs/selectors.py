"""Gather the five inputs from whatever is recorded about an initiative."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from projects.estimates.selectors import latest_estimate
from projects.forecasts.selectors import forecasts
from projects.funding.selectors import positions
from projects.initiatives.models import Initiative
from projects.inputs.rules import (
    Growth,
    MonthFigure,
    Signal,
    Spending,
    funding_input,
    last_full_months,
    spend_input,
    value_input,
)
from projects.spend.selectors import data_to, spend_by_month
from projects.usage.selectors import usage_totals
from projects.value.selectors import cards_with_readings, value_by_month, verified_value

MONTHS_SHOWN = 12
USAGE_DAYS = 90


@dataclass(frozen=True)
class Inputs:
    """The five inputs by name, and flat figures by which the next submission says what changed."""

    five: dict[str, Any]
    figures: dict[str, Any]


def compute_inputs(initiative: Initiative, *, ask: Mapping[str, Any], on: date) -> Inputs:
    """Compute the five required inputs as of the end of a day; what is not known says so."""
    spending = spending_of(initiative, on=on)
    signals = signals_of(initiative, on=on)
    verified = verified_value([initiative.pk], on).get(initiative.pk)
    unspent = None
    if spending.approved is not None and spending.spent is not None:
        unspent = max(spending.approved - spending.spent, Decimal(0))
    five = {
        "spend": spend_input(spending),
        "value": value_input(signals, growth_of(initiative, spending, on=on), verified),
        "risks": risks_of(initiative, on=on),
        "optimisation": {"actions": [], "unknown": "No optimisation action is recorded."},
        "funding": funding_input(ask, approved=spending.approved, unspent=unspent),
    }
    figures = {
        "Approved": spending.approved,
        "Spent": spending.spent,
        "Verified value": verified,
        "Stage": initiative.get_stage_display(),
        "Risk tier": initiative.risk_tier,
        "Primary provider": initiative.primary_provider,
        "Model tier": initiative.model_tier,
        "Data classification": initiative.get_data_classification_display(),
        "Autonomy": initiative.get_autonomy_display(),
        **{f"{row.name} ({row.unit})": row.latest for row in signals},
    }
    return Inputs(plain(five), plain(figures))


def spending_of(initiative: Initiative, *, on: date) -> Spending:
    """Return approved and spent money, monthly cost and the last day of cost data; None where nothing is known."""
    now = positions([initiative.pk], on=on)[initiative.pk]
    funded = now.first_released_on is not None
    newest = data_to([initiative.pk], on=on).get(initiative.pk)
    months = spend_by_month([initiative.pk], on=on).get(initiative.pk, {})
    estimate = latest_estimate(initiative)
    return Spending(
        currency=initiative.currency,
        approved=now.approved if funded else None,
        committed=now.committed if funded else None,
        spent=now.spent if newest is not None else None,
        data_to=newest,
        months=tuple(MonthFigure(month, months[month]) for month in sorted(months)[-MONTHS_SHOWN:]),
        plus=now.plus,
        expected_month=estimate.likely if estimate else initiative.expected_monthly_cost,
    )


def growth_of(initiative: Initiative, spending: Spending, *, on: date) -> Growth | None:
    """Return the last two full months of cost and verified value, or None where cost has no two."""
    cost = {row.month: row.amount for row in spending.months}
    before, now = last_full_months(on)
    if before not in cost or now not in cost:
        return None
    value = value_by_month(initiative.pk, on)
    return Growth(cost[before], cost[now], value.get(before, Decimal(0)), value.get(now, Decimal(0)))


def risks_of(initiative: Initiative, *, on: date) -> dict[str, Any]:
    """Return models without a price and the forecast; anomalies are unknown until detection has run."""
    recent = usage_totals(initiative.pk, on - timedelta(days=USAGE_DAYS), on + timedelta(days=1))
    return {
        "anomalies": [],
        "alarms": [f"{row.provider} {row.model} has no price." for row in recent.unpriced],
        "forecast": forecasts([initiative.pk], on=on).get(initiative.pk),
        "unknown": "No anomaly detection has run on this initiative's spend.",
    }


def signals_of(initiative: Initiative, *, on: date) -> list[Signal]:
    """Return each KPI's latest proving reading, or its latest of any kind where nothing is proved, beside its target."""
    signals = []
    for read in cards_with_readings(initiative.pk, on):
        latest = read.proving[-1] if read.proving else read.latest
        signals.append(
            Signal(
                name=read.card.name,
                unit=read.card.unit,
                direction=read.card.direction,
                baseline=read.card.baseline,
                target=read.card.target,
                latest=latest.value if latest else None,
                read_on=latest.period_end if latest else None,
                source=latest.get_source_display() if latest else "",
            )
        )
    return signals


def plain(data: dict[str, Any]) -> dict[str, Any]:
    """Return data as JSON keeps it: decimals and dates as text."""
    kept: dict[str, Any] = json.loads(json.dumps(data, cls=DjangoJSONEncoder))
    return kept
