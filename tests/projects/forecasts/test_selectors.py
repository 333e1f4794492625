"""No forecast exceeds what the dearest days would come to, so most need not be made."""

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from projects.forecasts import selectors
from projects.forecasts.selectors import forecasts, highest_forecasts
from projects.funding.selectors import positions
from projects.spend.models import SpendDay
from tests.factories.initiatives import initiative
from tests.factories.money import envelope, tranche
from tests.factories.spend import spent

ON = date(2026, 11, 19)
RELEASED_AT = datetime(2026, 9, 1, 9, tzinfo=UTC)


@pytest.fixture
def pilots(olga, fiona):
    """Pilots with a tranche to the end of the year."""
    out_of = envelope(fiona, RELEASED_AT)

    def make(count):
        made = [initiative(olga, "pilot", name=f"Pilot {number}") for number in range(count)]
        for row in made:
            tranche(row, out_of, fiona, RELEASED_AT, "10000")
        return made

    return make


@pytest.mark.parametrize("many", [1, 1000], ids=["read as many", "read as few"])
def test_a_forecast_is_never_above_its_highest(fiona, pilots, monkeypatch, many):
    monkeypatch.setattr(selectors, "MANY", many)
    chance = random.Random(5)
    made = pilots(3)
    for row in made:
        for back in range(0, 60, 2):
            amount = str(chance.choice([-40, 0, 3, Decimal("7.25"), 900]))
            spent(row, ON - timedelta(days=back), amount, by=fiona, at=RELEASED_AT)
    ids = [row.pk for row in made]

    ahead = forecasts(ids, on=ON)
    highest = highest_forecasts(positions(ids, on=ON), on=ON)

    assert set(ahead) == set(highest) == set(ids)
    assert all(ahead[pk] <= highest[pk] for pk in ids)


def test_where_every_day_costs_the_same_the_highest_is_the_forecast(fiona, pilots):
    (made,) = pilots(1)
    for back in range(60):
        spent(made, ON - timedelta(days=back), "10", by=fiona, at=RELEASED_AT)
    SpendDay.objects.update(group=SpendDay.objects.values("group")[:1])

    held = positions([made.pk], on=ON)

    assert highest_forecasts(held, on=ON) == forecasts([made.pk], on=ON, held=held)


def test_days_in_another_currency_leave_it_to_the_forecast_itself(fiona, pilots):
    (made,) = pilots(1)
    spent(made, ON - timedelta(days=9), "10", by=fiona, at=RELEASED_AT, currency="EUR")

    assert highest_forecasts(positions([made.pk], on=ON), on=ON) == {made.pk: None}


def test_without_a_tranche_or_a_day_there_is_none(olga, pilots):
    (made,) = pilots(1)
    other = initiative(olga, "pilot", name="Without money")

    assert highest_forecasts(positions([made.pk, other.pk], on=ON), on=ON) == {}
    assert forecasts([], on=ON) == {}
