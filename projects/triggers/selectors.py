"""Gather the situation that the review triggers look at."""

from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Max, Min

from projects.initiatives.choices import Stage
from projects.initiatives.models import Initiative
from projects.limits.rules import Policy
from projects.prices.models import ModelEntry
from projects.quality.selectors import standings
from projects.spend.models import SpendDay
from projects.spend.selectors import billed_days, converted, spend_by_day
from projects.triggers.rules import Situation, Trigger, TriggerLimits, month_projection, next_review, review_triggers

VARIABLE_LAYERS = ("api_model", "platform", "embedded_saas")
MODEL_DAYS = 90
RUN_RATE_DAYS = 28


def fired_triggers(
    initiative: Initiative,
    *,
    kind: str,
    to_stage: str,
    ask: Decimal | None,
    last_review_on: date,
    last_decided_on: date | None,
    policy: Policy,
    on: date,
) -> list[Trigger]:
    """Return the review triggers that fire for a request, or for an initiative nobody asks about, on a day."""
    intervals = {stage: policy.integer("review_interval_days", stage) for stage in ("mvp", "pilot", "launch", "scale")}
    due, why = next_review(initiative.stage, last_review_on, intervals, halved_by=unrest_of(initiative, on=on))
    final_on = on - timedelta(days=policy.integer("spend_lag_days"))
    situation = Situation(
        kind=kind,
        from_stage=initiative.stage,
        to_stage=to_stage,
        risk_tier=initiative.risk_tier,
        ask=ask,
        projected_month=projected_month(initiative, final_on=final_on, on=on),
        model_spend_90=model_spend(initiative, final_on=final_on),
        services=variable_services(initiative, since=None, on=on),
        services_known=known_services(initiative, last_decided_on),
        review_due_on=due,
        review_why=why,
    )
    return review_triggers(situation, limits_of(policy, initiative.stage), on=on)


def limits_of(policy: Policy, stage: str) -> TriggerLimits:
    """Return the policy fields that triggers use in a stage; Sunset has no review amount."""
    return TriggerLimits(
        review_amount=policy.decimal("review_amount", stage) if stage != Stage.SUNSET else None,
        high_risk_share_percent=policy.decimal("high_risk_share_percent"),
        build_or_buy_amount=policy.decimal("build_or_buy_amount"),
        build_or_buy_percent=policy.decimal("build_or_buy_percent"),
        anomaly_percent=policy.decimal("anomaly_percent"),
        anomaly_floor=policy.decimal("anomaly_floor"),
    )


def projected_month(initiative: Initiative, *, final_on: date, on: date) -> Decimal | None:
    """Return what this month is projected to cost; before any spend, what is expected of a month, if that is known."""
    start = min(on.replace(day=1), final_on - timedelta(days=RUN_RATE_DAYS - 1))
    days = spend_by_day([initiative.pk], start=start, on=on, with_credits=False).get(initiative.pk, {})
    if not days:
        return initiative.expected_monthly_cost
    return month_projection(days, final_on=final_on, on=on, run_rate_days=RUN_RATE_DAYS)


def model_spend(initiative: Initiative, *, final_on: date) -> Decimal | None:
    """Return what models cost in the last 90 final days, credits left out; None without any charge."""
    rows = billed_days().filter(
        initiative=initiative,
        group__owned_layer="api_model",
        charge_on__gt=final_on - timedelta(days=MODEL_DAYS),
        charge_on__lte=final_on,
    )
    found = converted(rows.exclude(group__charge_category="Credit")).get(initiative.pk)
    return None if found is None else found.amount


def variable_services(initiative: Initiative, *, since: date | None, on: date) -> set[str]:
    """Return the usage-based services that charge an initiative up to a day, from another if one is given."""
    rows = billed_days().filter(
        initiative=initiative,
        charge_on__lte=on,
        group__owned_layer__in=VARIABLE_LAYERS,
        group__charge_frequency__iexact="Usage-Based",
        group__service_name__isnull=False,
    )
    if since is not None:
        rows = rows.filter(charge_on__gte=since)
    names = rows.order_by().values_list("group__service_name", flat=True).distinct()
    return {name for name in names if name}


def known_services(initiative: Initiative, last_decided_on: date | None) -> set[str]:
    """Return the services that the last decision knew; without one, those of the first delivery and the catalogue."""
    if last_decided_on is not None:
        return variable_services(initiative, since=None, on=last_decided_on)
    rows = SpendDay.objects.filter(initiative=initiative)
    first = rows.aggregate(first=Min("part__delivery_id"))["first"]
    if first is None:
        return set()
    until = rows.filter(part__delivery_id=first).aggregate(last=Max("charge_on"))["last"]
    known = variable_services(initiative, since=None, on=until)
    if initiative.stage == Stage.CONCEPT:
        known |= set(ModelEntry.objects.values_list("model", flat=True))
    return known


def unrest_of(initiative: Initiative, *, on: date) -> list[str]:
    """Name what is known here to halve the review interval: quality gates without a reading."""
    silent = [
        gate.metric
        for gate, found in standings([initiative.pk], on=on).get(initiative.pk, ())
        if found.verdict == "unknown"
    ]
    return [f"missing readings of {', '.join(silent)}"] if silent else []
