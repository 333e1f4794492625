"""Everything in the organisation's currency: at the month's rate, originals beside, and what has no rate left out aloud."""

import csv
from datetime import date
from io import StringIO

import pytest

from projects.spend.answering import behind
from projects.spend.asking import BY, Question
from projects.spend.charge_sums import charge_sums
from projects.spend.explorer import explore
from projects.spend.rules import last_day_of
from tests.factories.rates import rate
from tests.projects.spend.samples import take_in, write_focus
from tests.projects.spend.test_explorer_pages import month

pytestmark = pytest.mark.django_db


@pytest.fixture
def bill(fraud, fiona, now, tmp_path):
    """Dollars, euros with a rate in May only, and yen without one."""
    owned = {"Tags": f'{{"initiative": "{fraud.key}"}}'}
    euros, yen = {"BillingCurrency": "EUR"}, {"BillingCurrency": "JPY"}
    cells = [
        month(4, 100, **owned),
        month(5, 110, **owned),
        month(4, 30, **euros, **owned),
        month(5, 40, **euros, **owned),
        month(5, 8, **euros),
        month(5, 1200, **yen, **owned),
    ]
    take_in(write_focus(tmp_path / "bill.csv", *cells), "cloud")
    rate(date(2026, 5, 1), "EUR", "1.25", by=fiona, at=now)
    return fraud


def ask(by="layer", since=date(2026, 1, 1), on=date(2026, 5, 31), **more):
    return explore(Question(by, since, on, "USD", is_converted=True, **more))


def test_foreign_charges_stand_at_the_rate_of_their_month(bill):
    answer = ask()

    assert answer.total.total == 110 + 100 + 50 + 10
    assert answer.unclaimed.total == 10
    assert dict(answer.rows[0].originals) == {"EUR": 40}


def test_what_has_no_rate_is_in_no_sum_and_is_named(bill):
    answer = ask()

    assert [(part.currency, part.month, part.amount, part.lacking) for part in answer.missing] == [
        ("JPY", date(2026, 5, 1), 1200, "JPY"),
        ("EUR", date(2026, 4, 1), 30, "EUR"),
    ]
    assert dict(answer.total.left_out) == {"EUR": 30, "JPY": 1200}
    assert answer.rows[0].growth is None, "the months compared are not whole"


@pytest.mark.parametrize("by", sorted(BY))
def test_chart_table_and_charges_hold_the_same_money(by, bill):
    answer = ask(by, since=date(2026, 5, 1))

    charted = sum(series.total for series in answer.series)
    rows = [*answer.all_rows, *([answer.unclaimed] if answer.unclaimed and by not in ("day", "month") else [])]
    assert charted == answer.total.total == sum(row.total for row in rows) == 170
    for row in rows:
        sums = {line.currency: line.effective_cost for line in charge_sums(behind(answer.question, row))}
        for code, amount in {**row.originals, **row.left_out}.items():
            assert sums[code] == amount, (by, row.name)


def test_one_currency_alone_is_never_converted(bill):
    alone = explore(Question("layer", date(2026, 1, 1), date(2026, 5, 31), "EUR"))

    assert (alone.total.total, alone.foreign) == (78, ())


def test_the_page_names_what_it_leaves_out_and_where_currencies_stand_apart(client, carol, bill):
    client.force_login(carol)

    apart = client.get("/spend/?currency=USD").content.decode()
    converted = client.get("/spend/?currency=all").content.decode()

    assert "Bills in EUR, JPY stand apart" in apart or "Bills in JPY, EUR stand apart" in apart
    assert "Some money is in none of these sums" in converted
    assert "1,200 JPY without a rate for May 2026" in converted
    assert "30.00 EUR without a rate for April 2026" in converted
    assert "of it €40.00" in converted
    assert "Some money" not in apart


def test_months_without_a_rate_are_one_sentence_whichever_currency_has_them(client, carol, bill, fiona, now):
    rate(date(2026, 5, 1), "JPY", "0.01", by=fiona, at=now)
    client.force_login(carol)

    page = client.get("/spend/?currency=all").content.decode()

    assert "30.00 EUR without a rate for April 2026. <a" in page


@pytest.mark.parametrize(
    ("asked", "shown"), [("", "All, in USD"), ("?currency=USD", "USD"), ("?currency=XXX", "All, in USD")]
)
def test_who_names_no_currency_sees_all_of_them_in_the_organisations(client, carol, bill, asked, shown):
    client.force_login(carol)

    page = client.get(f"/spend/{asked}").content.decode()

    assert f"Currency <b>{shown}</b>" in page


def test_the_largest_gap_is_named_with_its_money_and_drawn(client, carol, bill):
    client.force_login(carol)

    page = client.get("/spend/").content.decode()

    assert "The largest gap: no tag, account or rule that names an owner, €8." in page
    assert "beside the largest" not in page, "a currency that is not the page's is not measured by it"


def test_the_export_holds_the_figures_of_the_page_and_the_originals(client, fiona, bill):
    client.force_login(fiona)

    rows = list(csv.DictReader(StringIO(client.get("/spend/?currency=all&as=csv").content.decode())))

    assert rows[0]["total"] == "260"
    assert (rows[0]["original_EUR"], rows[0]["left_out_EUR"], rows[0]["left_out_JPY"]) == ("40", "30", "1200")
    assert rows[-1]["total"] == "270"


def test_a_month_is_charted_by_day_without_gaps(bill):
    answer = explore(Question("layer", date(2026, 5, 1), date(2026, 5, 31), "USD"))

    assert answer.times == [date(2026, 5, day) for day in range(1, 32)]
    assert answer.by_layer["api_model"][9] == 110
    assert sum(answer.by_layer["api_model"]) == 110


def test_days_that_may_still_change_are_marked(client, carol, bill, settings):
    settings.TOLLGATE_NOW = "2026-05-20T09:00:00Z"
    client.force_login(carol)

    page = client.get("/spend/?by=day&period=2026-05").content.decode()
    later = client.get("/spend/?by=day&period=2026-04").content.decode()

    assert "Daily spend by cost layer" in page
    assert "pale is provisional, from 1 May on" in page
    assert "Provisional from 1 May on." in page, "the drawing says so too"
    assert "rovisional" not in later
    assert last_day_of(date(2026, 5, 1)) == date(2026, 5, 31)
