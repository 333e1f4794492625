"""What was spent, by whom, and what nobody owns, as the pages show it."""

import csv
from datetime import date
from decimal import Decimal
from io import StringIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects.people.models import Team
from projects.spend.asking import Question
from projects.spend.explorer import explore
from projects.spend.unclaimed import coverage, unclaimed_summary
from tests.factories.initiatives import initiative
from tests.projects.spend.samples import take_in, write_focus

pytestmark = pytest.mark.django_db


def month(number, cost, **cells):
    return {
        "BillingPeriodStart": f"2026-{number:02}-01",
        "BillingPeriodEnd": f"2026-{number + 1:02}-01",
        "ChargePeriodStart": f"2026-{number:02}-10",
        "ChargePeriodEnd": f"2026-{number:02}-11",
        "EffectiveCost": str(cost),
        **cells,
    }


@pytest.fixture
def bill(fraud, tmp_path):
    owned = {"Tags": f'{{"initiative": "{fraud.key}", "env": "Prod"}}'}
    path = write_focus(
        tmp_path / "bill.csv",
        month(4, 100, **owned),
        month(5, 110, **owned),
        month(6, 7, **owned),
        month(5, 40, ServiceName="AmazonEC2", ServiceCategory="Compute", **owned),
        month(4, 30),
        month(5, 60, SubAccountId="=cmd"),
        month(5, 900, ServiceName="AmazonEC2", ServiceCategory="Compute"),
        month(5, 5, BillingCurrency="EUR"),
    )
    take_in(path, "cloud")
    return fraud


def ask(by="layer", **changed):
    return explore(
        Question(**{"by": by, "since": date(2026, 1, 1), "on": date(2026, 6, 10), "currency": "USD", **changed})
    )


def test_layers_stand_by_month_and_unclaimed_ai_beside_them(bill):
    answer = ask()

    assert answer.times == [date(2026, 4, 1), date(2026, 5, 1), date(2026, 6, 1)]
    assert answer.by_layer == {
        "infrastructure": [0, 40, 0],
        "api_model": [100, 110, 7],
        "unclaimed": [30, 60, 0],
    }
    assert answer.total.total == Decimal(347)
    assert answer.claimed_ratio == 1 - Decimal(90) / 347


def test_a_row_compares_the_last_two_full_months(bill):
    row = ask().rows[0]

    assert (row.key, row.last_month, row.month_before, row.growth) == (bill.key, 150, 100, Decimal("0.5"))


@pytest.mark.parametrize(
    ("by", "names"),
    [("initiative", ["Fraud network detection"]), ("team", ["No team"]), ("model", ["Bedrock", "AmazonEC2"])],
)
def test_rows_group_as_asked(by, names, bill):
    assert [row.name for row in ask(by).rows] == names


def test_an_environment_narrows_everything(bill):
    assert ask(words={"environment": "prod"}).total.total == Decimal(257)
    assert ask(words={"environment": "dev"}).total.total == 0
    assert ask(words={"environment": "dev"}).claimed_ratio is None


def test_heaps_stand_by_cause_with_money_and_trend(bill):
    causes = unclaimed_summary(since=date(2026, 1, 1), on=date(2026, 6, 10))

    assert [(cause.code, cause.sums) for cause in causes] == [
        ("missing_tag", {"USD": Decimal(90), "EUR": Decimal(5)}),
        ("not_ai", {"USD": Decimal(900)}),
    ]
    first = causes[0].heaps[0]
    assert (first.sub_account, first.effective_cost, first.rows, first.growth) == ("=cmd", 60, 1, None)


def test_coverage_counts_ai_only_and_each_currency_apart(bill):
    usd, eur = coverage(since=date(2026, 1, 1), on=date(2026, 6, 10))

    assert (usd.currency, usd.claimed, usd.total) == ("USD", 257, 347)
    assert (eur.currency, eur.ratio, eur.unclaimed) == ("EUR", 0, 5)


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("", "Monthly spend by cost layer"),
        ("?by=initiative", "Monthly spend by initiative"),
        ("?by=team", "Monthly spend by team"),
        ("?by=model", "Monthly spend by model"),
        ("?by=service&period=2026-05", "Daily spend by technology"),
        ("?by=month", "Monthly spend by cost layer"),
        ("?by=day", "Daily spend by cost layer"),
        ("?period=all", "Monthly spend by cost layer"),
        ("?period=12m", "Monthly spend by cost layer"),
        ("?by=x&currency=ZZZ", "Monthly spend by cost layer"),
    ],
)
def test_the_chart_is_stacked_by_what_the_table_is_grouped_by(query, title, client, fiona, bill):
    client.force_login(fiona)

    answer = client.get(f"/spend/{query}")

    page = answer.content.decode()
    assert answer.status_code == 200
    assert f"{title}</h2>" in page
    assert f'aria-label="{title}, ' in page, "the drawing says what it tells apart"
    assert len(answer.content) < 300_000


@pytest.mark.parametrize("query", ["", "?by=initiative"])
def test_more_initiatives_cost_no_more_queries(query, client, fiona, bill, olga, tmp_path):
    client.force_login(fiona)
    client.get("/spend/")
    with CaptureQueriesContext(connection) as one:
        client.get("/spend/")
    keys = [initiative(olga, "mvp", name=f"Number {number}").key for number in range(12)]
    rows = (month(5, 3, Tags=f'{{"initiative": "{key}"}}') for key in keys)
    take_in(write_focus(tmp_path / "more.csv", *rows), "second")
    client.get("/spend/")

    with CaptureQueriesContext(connection) as many:
        client.get(f"/spend/{query}")

    assert len(many) == len(one)


def test_the_export_holds_exact_figures_and_no_formulas(client, fiona, bill):
    bill.name = "=HYPERLINK(1)"
    bill.save()
    client.force_login(fiona)

    rows = list(csv.reader(StringIO(client.get("/spend/?as=csv&currency=USD").content.decode())))

    assert rows[0] == ["key", "name", "currency", "infrastructure", "api_model", "unclaimed", "total"]
    assert rows[1] == [bill.key, "'=HYPERLINK(1)", "USD", "40", "217", "0", "257"]
    assert rows[-1][-1] == "347"


def test_without_spend_the_page_says_what_would_fill_it(client, fiona):
    client.force_login(fiona)

    assert "No spend imported yet" in client.get("/spend/").content.decode()
    assert "Every charge has an owner" in client.get("/spend/unclaimed/").content.decode()


def test_who_does_not_keep_attribution_claims_nothing(client, carol, bill):
    client.force_login(carol)

    answer = client.post("/spend/unclaimed/", {"act": "claim", "initiative": bill.key, "claim": "service", "heap": 1})

    assert answer.status_code == 403
    assert "With what you chose" not in client.get("/spend/unclaimed/").content.decode()


def test_statements_are_offered_to_those_who_may_read_one(client, fiona, audrey, vera, olga, bill):
    bill.team = Team.objects.create(name="Fraud")
    bill.save()

    for reader, reads in ((fiona, True), (audrey, True), (olga, True), (vera, False)):
        client.force_login(reader)
        assert ('href="/spend/showback/"' in client.get("/spend/").content.decode()) is reads
        assert (client.get("/spend/showback/").status_code == 200) is reads
