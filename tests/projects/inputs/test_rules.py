from datetime import date
from decimal import Decimal

import pytest

from projects.inputs.rules import (
    Growth,
    Signal,
    Spending,
    changes_since,
    funding_input,
    growth_percent,
    last_full_months,
    on_target,
    spend_input,
    value_input,
)


def spending(approved, spent):
    return Spending("USD", approved, approved, spent, None)


def test_variance_is_spent_over_approved_less_one():
    assert spend_input(spending(Decimal(520000), Decimal(636480)))["variance"] == Decimal("0.224")


@pytest.mark.parametrize(("approved", "spent"), [(None, Decimal(5)), (Decimal(0), Decimal(5)), (Decimal(5), None)])
def test_unknown_money_has_no_variance(approved, spent):
    assert spend_input(spending(approved, spent))["variance"] is None


def test_unknown_spend_says_so_and_is_not_zero():
    found = spend_input(spending(Decimal(5), None))

    assert found["spent"] is None
    assert found["unknown"]
    assert spend_input(spending(Decimal(5), Decimal(0)))["unknown"] == ""


def signal(direction, latest, target):
    return Signal("Accuracy", "%", direction, None, target and Decimal(target), latest and Decimal(latest), None)


@pytest.mark.parametrize(
    ("direction", "latest", "target", "found"),
    [
        ("up", "93", "93", True),
        ("up", "92.9", "93", False),
        ("down", "0.08", "0.08", True),
        ("down", "0.081", "0.08", False),
        ("up", None, "93", None),
        ("up", "93", None, None),
    ],
)
def test_target_is_reached_at_the_target(direction, latest, target, found):
    assert on_target(signal(direction, latest, target)) is found


def test_growth_of_cost_stands_beside_growth_of_value():
    found = value_input([], Growth(Decimal(100), Decimal(130), Decimal(0), Decimal(50)), None)

    assert found["growth"] == {"cost_percent": Decimal(30), "value_percent": None}
    assert found["unknown"] == "No KPI card is set."


def test_nothing_grows_from_nothing():
    assert growth_percent(Decimal(0), Decimal(5)) is None


def test_funding_adds_the_ask_to_what_is_approved():
    found = funding_input({"ask": Decimal(130)}, approved=Decimal(150), unspent=Decimal(20))

    assert (found["if_approved"], found["unspent_first"]) == (280, 20)
    assert funding_input({"ask": None}, approved=None, unspent=None)["if_approved"] is None


def test_changes_name_figures_that_differ_and_no_new_ones():
    found = changes_since({"Spent": "5", "Stage": "MVP"}, {"Spent": "7", "Stage": "MVP", "Verified value": "1"})

    assert found == [{"what": "Spent", "before": "5", "now": "7"}]


@pytest.mark.parametrize(
    ("on", "months"),
    [
        (date(2026, 11, 16), (date(2026, 9, 1), date(2026, 10, 1))),
        (date(2026, 1, 1), (date(2025, 11, 1), date(2025, 12, 1))),
        (date(2026, 3, 31), (date(2026, 1, 1), date(2026, 2, 1))),
    ],
)
def test_last_full_months_lie_before_the_day(on, months):
    assert last_full_months(on) == months
