"""The first tab: figures, budget, the next decision, what the council decided, milestones, guardrails, facts."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

from council.home.decided import Decided, decisions_of, money_of, next_item
from council.home.heads import Head
from projects.common import formats
from projects.common.marks.bullets import Budget
from projects.forecasts.selectors import forecasts
from projects.gates.sandbox import lanes
from projects.initiatives.models import Initiative
from projects.limits.rules import Policy
from projects.milestones.selectors import milestone_panel
from projects.people.models import User
from projects.spend.converting import NOTHING, Tally
from projects.spend.selectors import spending_between
from projects.value.selectors import verified_value

VALUE_FROM = ("pilot", "launch", "scale", "sunset")
Figure = dict[str, Any]


def overview(head: Head, user: User, *, policy: Policy) -> dict[str, Any]:
    """Return what the overview shows on a day; the number of queries does not grow with its rows."""
    initiative, on = head.initiative, head.on
    decided = decisions_of(initiative, on=on)
    forecast = None if head.is_silent else forecasts([initiative.pk], on=on).get(initiative.pk)
    value = verified_value([initiative.pk], on).get(initiative.pk)
    position = head.position
    ever = _ever_spent(head) if position.first_released_on is None else Tally(position.spent, position.foreign)
    budget = _budget(head, forecast, policy)
    milestones = milestone_panel(initiative, on=on, policy=policy)
    last = decided[0] if decided else None
    return {
        "figures": [
            _approved(head, decided),
            _spent(head, budget, ever),
            _ahead(head, budget),
            _value(head, value),
            _per_unit(head, value),
        ],
        "budget": budget,
        "milestones": milestones,
        "near": [row for row in milestones.rows if row.milestone.is_open][:3] or milestones.rows[-3:],
        "next_item": next_item(initiative, user),
        "last": last,
        "last_money": money_of(last, on=on) if last else None,
        "facts": _facts(initiative),
        "lane": lanes([initiative], on=on).get(initiative.pk),
    }


def _budget(head: Head, forecast: Decimal | None, policy: Policy) -> Budget:
    return Budget(
        name=head.initiative.name,
        approved=head.position.approved,
        spent=head.position.spent,
        limit_ratio=1 + policy.decimal("over_budget_percent") / 100,
        forecast=forecast,
        seen_to=head.seen_to if head.is_silent else None,
        currency=head.position.currency,
    )


def _ever_spent(head: Head) -> Tally:
    rows = spending_between([head.initiative.pk], date.min, head.on + timedelta(days=1))
    return rows.get(head.initiative.pk, NOTHING)


def _approved(head: Head, decided: list[Decided]) -> Figure:
    position = head.position
    given = [row for row in decided if row.tranche is not None and row.tranche.released_at is not None]
    if not given:
        words = "No tranche released yet"
        if position.committed:
            words = f"{formats.money_full(position.committed, position.currency)} decided, not released"
        return {
            "label": "Approved",
            "value": formats.money_full(position.approved, position.currency),
            "context": words,
        }
    count = formats.counted(len(given), "tranche", "tranches")
    last = formats.on_day(max(row.at for row in given).date(), year=False)
    return {
        "label": "Approved",
        "value": formats.money_full(position.approved, position.currency),
        "context": f"{count}, last on {last}",
    }


def _spent(head: Head, budget: Budget, ever: Tally) -> Figure:
    if head.seen_to is None:
        return {"label": "Spent", "value": "No data", "tone": "mute", "context": "No charge is tied to it yet"}
    if head.position.first_released_on is None:
        written = formats.money_full(ever.amount, budget.currency)
        return {"label": "Spent", "value": written, "context": ever.plus or "No budget to compare with"}
    written = formats.money_full(budget.spent, budget.currency)
    if head.is_silent:
        last = formats.on_day(head.seen_to, year=False)
        return {"label": f"Spent, to {last}", "value": written, "context": f"Unknown after {last}"}
    against = _against(budget.spent, budget)
    return {"label": "Spent", "value": written, "context": _with_rest(against, ever.plus)}


def _with_rest(against: SafeString | str, plus: str) -> SafeString | str:
    """Say beside a comparison what is spent besides and has no rate: the comparison is of the rest alone."""
    return format_html("{}, {}", against, plus) if plus else against


def _against(amount: Decimal, budget: Budget) -> SafeString | str:
    """Say an amount against approval; over is bold, over the limit red."""
    if budget.approved <= 0:
        return "Nothing approved"
    ratio = amount / budget.approved - 1
    written = formats.percent(ratio, plus=True)
    if ratio <= 0:
        return f"{written} against approved"
    colour = "is-bad" if amount > budget.approved * budget.limit_ratio else "is-warn"
    return format_html('<b class="{}">{}</b> against approved', colour, written)


def _ahead(head: Head, budget: Budget) -> Figure:
    label = "Forecast at tranche’s end"
    if budget.forecast is not None:
        written = formats.money_full(budget.forecast, budget.currency)
        return {"label": label, "value": written, "context": _against(budget.forecast, budget)}
    if head.position.tranche_in_force is None:
        words = "No tranche is in force"
    else:
        words = "Cost data stopped" if head.is_silent else "Too few final days yet"
    return {"label": label, "value": "No forecast", "tone": "mute", "context": words}


def _value(head: Head, value: Decimal | None) -> Figure:
    if value is not None:
        written = formats.money_full(value, head.position.currency)
        return {"label": "Verified value", "value": written, "context": "Checked by Finance"}
    if head.initiative.stage in VALUE_FROM:
        return {"label": "Verified value", "value": "None yet", "tone": "mute", "context": "Nothing is verified"}
    stage = head.initiative.get_stage_display()
    words = f"Not expected at {stage}"
    return {"label": "Verified value", "value": "Due from Pilot", "tone": "mute", "context": words}


def _per_unit(head: Head, value: Decimal | None) -> Figure:
    currency, spent = head.position.currency, head.position.spent
    label = f"Value per {formats.symbol(currency).strip()}1 spent"
    if value is None:
        return {"label": label, "value": "n/a", "tone": "mute", "context": "Because no value is verified"}
    if spent <= 0:
        return {"label": label, "value": "n/a", "tone": "mute", "context": "Because nothing is spent"}
    return {"label": label, "value": formats.unit_cost(value / spent, currency), "context": "Since the first tranche"}


def _expected(initiative: Initiative) -> str:
    expected = initiative.expected_monthly_cost
    return "Not given" if expected is None else formats.money_full(expected, initiative.currency)


def _facts(initiative: Initiative) -> list[tuple[str, str]]:
    fallback = initiative.fallback_provider
    if fallback and initiative.fallback_tested_on:
        fallback = f"{fallback}, tested {formats.on_day(initiative.fallback_tested_on)}"
    return [
        ("Business owner", str(initiative.business_owner)),
        ("Technical owner", str(initiative.technical_owner or "")),
        ("Budget owner", str(initiative.budget_owner or "")),
        ("Sponsor", str(initiative.sponsor or "")),
        ("Expected a month", _expected(initiative)),
        ("Model tier", initiative.get_model_tier_display()),
        ("Outcome", initiative.outcome_unit),
        ("Data class", initiative.get_data_classification_display()),
        ("Autonomy", initiative.get_autonomy_display()),
        ("Risk tier", initiative.risk_tier.capitalize()),
        ("Fallback", fallback),
    ]
