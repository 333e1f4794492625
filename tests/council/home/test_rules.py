from datetime import date
from decimal import Decimal

import pytest

from council.home.rules import stage_steps, sum_parts, tally_words

ON = date(2026, 11, 19)


def written(parts):
    return "".join(part.text for part in parts)


def test_stages_left_behind_name_their_gate_and_day():
    steps = stage_steps("pilot", since=date(2026, 7, 1), left={"concept": date(2026, 3, 26)}, on=ON)

    assert [step.state for step in steps] == ["done", "done", "now", "", "", ""]
    assert steps[0].note == "Passed G1, 26 Mar"
    assert steps[1].note == "Before the record"
    assert steps[2].note == "Since 1 Jul, 141 days"
    assert [step.note for step in steps[3:]] == ["Gate G3", "Gate G4", "Gate G5"]


def test_a_stage_entered_last_year_says_the_year():
    steps = stage_steps("concept", since=date(2025, 11, 18), left={}, on=ON)

    assert steps[0].note == "Since 18 Nov 2025, 366 days"


def test_over_budget_shows_its_arithmetic_with_figures_apart():
    figures = {
        "spent": "636480",
        "approved": "520000",
        "over": "116480",
        "limit": "598000",
        "percent_over": "22.4",
        "limit_percent": "15",
        "currency": "USD",
    }

    parts = sum_parts("over_budget", figures)

    assert written(parts) == "Spent $636,480 − approved $520,000 = $116,480 over. The limit is $598,000."
    assert [part.text for part in parts if part.is_figure] == ["$636,480", "$520,000", "$116,480 over"]


@pytest.mark.parametrize(
    ("cost", "released", "shown", "exact"),
    [
        ("115.01", "100", "$115.01", ""),
        ("999.99", "500", "$999.99", ""),
        ("1000.01", "500", "$1,000", "$1,000.01"),
        ("684600.46", "520000", "$684,600", "$684,600.46"),
        ("684600.50", "520000", "$684,600", "$684,600.50"),
        ("684600", "520000", "$684,600", ""),
        ("598000.49", "520000", "$598,000.49", ""),
        ("598000.51", "520000", "$598,001", "$598,000.51"),
    ],
)
def test_a_figure_stands_in_whole_units_unless_it_is_small_or_its_cents_decide(cost, released, shown, exact):
    figures = {"cost": cost, "released": released, "tranche": "T2", "limit_percent": "15", "currency": "USD"}

    parts = sum_parts("tranche_overspent", figures)

    assert (parts[1].text, parts[1].exact) == (shown, exact)


@pytest.mark.parametrize(
    ("spent", "words"),
    [
        ("598000.40", "Spent $598,000.40 − approved $520,000 = $78,000.40 over. The limit is $598,000."),
        ("598000.60", "Spent $598,001 − approved $520,000 = $78,001 over. The limit is $598,000."),
    ],
)
def test_a_sum_keeps_cents_in_all_its_figures_where_they_decide(spent, words):
    over = str(Decimal(spent) - 520000)
    figures = {"spent": spent, "approved": "520000", "over": over, "limit": "598000", "currency": "USD"}

    assert written(sum_parts("over_budget", figures)) == words


@pytest.mark.parametrize(
    ("rule", "figures", "words"),
    [
        (
            "unfunded_spend",
            {"unfunded": "31000", "cap": "25000", "currency": "EUR"},
            "Spent in 30 days €31,000 with no tranche in force; the sandbox cap is €25,000.",
        ),
        (
            "missed_milestones",
            {"milestones": "Alpha; Beta", "last_due_on": "2026-10-31"},
            "Missed: Alpha; Beta. The last was due on 31 Oct 2026.",
        ),
        ("quality_failed", {"read_on": "2026-11-12"}, "Read on 12 Nov 2026."),
        (
            "forecast_over",
            {"forecast": "694000", "approved": "520000", "currency": "USD"},
            "Forecast $694,000 at the end of the tranche, approved $520,000.",
        ),
        (
            "no_data",
            {"data_to": "2026-11-02"},
            "The last charge is of 2 Nov 2026. Figures after that date are unknown, not zero.",
        ),
        ("sunset", {}, ""),
    ],
)
def test_each_rule_shows_what_it_saw(rule, figures, words):
    assert written(sum_parts(rule, figures)) == words


@pytest.mark.parametrize(
    ("tally", "words"),
    [
        ({}, ""),
        ({"for": 7, "against": 1, "abstain": 0}, "7 for, 1 against"),
        ({"for": 4, "against": 1, "abstain": 1}, "4 for, 1 against, 1 abstained"),
    ],
)
def test_a_tally_leaves_out_abstentions_only_when_there_were_none(tally, words):
    assert tally_words(tally) == words
