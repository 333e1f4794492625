"""The colours of the explorer's chart: the largest rows of its table, the rest together, and what nobody owns."""

import re
from datetime import date
from decimal import Decimal

import pytest

from projects.sources.eyes import Eyes
from projects.spend.answering import Answer, Row, Series, behind_series, seen_by
from projects.spend.asking import BY, Question
from projects.spend.charge_sums import charge_sums
from projects.spend.explorer import explore
from projects.spend.explorer_marks import bars_of, inks_of, key_of
from tests.factories.rates import rate
from tests.projects.spend.samples import take_in, write_focus
from tests.projects.spend.test_explorer_pages import month

pytestmark = pytest.mark.django_db
SERVICES = {"Amber": 50, "Birch": 40, "Cedar": 30, "Dogwood": 20, "Elder": 20, "Fir": 10}


def deliver(fraud, tmp_path, services=SERVICES, **cells):
    owned = {"Tags": f'{{"initiative": "{fraud.key}"}}', **cells}
    rows = [month(5, cost, ServiceName=name, **owned) for name, cost in services.items()]
    rows += [month(4, 1, ServiceName=name, **owned) for name in services]
    take_in(write_focus(tmp_path / "services.csv", *rows, month(5, 7), month(6, "0.5", **owned)), "cloud")


def ask(by="service", since=date(2026, 1, 1), on=date(2026, 6, 10), **more):
    return explore(Question(by, since, on, "USD", **more))


@pytest.fixture
def bill(fraud, tmp_path):
    deliver(fraud, tmp_path)
    return fraud


@pytest.mark.parametrize("is_converted", [False, True])
def test_the_four_largest_have_a_colour_and_the_rest_stand_together(is_converted, bill):
    answer = ask(is_converted=is_converted)

    assert [(series.name, list(series.amounts)) for series in answer.series] == [
        ("Amber", [1, 50, 0]),
        ("Birch", [1, 40, 0]),
        ("Cedar", [1, 30, 0]),
        ("Dogwood", [1, 20, 0]),
        ("The rest, 3 more", [2, 30, Decimal("0.5")]),
        ("Unclaimed", [0, 7, 0]),
    ]


def test_rows_of_the_same_money_keep_their_places_in_the_order_of_names(bill):
    answer = ask()

    assert [row.key for row in answer.all_rows[3:5]] == ["Dogwood", "Elder"]
    assert answer.series[3].rows == answer.all_rows[3:4]


def test_five_rows_need_no_rest_the_smallest_stands_by_its_name(fraud, tmp_path):
    deliver(fraud, tmp_path, services={"Amber": 50, "Birch": 40, "Cedar": 30, "Dogwood": 20})

    answer = ask()

    assert [series.name for series in answer.series] == ["Amber", "Birch", "Cedar", "Dogwood", "Bedrock", "Unclaimed"]


@pytest.mark.parametrize("by", sorted(BY))
@pytest.mark.parametrize("since", [date(2026, 1, 1), date(2026, 6, 1)])
def test_the_key_adds_up_to_the_total_of_the_table(since, by, bill):
    answer = ask(by, since=since)

    assert sum(ink["total"] for ink in key_of(answer)) == answer.total.total > 0


def test_key_and_table_agree_at_rates_too(fraud, fiona, now, tmp_path):
    deliver(fraud, tmp_path, BillingCurrency="EUR")
    rate(date(2026, 5, 1), "EUR", "1.3", by=fiona, at=now)

    answer = ask(is_converted=True)

    assert answer.missing, "April and June have no rate"
    assert [series.total for series in answer.series][:2] == [65, 52]
    assert sum(ink["total"] for ink in key_of(answer)) == answer.total.total == Decimal("228.0")


def test_a_colour_leads_to_its_charges_and_the_rest_to_none(bill):
    answer = ask()
    amber, rest, unclaimed = answer.series[0], answer.series[4], answer.series[5]

    assert [line.effective_cost for line in charge_sums(behind_series(answer.question, amber, date(2026, 5, 1)))] == [
        50
    ]
    assert [line.effective_cost for line in charge_sums(behind_series(answer.question, unclaimed))] == [7]
    assert behind_series(answer.question, rest) is None


def test_a_row_of_refunds_keeps_its_sign_in_the_key(fraud, tmp_path):
    deliver(fraud, tmp_path, services={"Amber": 50, "Birch": -49})

    answer = ask()

    assert {ink["name"]: ink["total"] for ink in key_of(answer)}["Birch"] == -48
    assert sum(ink["total"] for ink in key_of(answer)) == answer.total.total


def test_a_row_has_its_colour_of_the_chart_beside_it_and_is_as_wide_as_it_is_large(bill):
    answer = ask()

    bars = bars_of(answer)

    assert [bar.shapes[0].kind for bar in bars] == ["s1", "s2", "s3", "s4", "s5", "s5", "s5"]
    assert [bar.shapes[0].width for bar in bars[:3]] == [100, Decimal("80.39"), Decimal("60.78")]
    assert bars[0].label == "Share of Amber, 27.8% of the total"


def test_where_the_chart_tells_layers_apart_a_row_shows_its_mix_of_them(bill):
    (bar,) = bars_of(ask("layer"))

    assert bar.shapes[0].kind == "l1"
    assert bar.label.startswith("Mix of Fraud network detection by layer")


def test_a_row_of_refunds_has_no_bar(fraud, tmp_path):
    deliver(fraud, tmp_path, services={"Amber": 50, "Birch": -49})

    assert [len(bar.shapes) for bar in bars_of(ask())] == [1, 1, 0]


def test_people_are_masked_in_the_chart_as_in_the_table():
    row = Row("ann@example.org", "ann@example.org", {"api_model": Decimal(3)})
    question = Question("environment", date(2026, 5, 1), date(2026, 5, 31), "USD")
    answer = Answer(question, [date(2026, 5, 1)], [Series("1", [Decimal(3)], [row])], [row], None, row)

    seen = seen_by(answer, Eyes(sees_people=False))

    assert "ann" not in seen.series[0].name
    assert behind_series(question, seen.series[0]) is None
    assert "ann" not in str(inks_of(seen)[0].short)


def test_the_page_holds_the_key_the_table_and_their_totals(client, fiona, bill):
    client.force_login(fiona)

    page = client.get("/spend/?by=service").content.decode()

    key = re.search(r'<ul class="key.*?</ul>', page, re.S).group()
    names = [" ".join(re.sub(r"<[^>]+>", " ", one).split()) for one in re.findall(r"<li>(.*?)</li>", key, re.S)]
    assert names == [
        "Amber $51",
        "Birch $41",
        "Cedar $31",
        "Dogwood $21",
        "The rest, 3 more $32",
        "Unclaimed $7",
        "Total $184",
    ]
    assert 'class="c-s5"' in key
    assert "service=Amber" in key
    told = re.search(r'aria-label="(Monthly spend by technology, [^"]*)"', page).group(1)
    assert told.startswith("Monthly spend by technology, US dollars, April to 10 June 2026. Amber $51, Birch $41")


def test_days_that_may_change_are_pale_in_every_colour(client, fiona, bill, settings):
    settings.TOLLGATE_NOW = "2026-05-20T09:00:00Z"
    client.force_login(fiona)

    page = client.get("/spend/?by=service&period=2026-05").content.decode()

    assert "Daily spend by technology" in page
    assert re.search(r'<rect class="c-s1" fill-opacity="\.6"', page)
    assert "Provisional from" in page
