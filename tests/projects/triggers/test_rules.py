from datetime import date
from decimal import Decimal

import pytest

from projects.triggers.rules import Anomaly, Situation, TriggerLimits, month_projection, next_review, review_triggers

ON = date(2026, 11, 16)
LIMITS = TriggerLimits(Decimal(50000), Decimal(50), Decimal(500000), Decimal(80), Decimal(10), Decimal(500))
INTERVALS = {"mvp": 30, "pilot": 45, "launch": 60, "scale": 90}


def fired(**changes):
    quiet = {"kind": "advance", "from_stage": "mvp", "to_stage": "pilot", "risk_tier": "low"}
    return [row.number for row in review_triggers(Situation(**{**quiet, **changes}), LIMITS, on=ON)]


def test_nothing_known_fires_nothing():
    assert fired() == []


@pytest.mark.parametrize(("ask", "numbers"), [(None, []), ("0", []), ("0.01", [1])])
def test_money_asked_fires(ask, numbers):
    assert fired(ask=ask and Decimal(ask)) == numbers


@pytest.mark.parametrize(
    ("kind", "stage", "numbers"), [("advance", "pilot", [2]), ("stay", "pilot", []), ("advance", "launch", [])]
)
def test_pilot_that_seeks_to_scale_fires(kind, stage, numbers):
    assert fired(kind=kind, from_stage=stage, to_stage="launch") == numbers


@pytest.mark.parametrize(
    ("month", "risk", "numbers"),
    [
        ("50000", "low", []),
        ("50000.01", "low", [3]),
        ("25000", "high", []),
        ("25000.01", "high", [3]),
        ("25000.01", "medium", []),
    ],
)
def test_month_strictly_above_the_amount_fires_and_high_risk_halves_it(month, risk, numbers):
    assert fired(projected_month=Decimal(month), risk_tier=risk) == numbers


def test_new_usage_based_service_fires_and_is_named():
    found = review_triggers(
        Situation("advance", "mvp", "pilot", "low", services={"Search", "Tokens"}, services_known={"Tokens"}),
        LIMITS,
        on=ON,
    )

    assert [(row.number, row.evidence) for row in found] == [(4, {"services": "Search"})]


@pytest.mark.parametrize(("spend", "numbers"), [("98630.13", []), ("98630.14", [5]), ("200000", [5])])
def test_model_spend_at_the_build_or_buy_level_fires(spend, numbers):
    assert fired(model_spend_90=Decimal(spend)) == numbers  # 400,000 × 90 ÷ 365 = 98,630.136…


@pytest.mark.parametrize(
    ("month", "at_risk", "planned", "numbers"),
    [
        ("10000", "1000", False, []),
        ("10000", "1000.01", False, [6]),
        ("10000", "1000.01", True, []),
        ("1000", "500", False, []),
        ("1000", "500.01", False, [6]),
    ],
)
def test_anomaly_above_share_and_floor_fires_unless_planned(month, at_risk, planned, numbers):
    anomalies = [Anomaly(ON, Decimal(at_risk), planned)]

    assert fired(projected_month=Decimal(month), anomalies=anomalies) == numbers


@pytest.mark.parametrize(
    ("due", "numbers"), [(date(2026, 11, 15), [7]), (ON, [7]), (date(2026, 11, 17), []), (None, [])]
)
def test_review_fires_on_the_day_it_is_due(due, numbers):
    assert fired(review_due_on=due) == numbers


@pytest.mark.parametrize("kind", ["post_decision", "reassessment"])
def test_review_kinds_are_due_by_themselves(kind):
    assert fired(kind=kind) == [7]


@pytest.mark.parametrize(
    ("stage", "halved_by", "due"),
    [
        ("mvp", (), date(2026, 10, 31)),
        ("pilot", (), date(2026, 11, 15)),
        ("pilot", ("missing readings",), date(2026, 10, 23)),
        ("concept", (), None),
    ],
)
def test_next_review_follows_the_stage_and_unrest_halves_it(stage, halved_by, due):
    assert next_review(stage, date(2026, 10, 1), INTERVALS, halved_by=halved_by)[0] == due


def test_month_is_projected_from_final_days():
    days = {date(2026, 11, day): Decimal(100) for day in range(1, 17)}

    projected = month_projection(days, final_on=date(2026, 11, 13), on=ON, run_rate_days=28)

    assert projected == 13 * 100 + 17 * 100


def test_month_without_final_days_counts_what_is_there():
    assert month_projection({ON: Decimal(7)}, final_on=date(2026, 11, 13), on=ON, run_rate_days=28) == 7


def test_a_new_service_is_named_without_the_person_in_its_name():
    now = Situation("advance", "mvp", "pilot", "low", services={"Model of ann.lee@example.com"})

    (trigger,) = [row for row in review_triggers(now, LIMITS, on=ON) if row.code == "new_variable_service"]

    assert trigger.sentence == "New usage-based service: Model of masked@example.com."
    assert trigger.evidence == {"services": "Model of masked@example.com"}
