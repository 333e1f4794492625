"""Value, quality, guardrails, KPIs and estimates of the demo."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from council.demo.people import People, engineer
from council.demo.plan import Plan, moment
from projects.estimates.rules import LINES, Line
from projects.estimates.services import save_estimate
from projects.guardrails.services import set_guardrail
from projects.initiatives.models import Initiative
from projects.prices.services import load_catalogue, load_shipped_sheets
from projects.prices.shipped import shipped_catalogue
from projects.quality.services import record_quality_reading, set_quality_gate
from projects.value.services import (
    Reading,
    create_kpi_card,
    declare_claim,
    import_kpi_reading,
    measure_claim,
    verify_claim,
)

QUALITY = {  # metric, unit, threshold, direction, readings as days ago and value
    "AI-014": ("Triage agreement with adjusters", "%", "90", "at_least", ((40, "92.1"), (10, "93.4"))),
    "AI-021": ("Answers rated helpful", "%", "85", "at_least", ((35, "86.0"), (9, "88.2"))),
    "AI-031": ("Alerts confirmed", "%", "60", "at_least", ((30, "66.3"), (8, "68.9"))),
    "AI-038": ("Factual accuracy", "%", "95", "at_least", ((38, "95.6"), (10, "86.1"))),
    "AI-040": ("Answer accuracy", "%", "93", "at_least", ((25, "93.2"), (6, "93.9"))),
}
GUARDRAILS = {
    "token_budget": "400000000",
    "output_limit": "1200",
    "anomaly_threshold": "25",
    "routing_policy": "Small model first; the dearer one only where the small one is unsure.",
    "prompt_caching": "30",
    "tagging_schema": "initiative, application, owner, environment and cost centre on every resource",
}
COUNTED = "AI-014"  # whose outcomes are counted, so that their cost is divided and not only read
SHARES = (40, 8, 8, 6, 8, 6, 12, 4, 8)


def prove_value(plan: Plan, people: People, made: dict[str, Initiative]) -> None:
    """Declare, measure and verify one claim a month of value, some days after the month is over.

    What was verified longer ago is verified anew a month ago, so that it does not decay while the demo stands.
    """
    for row in plan.initiatives:
        for first, amount in zip(plan.months, row["value_by_month"] or (), strict=False):
            if amount:
                _claim(plan, people, made[row["code"]], row, first, Decimal(amount))


def _claim(
    plan: Plan, people: People, initiative: Initiative, row: dict[str, Any], first: date, amount: Decimal
) -> None:
    end = plan.month_end(first) + timedelta(days=1)
    at = moment(min(end + timedelta(days=4), plan.today - timedelta(days=1)))
    claim = declare_claim(
        initiative_id=initiative.pk,
        benefit=f"{row['short_name']}: {row['outcome']}",
        amount=amount,
        period_start=first,
        period_end=end,
        by=initiative.business_owner,
        at=at,
    )
    measure_claim(claim_id=claim.pk, amount=amount, measured_from="Month's report", by=people[engineer(row)], at=at)
    verify_claim(claim_id=claim.pk, amount=amount, by=people["Nils Bergman"], at=at)
    if at < (again := plan.days_ago(30)):
        verify_claim(claim_id=claim.pk, amount=amount, by=people["Nils Bergman"], at=again)


def prove_quality(plan: Plan, people: People, made: dict[str, Initiative]) -> None:
    """Set quality gates and enter their readings."""
    for key, (metric, unit, threshold, direction, readings) in QUALITY.items():
        initiative = made[key]
        gate = set_quality_gate(
            initiative_id=initiative.pk,
            kind="quality",
            metric=metric,
            unit=unit,
            threshold=Decimal(threshold),
            direction=direction,
            cadence_days=30,
            by=initiative.business_owner,
            at=plan.days_ago(45),
        )
        for days, value in readings:
            at = plan.days_ago(days)
            record_quality_reading(
                gate_id=gate.pk,
                value=Decimal(value),
                read_on=at.date(),
                source="Evaluation run",
                is_imported=True,
                by=people["Nils Bergman"],
                at=at,
            )


def fill_guardrails(plan: Plan, made: dict[str, Initiative]) -> None:
    """Fill the six guardrails of everything beyond Concept; one routing policy is still missing."""
    at = plan.days_ago(30)
    for key, initiative in made.items():
        if Initiative.objects.get(pk=initiative.pk).stage == "concept":
            continue
        for code, value in GUARDRAILS.items():
            if (key, code) != ("AI-031", "routing_policy"):
                set_guardrail(
                    initiative_id=initiative.pk,
                    code=code,
                    value=value,
                    source="Platform settings",
                    by=initiative.business_owner,
                    at=at,
                )


def measure_outcomes(plan: Plan, people: People, made: dict[str, Initiative]) -> None:
    """Give every initiative with a target a unit-cost card, and the last four months' readings where there are any."""
    for row in plan.initiatives:
        if row["target_cost_per_outcome"] is None:
            continue
        initiative = made[row["code"]]
        target = Decimal(str(row["target_cost_per_outcome"]))
        card = create_kpi_card(
            initiative_id=initiative.pk,
            name=f"Cost per {row['outcome']}",
            unit=f"USD per {row['outcome']}",
            direction="down",
            owner=initiative.business_owner,
            by=initiative.business_owner,
            at=plan.days_ago(120),
            measures="unit_cost",
            formula=f"Full cost ÷ {row['outcome']}s",
            numerator_source="Cost data",
            denominator_source="Operations report",
            baseline=target * 2,
            baseline_from=plan.months[0],
            baseline_until=plan.months[1],
            target=target,
            floor=target * Decimal("0.5"),
            ceiling=target * Decimal("1.5"),
        )
        if row["cost_per_outcome"] is not None:
            for reading in _readings(plan, row):
                _import(plan, people, card.pk, reading)
        if row["code"] == COUNTED:
            _count_outcomes(plan, people, initiative, row)


