from datetime import date, timedelta
from decimal import Decimal

import pytest

from projects.spend.selectors import (
    data_to,
    days_by_initiative,
    last_charge_day,
    layers_by_month,
    silent_sources,
    sources_of,
    spend_by_day,
    spend_by_month,
    spending_from,
    spent_between,
    spent_in_currencies,
    spent_since,
)
from tests.projects.spend.samples import take_in, write_focus

pytestmark = pytest.mark.django_db
ON = date(2026, 6, 15)


@pytest.fixture
def billed(fraud, tmp_path):
    """Charges of an initiative over three months, one power of ten a day, so that each shows in every sum."""

    def day(text, cost, **cells):
        month, following = f"{text[:7]}-01", f"2026-{int(text[5:7]) + 1:02}-01"
        return {
            "ChargePeriodStart": text,
            "ChargePeriodEnd": following,
            "BillingPeriodStart": month,
            "BillingPeriodEnd": following,
            "EffectiveCost": cost,
            "Tags": f'{{"initiative": "{fraud.key}"}}',
            **cells,
        }

    path = write_focus(
        tmp_path / "bill.csv",
        day("2026-04-09", "1"),
        day("2026-04-10", "10"),
        day("2026-04-30", "100"),
        day("2026-05-01", "1000"),
        day("2026-05-31", "10000", ChargeCategory="Tax"),
        day("2026-06-01", "100000"),
        day("2026-06-15", "1000000"),
        day("2026-06-16", "10000000"),
        day("2026-05-15", "7", BillingCurrency="EUR"),
        day("2026-05-15", "3000", Tags=""),
    )
    take_in(path, "cloud")
    log = tmp_path / "mapping.json"
    log.write_text('{"role": "detail"}')
    take_in(write_focus(tmp_path / "log.csv", day("2026-05-20", "555")), "gateway", "--mapping", log)
    return fraud


@pytest.mark.parametrize(
    ("since", "on", "spent"),
    [
        (date(2026, 4, 9), ON, 1111111),
        (date(2026, 4, 10), ON, 1111110),
        (date(2026, 4, 11), ON, 1111100),
        (date(2026, 5, 1), ON, 1111000),
        (date(2026, 5, 2), ON, 1110000),
        (date(2026, 4, 10), date(2026, 6, 14), 111110),
        (date(2026, 4, 10), date(2026, 5, 31), 11110),
        (date(2026, 4, 10), date(2026, 5, 30), 1110),
        (date(2026, 4, 10), date(2026, 4, 30), 110),
        (date(2026, 4, 10), date(2026, 4, 10), 10),
        (date(2020, 1, 1), date(2030, 1, 1), 11111111),
    ],
)
def test_spent_counts_both_its_first_and_its_last_day(since, on, spent, billed):
    assert spent_since({billed.pk: since}, on=on) == {billed.pk: Decimal(spent)}


@pytest.mark.parametrize("day", [1, 2, 9, 15, 16, 17, 30])
@pytest.mark.parametrize("on", [date(2026, 4, 30), date(2026, 6, 1), date(2026, 6, 15), date(2026, 6, 30)])
def test_whole_months_less_their_edges_are_the_sum_of_the_days(day, on, billed):
    since = date(2026, 4, day)

    assert spent_since({billed.pk: since}, on=on) == spent_between([billed.pk], since, on + timedelta(days=1))


def test_several_first_days_of_one_initiative_are_told_apart(billed):
    april, june = date(2026, 4, 10), date(2026, 6, 1)

    found = spending_from([(billed.pk, april), (billed.pk, june)], on=ON)

    assert {place: tally.amount for place, tally in found.items()} == {
        (billed.pk, april): Decimal(1111110),
        (billed.pk, june): Decimal(1100000),
    }


def test_spent_without_a_charge_is_unknown(billed, fraud):
    assert spent_since({billed.pk: date(2026, 7, 1)}, on=date(2026, 7, 2)) == {}
    assert spent_since({}, on=ON) == {}


def test_foreign_charges_stand_beside_and_are_never_added(billed):
    spent = spent_in_currencies({billed.pk: date(2026, 5, 1)}, on=date(2026, 5, 31))

    assert spent == {billed.pk: {"EUR": Decimal(7), "USD": Decimal(11000)}}


def test_tax_can_be_left_out(billed):
    spent = spent_in_currencies({billed.pk: date(2026, 4, 1)}, on=date(2026, 6, 30), with_tax=False)

    assert spent[billed.pk]["USD"] == Decimal(11101111)
    assert spent_since({billed.pk: date(2026, 4, 1)}, on=date(2026, 6, 30), with_tax=False) == {billed.pk: 11101111}
    assert date(2026, 5, 31) not in spend_by_day([billed.pk], start=date(2026, 5, 1), on=ON, with_tax=False)[billed.pk]


def test_months_begin_where_asked_and_end_with_the_day(billed):
    found = spend_by_month([billed.pk], on=date(2026, 6, 15), since=date(2026, 5, 31))

    assert found == {billed.pk: {date(2026, 5, 1): Decimal(11000), date(2026, 6, 1): Decimal(1100000)}}


def test_spend_between_two_days_leaves_the_second_out(billed):
    assert spent_between([billed.pk], date(2026, 4, 10), date(2026, 6, 15)) == {billed.pk: Decimal(111110)}


def test_days_and_months_of_an_initiative_are_its_own_currency(billed):
    days = spend_by_day([billed.pk], start=date(2026, 5, 1), on=date(2026, 6, 1))[billed.pk]
    months = spend_by_month([billed.pk], on=ON)[billed.pk]

    assert days == {date(2026, 5, 1): 1000, date(2026, 5, 31): 10000, date(2026, 6, 1): 100000}
    assert months == {date(2026, 4, 1): 111, date(2026, 5, 1): 11000, date(2026, 6, 1): 1100000}


def test_recent_days_are_marked_as_provisional(billed):
    days = days_by_initiative([billed.pk], since=date(2026, 4, 30), until=date(2026, 6, 2), on=ON)[billed.pk]

    assert [(row.day.isoformat(), row.currency, row.is_provisional) for row in days] == [
        ("2026-04-30", "USD", False),
        ("2026-05-01", "USD", False),
        ("2026-05-15", "EUR", False),
        ("2026-05-31", "USD", False),
        ("2026-06-01", "USD", True),
    ]


def test_months_tell_their_layer_and_rows(billed):
    april = layers_by_month(billed.pk)[0]

    assert (april.month, april.currency, april.layer) == (date(2026, 4, 1), "USD", "api_model")
    assert (april.rows, april.effective_cost, april.billed_cost) == (3, Decimal(111), Decimal(3))


def test_the_last_known_day_is_that_of_bills(billed):
    assert data_to([billed.pk], on=ON) == {billed.pk: date(2026, 6, 15)}
    assert last_charge_day() == date(2026, 6, 16)


def test_without_deliveries_no_day_is_known(db):
    assert last_charge_day() is None


@pytest.mark.parametrize(("days", "is_silent"), [(38, False), (39, True)])
def test_a_bill_is_silent_beyond_its_rhythm_and_the_patience(days, is_silent, billed):
    state = sources_of([billed.pk])[billed.pk][0]
    on = date.fromordinal(state.delivered_at.date().toordinal() + days)

    silent = silent_sources([billed.pk], on, patience_days=7)

    assert (state.name, state.last_day, state.rhythm_days) == ("cloud", date(2026, 6, 16), 31)
    assert (billed.pk in silent) is is_silent
