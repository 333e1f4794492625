from datetime import date
from decimal import Decimal

import pytest

from projects.sunsets.rules import (
    below_bound,
    cost_over,
    criterion_blockers,
    day_reached,
    month_spend,
    without_users,
)

ON = date(2026, 11, 19)
D = Decimal


def figures(*values):
    return [D(value) for value in values]


@pytest.mark.parametrize(
    ("values", "floor", "state"),
    [
        (("9.99", "9.99"), "10", "met"),
        (("10", "9.99"), "10", "not_met"),
        (("9.99", "10"), "10", "not_met"),
        (("1", "9", "9"), "10", "met"),
        (("9",), "10", "unknown"),
        ((), "10", "unknown"),
        (("9", "9"), None, "unknown"),
    ],
)
def test_a_kpi_below_its_floor_for_so_many_periods_in_a_row(values, floor, state):
    bound = None if floor is None else D(floor)

    assert below_bound(figures(*values), bound=bound, is_floor=True, periods=2).state == state


@pytest.mark.parametrize(("value", "state"), [("2.01", "met"), ("2", "not_met"), ("1.99", "not_met")])
def test_cost_of_an_outcome_strictly_above_its_ceiling(value, state):
    assert cost_over(figures(value), ceiling=D(2), periods=1).state == state


@pytest.mark.parametrize(
    ("values", "state"), [(("0", "0"), "met"), (("1", "0"), "not_met"), (("0", "1"), "not_met"), (("0",), "unknown")]
)
def test_nobody_for_so_many_periods_in_a_row(values, state):
    assert without_users(figures(*values), periods=2).state == state


@pytest.mark.parametrize(
    ("spent", "over", "lacks", "state"),
    [
        ("100.01", True, "", "met"),
        ("100", True, "", "not_met"),
        ("99.99", False, "", "met"),
        ("100", False, "", "not_met"),
        ("100.01", True, "plus EUR 5", "met"),
        ("99.99", True, "plus EUR 5", "unknown"),
        ("99.99", False, "plus EUR 5", "unknown"),
        (None, False, "", "unknown"),
        (None, True, "", "unknown"),
    ],
)
def test_what_30_days_cost_and_what_is_not_known_is_never_met(spent, over, lacks, state):
    amount = None if spent is None else D(spent)

    assert month_spend(amount, limit=D(100), over=over, currency="USD", lacks=lacks).state == state


@pytest.mark.parametrize(("day", "state"), [(date(2026, 11, 20), "not_met"), (ON, "met"), (date(2026, 11, 18), "met")])
def test_a_day_is_reached_on_the_day_itself(day, state):
    assert day_reached(day, on=ON).state == state


@pytest.mark.parametrize(
    ("kind", "told", "codes"),
    [
        ("kpi_below_floor", {"periods": 2, "has_card": True}, []),
        ("kpi_below_floor", {"periods": 2}, ["card_missing"]),
        ("unit_cost_over", {"figure": D(2), "periods": 25}, ["periods_missing"]),
        ("unit_cost_over", {"figure": D("NaN"), "periods": 24}, ["figure_missing"]),
        ("spend_over", {"figure": D("-0.01")}, ["figure_missing"]),
        ("spend_under", {"figure": D(0)}, []),
        ("date_reached", {"day": ON}, ["day_missing"]),
        ("date_reached", {"day": date(2026, 11, 20)}, []),
        ("no_active_users", {"periods": 0}, ["periods_missing"]),
    ],
)
def test_a_criterion_names_what_it_is_held_to(kind, told, codes):
    given = {"figure": None, "periods": None, "day": None, "has_card": False} | told

    assert [blocker.code for blocker in criterion_blockers(kind, on=ON, **given)] == codes