def _count_outcomes(plan: Plan, people: People, initiative: Initiative, row: dict[str, Any]) -> None:
    """Give an initiative a card that counts outcomes, by the report that its cost per outcome is divided by."""
    counts = [(one, one.denominator) for one in _readings(plan, row) if one.denominator is not None]
    most = max(count for _, count in counts)
    card = create_kpi_card(
        initiative_id=initiative.pk,
        name="Claims triaged a month",
        unit="claims triaged",
        direction="up",
        owner=initiative.business_owner,
        by=initiative.business_owner,
        at=plan.days_ago(120),
        measures="outcomes",
        formula="Each claim once, in the month in which it was triaged",
        numerator_source="Operations report",
        money_per_unit=Decimal(str(row["value_per_outcome"])),
        target_volume=most,
    )
    for reading, count in counts:
        _import(plan, people, card.pk, Reading(reading.period_start, reading.period_end, count))


def _readings(plan: Plan, row: dict[str, Any]) -> Iterator[Reading]:
    """Yield what one outcome cost in each of the last four months, with both sides of the division."""
    latest = Decimal(str(row["cost_per_outcome"]))
    for step, first in enumerate(plan.months[-4:]):
        end = plan.month_end(first) + timedelta(days=1)
        value = latest * (100 + 4 * (3 - step)) / 100
        cost = Decimal(row["spend_by_month"][len(plan.months) - 4 + step])
        if cost:
            yield Reading(first, end, value, cost, (cost / value).quantize(Decimal(1)))


def _import(plan: Plan, people: People, card_id: int, reading: Reading) -> None:
    import_kpi_reading(
        card_id=card_id, reading=reading, by=people["Nils Bergman"], at=_entered(plan, reading.period_end)
    )


def _entered(plan: Plan, end: date) -> datetime:
    return moment(min(end + timedelta(days=3), plan.today - timedelta(days=1)))


def estimate_costs(plan: Plan, made: dict[str, Initiative]) -> None:
    """Estimate a month's full cost of what is still early, over the nine lines."""
    load_shipped_sheets(at=plan.days_ago(100))
    load_catalogue(rows=shipped_catalogue(), at=plan.days_ago(100))
    for key in ("AI-040", "AI-041", "AI-044", "AI-045"):
        initiative = made[key]
        monthly = initiative.expected_monthly_cost or Decimal(0)
        lines = [
            Line(code, layer, monthly * share * 75 / 10000, monthly * share / 100, monthly * share * 140 / 10000)
            for share, (code, (_, layer)) in zip(SHARES, LINES.items(), strict=True)
        ]
        save_estimate(
            initiative_id=initiative.pk,
            lines=lines,
            price_sheet_version="Public prices",
            by=initiative.business_owner,
            at=plan.days_ago(60),
        )
