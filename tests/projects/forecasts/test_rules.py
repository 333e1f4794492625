"""The forecast at a tranche's end."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from projects.forecasts.rules import forecast_at_end, weekday_medians

ON = date(2026, 11, 16)


def days(count, cost="10", until=ON):
    return {until - timedelta(days=back): Decimal(cost) for back in range(count)}


@pytest.mark.parametrize(("count", "known"), [(13, False), (14, True), (60, True)])
def test_fourteen_final_days_make_a_forecast(count, known):
    assert (weekday_medians(days(count), final_on=ON) is not None) is known


def test_each_day_ahead_costs_its_weekdays_median():
    daily = days(28)
    for day in daily:
        if day.weekday() >= 5:
            daily[day] = Decimal(2)

    result = forecast_at_end(daily, spent=Decimal(100), on=ON, final_on=ON, ends_on=ON + timedelta(days=8))

    assert result == Decimal(100) + 5 * Decimal(10) + 2 * Decimal(2)


def test_one_wild_day_moves_nothing():
    daily = days(28) | {ON - timedelta(days=3): Decimal(100000)}

    assert forecast_at_end(daily, spent=Decimal(0), on=ON, final_on=ON, ends_on=ON + timedelta(days=2)) == 10


def test_provisional_days_are_left_out():
    daily = days(28) | {ON: Decimal(1), ON - timedelta(days=7): Decimal(1)}

    result = forecast_at_end(
        daily, spent=Decimal(0), on=ON, final_on=ON - timedelta(days=8), ends_on=ON + timedelta(days=2)
    )

    assert result == 10


def test_a_tranche_that_ends_today_forecasts_what_is_spent():
    assert forecast_at_end(days(28), spent=Decimal(7), on=ON, final_on=ON, ends_on=ON + timedelta(days=1)) == 7


def test_without_history_the_forecast_is_unknown():
    assert forecast_at_end({}, spent=Decimal(0), on=ON, final_on=ON, ends_on=ON + timedelta(days=9)) is None
