from datetime import date
from decimal import Decimal

import pytest

from projects.value.economics import (
    Division,
    Side,
    last_full_month,
    payback,
    return_on,
    uncovered_cost,
    within,
    year_before,
)

UNTIL = date(2026, 10, 31)


def by_month(**amounts):
    months = {"may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10}
    return {date(2026, months[name], 28): Decimal(amount) for name, amount in amounts.items()}


def division(upper, lower):
    sides = [None if side is None else Decimal(side) for side in (upper, lower)]
    return Division("Cost per call", Side("full cost", sides[0]), Side("calls", sides[1], unknown="no gateway tells"))


@pytest.mark.parametrize(
    ("upper", "lower", "result", "because"),
    [
        ("9", "3", "3", ""),
        ("0", "3", "0", ""),
        ("9", "0", None, "calls is zero"),
        ("9", None, None, "no gateway tells"),
        (None, "3", None, "full cost is not known"),
    ],
)
def test_division_has_a_result_or_a_reason(upper, lower, result, because):
    found = division(upper, lower)

    assert found.result == (None if result is None else Decimal(result))
    assert found.because == because


@pytest.mark.parametrize(
    ("value", "cost", "ratio"), [("150", "100", "0.5"), ("100", "100", "0"), ("0", "100", "-1"), ("150", "0", None)]
)
def test_return_is_gain_over_full_cost(value, cost, ratio):
    found = return_on("ROI", Decimal(value), Decimal(cost), unknown="", name="verified value")

    assert found.result == (None if ratio is None else Decimal(ratio))


def test_return_without_value_says_so_before_cost():
    assert return_on("ROI", None, None, unknown="no value is verified", name="x").because == "no value is verified"
    assert return_on("ROI", Decimal(1), None, unknown="", name="x").because == "no cost is known"


def test_payback_is_the_last_crossing_that_holds():
    costs = by_month(may="100", jul="200", sep="10")
    gains = by_month(jun="150", aug="200")

    assert payback(costs, gains, until=UNTIL).on == date(2026, 8, 28)


@pytest.mark.parametrize(("value", "paid"), [("99.99", False), ("100", False), ("100.01", True)])
def test_value_equal_to_cost_has_not_passed_it(value, paid):
    found = payback(by_month(may="100"), by_month(jun=value), until=UNTIL)

    assert (found.on == date(2026, 6, 28)) is paid


def test_payback_ahead_is_projected_at_the_pace_of_three_months():
    found = payback(by_month(may="1000", sep="46"), by_month(oct="138"), until=UNTIL)

    assert found.is_projected
    assert found.on == date(2029, 4, 27)  # 908 still to gain at 1 a day, then a day to lie above


@pytest.mark.parametrize(
    ("gains", "because"),
    [
        ({}, "no value is verified"),
        ({"may": "5"}, "value of the last three months does not exceed their cost"),
        ({"may": "5", "oct": "10.0000001"}, "more than a century ahead"),
    ],
)
def test_payback_that_does_not_come_says_why(gains, because):
    found = payback(by_month(may="100000", oct="10"), by_month(**gains), until=UNTIL)

    assert found.on is None
    assert because in found.because


def test_value_after_the_day_is_not_seen():
    assert payback(by_month(may="1"), by_month(oct="5"), until=date(2026, 9, 30)).because == "no value is verified"


def test_cost_outside_every_period_is_uncovered():
    costs = {date(2026, 9, 30): Decimal(1), date(2026, 10, 1): Decimal(2), date(2026, 11, 1): Decimal(4)}

    assert uncovered_cost(costs, [(date(2026, 10, 1), date(2026, 11, 1))]) == 5
    assert uncovered_cost(costs, []) == 7


def test_nothing_in_a_period_is_unknown_and_not_zero():
    costs = {date(2026, 9, 30): Decimal(0)}

    assert within(costs, date(2026, 9, 1), date(2026, 10, 1)) == 0
    assert within(costs, date(2026, 10, 1), date(2026, 11, 1)) is None


@pytest.mark.parametrize(
    ("until", "month"),
    [(date(2026, 10, 30), 9), (date(2026, 10, 31), 10), (date(2026, 11, 1), 10), (date(2026, 1, 31), 1)],
)
def test_last_full_month_is_over(until, month):
    start, end = last_full_month(until)

    assert (start.month, start.day, end.day) == (month, 1, 1)


def test_twelve_months_end_with_the_day():
    assert year_before(date(2026, 10, 31)) == date(2025, 11, 1)
