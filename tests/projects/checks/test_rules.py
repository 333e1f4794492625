import itertools
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from projects.checks.facts import (
    CardFacts,
    Facts,
    LimitFacts,
    Limits,
    QualityFacts,
    ShortlistFacts,
    ViabilityFacts,
)
from projects.checks.rules import CHECKS, cost_at_target, run

LIMITS = Limits(Decimal(95), Decimal(60), Decimal(5))
ROOT = Path(__file__).parents[3]


def verdict(code, **facts):
    return run(code, Facts(limits=LIMITS, **facts)).verdict


def months(count, gap_before=None):
    starts = [date(2026, month, 1) for month in range(1, count + 2)]
    periods = list(itertools.pairwise(starts))
    if gap_before is not None:
        periods[gap_before] = (date(2025, 1, 1), date(2025, 2, 1))
    return tuple(periods)


def unit_cost(*values, gap_before=None):
    figures = tuple(Decimal(value) for value in values)
    return CardFacts("Cost per answer", "unit_cost", (), months(len(values), gap_before), figures)


def limits_of(count, **state):
    return tuple(
        LimitFacts(f"limit{n}", f"Limit {n}", **{"is_filled": True, "is_proved": True, **state}) for n in range(count)
    )


def test_every_computed_criterion_of_the_shipped_template_has_its_check():
    rows = json.loads((ROOT / "fixtures/gate_template.json").read_text())["criteria"]
    named = {row["check"] for row in rows if row["proof"] == "c"}

    assert named <= set(CHECKS)
    assert set(CHECKS) <= named | {"agent_limits_filled"}


@pytest.mark.parametrize("code", sorted(CHECKS))
def test_no_check_proves_anything_without_data(code):
    assert verdict(code) == "unproved"
    assert run(code, Facts(limits=LIMITS)).note


def test_unknown_check_leaves_its_criterion_unproved():
    assert verdict("astrology") == "unproved"


@pytest.mark.parametrize(
    ("shortlist", "found"),
    [
        (ShortlistFacts((), 0, ()), "unproved"),
        (ShortlistFacts(("a:b",), 0, ("No price.",)), "unproved"),
        (ShortlistFacts(("a:b", "a:c"), 2, ()), "proved"),
    ],
)
def test_shortlist_must_lack_nothing(shortlist, found):
    assert verdict("model_shortlist", shortlist=shortlist) == found


@pytest.mark.parametrize("missing", ["business_owner", "technical_owner", "budget_owner"])
def test_all_three_owners_are_named(missing):
    names = {"business_owner": "O", "technical_owner": "T", "budget_owner": "B"}

    assert verdict("owners_named", names=names) == "proved"
    assert verdict("owners_named", names={**names, missing: ""}) == "unproved"


@pytest.mark.parametrize(
    ("figures", "found"),
    [
        ((1, 1, 1), "proved"),
        ((0, 0, 0), "proved"),
        ((2, 1, 3), "failed"),
        ((1, 3, 2), "failed"),
        ((-1, 1, 2), "failed"),
    ],
)
def test_estimate_stands_in_order(figures, found):
    assert verdict("estimate", estimate=tuple(Decimal(figure) for figure in figures)) == found


@pytest.mark.parametrize(("days", "found"), [(13, "unproved"), (14, "proved"), (15, "proved")])
def test_cost_baseline_needs_fourteen_final_days(days, found):
    assert verdict("cost_baseline", baseline_days=days, baseline_cost=Decimal(5)) == found


def test_one_card_with_a_gap_leaves_kpis_unproved():
    whole, torn = CardFacts("A", "", ()), CardFacts("B", "", ("floor",))

    assert verdict("kpi_cards", cards=(whole,)) == "proved"
    assert verdict("kpi_cards", cards=(whole, torn)) == "unproved"


def test_guardrails_are_filled_and_proved_apart():
    assert verdict("guardrails_filled", guardrails=limits_of(6, is_proved=False)) == "proved"
    assert verdict("guardrails_proved", guardrails=limits_of(6, is_proved=False)) == "unproved"
    assert verdict("guardrails_proved", guardrails=limits_of(6)) == "proved"
    assert verdict("guardrails_proved", guardrails=limits_of(6, is_proved=False, has_failed=True)) == "failed"
    assert verdict("guardrails_filled", guardrails=limits_of(6, is_filled=False)) == "unproved"
    assert verdict("agent_limits_filled", agent_limits=limits_of(8)) == "proved"
    assert verdict("agent_limits_proved", agent_limits=limits_of(8)) == "proved"


def test_both_budgets_are_set():
    budgets = tuple(LimitFacts(code, code, True, False) for code in ("token_budget", "output_limit"))

    assert verdict("budgets_set", guardrails=budgets) == "proved"
    assert verdict("budgets_set", guardrails=(budgets[0], LimitFacts("output_limit", "o", False, False))) == "unproved"


@pytest.mark.parametrize(("coverage", "found"), [("94.99", "failed"), ("95", "proved"), ("95.01", "proved")])
def test_attribution_is_live_from_the_policy_share(coverage, found):
    assert verdict("attribution_live", coverage=Decimal(coverage)) == found


@pytest.mark.parametrize(
    ("card", "found"),
    [
        (unit_cost("1"), "unproved"),
        (unit_cost("1", "2"), "proved"),
        (unit_cost("1", "2", gap_before=0), "unproved"),
        (unit_cost("1", "2", "3", gap_before=0), "proved"),
    ],
)
def test_unit_economics_need_two_periods_in_a_row(card, found):
    assert verdict("unit_economics", cards=(card,)) == found


