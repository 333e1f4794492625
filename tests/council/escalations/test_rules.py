"""Every rule on both sides of its threshold and at the threshold."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from council.escalations.rules import (
    Finding,
    Money,
    Reading,
    forecast_over,
    headline,
    is_covered,
    missed_milestones,
    no_data,
    over_budget,
    percent_over,
    quality_failed,
    sunset,
    text,
    tranche_overspent,
    unfunded_spend,
)

FIFTEEN = Decimal(15)


def money(spent, approved="100", stage="pilot", **facts):
    approved = None if approved is None else Decimal(approved)
    return Money(currency="USD", stage=stage, approved=approved, spent=Decimal(spent), **facts)


@pytest.mark.parametrize(
    ("spent", "trips"),
    [("114.99", False), ("115", False), ("115.00", False), ("115.0000000001", True), ("115.01", True)],
)
def test_spend_escalates_above_fifteen_percent_and_not_at_it(spent, trips):
    assert (over_budget(money(spent), percent=FIFTEEN) is not None) is trips


def test_an_over_budget_finding_shows_the_sum():
    finding = over_budget(money("636480", "520000"), percent=FIFTEEN)

    assert finding == Finding(
        "over_budget",
        {
            "spent": "636480",
            "approved": "520000",
            "over": "116480",
            "percent_over": "22.4",
            "limit_percent": "15",
            "limit": "598000",
            "currency": "USD",
        },
    )


@pytest.mark.parametrize(
    ("spent", "approved", "stage", "trips"),
    [
        ("0.01", "0", "pilot", True),
        ("0.01", "0", "concept", False),
        ("0", "0", "pilot", False),
        ("-5", "0", "pilot", False),
        ("1000", None, "pilot", False),
        ("-5", "100", "pilot", False),
    ],
)
def test_any_spend_against_an_approved_zero_escalates_and_no_budget_is_its_own_state(spent, approved, stage, trips):
    assert (over_budget(money(spent, approved, stage), percent=FIFTEEN) is not None) is trips


def test_a_percentage_against_zero_has_no_figure():
    assert percent_over(Decimal(5), Decimal(0)) == "no percentage"


@pytest.mark.parametrize(("cost", "trips"), [("115", False), ("115.01", True)])
def test_a_tranche_overspent_is_a_warning(cost, trips):
    finding = tranche_overspent(label="T4", released=Decimal(100), cost=Decimal(cost), currency="USD", percent=FIFTEEN)

    assert (finding is not None) is trips
    assert finding is None or finding.is_soft


@pytest.mark.parametrize(
    ("unfunded", "approved", "trips"),
    [("25000", None, False), ("25000.01", None, True), ("25000.01", "0", True), ("25000.01", "10", False)],
)
def test_unfunded_spend_trips_above_the_sandbox_cap(unfunded, approved, trips):
    figures = money("0", approved, "concept", unfunded=Decimal(unfunded))

    assert (unfunded_spend(figures, cap=Decimal(25000)) is not None) is trips


@pytest.mark.parametrize(("names", "trips"), [((), False), (("A",), False), (("A", "B"), True)])
def test_two_missed_in_a_row_escalate(names, trips):
    finding = missed_milestones(names=names, length=len(names), last_due_on=date(2026, 9, 30), limit=2)

    assert (finding is not None) is trips


def test_one_milestone_missed_twice_is_two_misses():
    finding = missed_milestones(names=("A",), length=2, last_due_on=date(2026, 10, 30), limit=2)

    assert finding.figures["missed"] == "2"
    assert finding.figures["milestones"] == "A"


def reading(value, direction="at_least", threshold="95"):
    return Reading("Accuracy", "accuracy", Decimal(value), Decimal(threshold), direction, date(2026, 11, 1))


@pytest.mark.parametrize(
    ("value", "direction", "trips"),
    [
        ("94.9", "at_least", True),
        ("95", "at_least", False),
        ("95.1", "at_most", True),
        ("95", "at_most", False),
    ],
)
def test_the_latest_reading_breaches_on_the_wrong_side_only(value, direction, trips):
    assert (quality_failed((reading(value, direction),)) is not None) is trips


@pytest.mark.parametrize(("days", "trips"), [(8, False), (9, True)])
def test_a_source_is_silent_beyond_its_rhythm_plus_the_limit(days, trips):
    on = date(2026, 11, 16)

    finding = no_data(data_to=on - timedelta(days=days), on=on, rhythm_days=1, silent_days=7)

    assert (finding is not None) is trips


@pytest.mark.parametrize(("forecast", "trips"), [("115", False), ("115.01", True), (None, False)])
def test_a_forecast_above_the_limit_warns(forecast, trips):
    forecast = None if forecast is None else Decimal(forecast)

    finding = forecast_over(forecast=forecast, approved=Decimal(100), currency="USD", percent=FIFTEEN)

    assert (finding is not None) is trips


@pytest.mark.parametrize(("spent", "covered"), [("120", True), ("120.01", False)])
def test_a_decision_covers_an_overspend_up_to_the_level_it_named(spent, covered):
    finding = over_budget(money(spent), percent=FIFTEEN)

    assert is_covered(finding, {"spent": "120"}) is covered
    assert not is_covered(finding, {})


def test_a_decision_covers_misses_until_a_later_one():
    finding = missed_milestones(names=("A", "B"), length=2, last_due_on=date(2026, 9, 30), limit=2)

    assert is_covered(finding, {"last_due_on": "2026-09-30"})
    assert not is_covered(finding, {"last_due_on": "2026-09-29"})


def test_figures_are_written_plainly():
    assert [text(Decimal(t)) for t in ("1E+5", "0.10", "-0", "15.00")] == ["100000", "0.1", "0", "15"]


def test_two_reviews_that_missed_their_targets_escalate_until_a_later_one_is_decided():
    assert sunset(None) is None

    found = sunset(("GR-0101", "GR-0140"))

    assert found.figures == {"earlier": "GR-0101", "later": "GR-0140"}
    assert headline("sunset", found.figures) == ("Targets were missed at two reviews in a row, GR-0101 and GR-0140.")
    assert is_covered(found, {"earlier": "GR-0090", "later": "GR-0140"})
    assert not is_covered(found, {"earlier": "GR-0090", "later": "GR-0101"})


def test_met_criteria_trip_with_their_words_and_only_new_ones_again():
    found = sunset(None, {"7": "A day is reached (2026-11-20)", "3": "Nobody uses it (0, 0)"})

    assert found.figures["criteria"] == "3,7"
    assert headline("sunset", found.figures) == (
        "Sunset criteria are met: Nobody uses it (0, 0); A day is reached (2026-11-20)."
    )
    assert is_covered(found, {"criteria": "3,7"})
    assert is_covered(found, {"criteria": "3,5,7"})
    assert not is_covered(found, {"criteria": "3"})
    assert not is_covered(sunset(("GR-1", "GR-2"), {"3": "x"}), {"criteria": "3"})
    assert is_covered(sunset(("GR-1", "GR-2"), {"3": "x"}), {"criteria": "3", "later": "GR-2"})