@pytest.mark.parametrize(
    ("values", "found"),
    [
        (("1.00", "1.05", "1.05"), "proved"),
        (("1.00", "1.0501", "1.00"), "failed"),
        (("1.00", "1.00", "1.0501"), "failed"),
        (("1.00", "0.80", "0.50"), "proved"),
        (("9.00", "1.00", "1.04", "1.05"), "proved"),
        (("1.00", "1.00"), "unproved"),
    ],
)
def test_unit_cost_is_stable_up_to_five_percent_over_three_periods(values, found):
    assert verdict("unit_cost_stable", cards=(unit_cost(*values),)) == found


@pytest.mark.parametrize(
    ("verified", "frozen", "found"),
    [
        ("59.99", "100", "failed"),
        ("60", "100", "proved"),
        ("60.01", "100", "proved"),
        (None, "100", "failed"),
        ("10", "0", "unproved"),
        ("10", None, "unproved"),
    ],
)
def test_case_is_validated_from_the_policy_share(verified, frozen, found):
    facts = {"verified": verified and Decimal(verified), "frozen": frozen and Decimal(frozen)}

    assert verdict("case_validated", **facts) == found


@pytest.mark.parametrize(
    ("now", "target", "found"),
    [("0.99", "0.99", "proved"), ("1.00", "0.50", "failed"), ("0.50", "1.00", "failed"), ("0.50", None, "unproved")],
)
def test_viable_costs_strictly_less_than_it_is_worth_both_times(now, target, found):
    unit = ViabilityFacts(Decimal(now), Decimal(1), target and Decimal(target))

    assert verdict("viable", viability=unit) == found


@pytest.mark.parametrize(
    ("fixed", "target", "variable", "volume", "cost"),
    [("100", "50", "30", "10", "5"), ("100", "0", "30", "10", None), ("100", "50", "30", "0", None)],
)
def test_cost_at_target_divides_fixed_and_variable_apart(fixed, target, variable, volume, cost):
    found = cost_at_target(Decimal(fixed), Decimal(target), Decimal(variable), Decimal(volume))

    assert found == (cost and Decimal(cost))


@pytest.mark.parametrize(
    ("verdicts", "found"),
    [
        (["passed", "passed"], "proved"),
        (["passed", "failed"], "failed"),
        (["passed", "unknown"], "unproved"),
        (["failed", "no_reading"], "failed"),
    ],
)
def test_every_quality_gate_must_pass(verdicts, found):
    assert verdict("quality_met", quality=tuple(QualityFacts("Recall", row) for row in verdicts)) == found


@pytest.mark.parametrize(("margin", "found"), [("29.9", "failed"), ("30", "proved"), ("30.1", "proved")])
def test_margin_reaches_its_target(margin, found):
    card = CardFacts("Margin", "margin", (), months(1), (Decimal(margin),), target=Decimal(30))

    assert verdict("margin_met", cards=(card,)) == found


@pytest.mark.parametrize(
    ("met", "found"),
    [
        ((False, False), "proved"),
        ((True, False), "unproved"),
        ((False, True), "unproved"),
        ((False, False, True), "unproved"),
        ((True, False, False), "proved"),
        ((None, False), "unproved"),
        ((False,), "unproved"),
    ],
)
def test_sunset_is_due_after_two_missed_reviews_in_a_row(met, found):
    assert verdict("sunset_due", reviews_met=met) == found


def test_sunset_is_due_when_its_criteria_are_met():
    assert verdict("sunset_due", sunset_criteria_met=True) == "proved"


def test_post_decision_review_counts_once_held():
    assert verdict("post_decision_held", post_decision_held_on=date(2026, 9, 1)) == "proved"


@pytest.mark.parametrize("code", [code for code in CHECKS if code.startswith("control_")])
def test_production_control_is_proved_once_set(code):
    place = code.removeprefix("control_")

    assert verdict(code, names={place: "Set"}) == "proved"


def outcomes(value, floor):
    return (CardFacts("Answers", "outcomes", (), months(1), (Decimal(value),), floor=floor and Decimal(floor)),)


@pytest.mark.parametrize(
    ("value", "floor", "found"),
    [("99.9", "100", "failed"), ("100", "100", "proved"), ("100.1", "100", "proved"), ("100", None, "unproved")],
)
def test_volume_carries_from_its_floor_on(value, floor, found):
    assert verdict("volume_carries", cards=outcomes(value, floor)) == found


@pytest.mark.parametrize(
    ("standings", "found"),
    [
        (("failed",), "proved"),
        (("passed", "failed"), "proved"),
        (("passed", "passed"), "failed"),
        (("passed", "unknown"), "unproved"),
    ],
)
def test_the_base_model_falls_short_where_a_gate_fails_and_never_where_all_are_passed(standings, found):
    assert verdict("base_falls_short", quality=tuple(QualityFacts("F1", one, "0.8") for one in standings)) == found


@pytest.mark.parametrize(
    ("state", "found"),
    [({}, "proved"), ({"is_proved": False}, "unproved"), ({"is_proved": False, "has_failed": True}, "failed")],
)
def test_routing_is_proved_by_its_guardrail(state, found):
    line = LimitFacts("routing_policy", "Routing", **{"is_filled": True, "is_proved": True, **state})
    other = LimitFacts("token_budget", "Budget", is_filled=True, is_proved=False, has_failed=True)

    assert verdict("routing_proved", guardrails=(other, line)) == found
