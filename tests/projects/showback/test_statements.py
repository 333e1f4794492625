"""A team's month as page, CSV and PDF, for who may read it; and chargeback only where enough has an owner."""

import csv
import html
import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO
from types import SimpleNamespace

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext

from projects.attribution.drafts import RuleDraft
from projects.attribution.services import make_rule
from projects.jobs.models import Job
from projects.jobs.services import end_job, take_job
from projects.people.models import Team
from projects.showback.selectors import Statement, statement
from projects.sources.eyes import Eyes
from tests.factories.initiatives import initiative
from tests.factories.prices import catalogued
from tests.projects.spend.samples import FOCUS, take_in, take_in_as_bill, write_focus
from tests.projects.spend.test_import_pages import perform
from tests.projects.trail.conftest import row

pytestmark = pytest.mark.django_db
AT = datetime(2026, 6, 15, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def claims(fraud):
    """Olga's initiative in a team."""
    fraud.team, fraud.application = Team.objects.create(name="Claims"), "=Fraud desk"
    fraud.save()
    return fraud


@pytest.fixture
def bill(claims, tmp_path):
    owned = {"Tags": f'{{"initiative": "{claims.key}", "env": "Prod"}}'}
    cells = [
        row(date(2026, 5, 3), "980", **owned),
        row(date(2026, 6, 3), "97.5", **owned),
        row(date(2026, 6, 4), 4, BillingCurrency="EUR", **owned),
        row(date(2026, 6, 3), 20),
        row(date(2026, 5, 3), 20),
    ]
    take_in(write_focus(tmp_path / "bill.csv", *cells), "cloud")
    return claims


def test_a_statement_tells_cost_and_says_what_is_not_known(client, fiona, bill):
    client.force_login(fiona)

    page = client.get(f"/spend/showback/{bill.team_id}/2026-06/").content.decode()

    for words in (
        "Claims, Jun 2026",
        "$97.50",
        "€4.00, never added",
        "=Fraud desk",
        "n/a, because no source tells of calls",
        "n/a, because no source tells of retries",
        "n/a, because no source tells of cached tokens",
        "/spend/rows/?",
    ):
        assert words in page, words
    told = statement(bill.team, date(2026, 6, 1), "USD", Eyes(sees_people=True))
    assert told.trend == [(date(2026, 5, 1), Decimal(980)), (date(2026, 6, 1), Decimal("97.5"))]
    assert told.total == Decimal("97.5")


def test_usage_is_told_where_a_gateway_tells_it(claims, tmp_path):
    text = (FOCUS / "litellm_focus_servegen_m_small.csv").read_text()
    path = tmp_path / "tagged.csv"
    path.write_text(text.replace('""team_id"":', f'""initiative"": ""{claims.key}"", ""team_id"":'))
    take_in(path, "gateway")

    told = statement(claims.team, date(2025, 3, 1), "USD", Eyes(sees_people=True))

    figures = {unit.label: unit for unit in told.units}
    assert figures["Per call"].amount == 0
    assert figures["Per call"].sides.startswith("0.00 ÷ ")


def test_units_are_divided_from_all_lines_of_users_and_without_credits_and_tax(client, fiona, claims, tmp_path):
    rows = [
        {"user": user, "model": model, "spend": 0.5, "startTime": f"2026-06-0{day}T09:00:00Z", "team_id": "t"}
        for day, user, model in ((3, "a", "m1"), (3, "b", "m1"), (3, "a", "m2"), (4, "a", "m1"))
    ]
    lines = [
        json.dumps({"request_id": f"r{place}", "endTime": row["startTime"], "prompt_tokens": 1, **row})
        for place, row in enumerate(rows)
    ]
    (tmp_path / "log.jsonl").write_text("\n".join(lines) + "\n")
    make_rule(draft=RuleDraft("sub_account", "t", claims), by=fiona, at=AT)
    take_in_as_bill(tmp_path / "log.jsonl", "gateway")
    tags = {"Tags": f'{{"initiative": "{claims.key}"}}'}
    extra = [
        row(date(2026, 6, 3), 7, ChargeCategory="Tax", **tags),
        row(date(2026, 6, 3), -1, ChargeCategory="Credit", **tags),
    ]
    take_in(write_focus(tmp_path / "bill.csv", *extra), "cloud")
    client.force_login(fiona)

    told = statement(claims.team, date(2026, 6, 1), "USD", Eyes(sees_people=True))
    page = " ".join(client.get(f"/spend/showback/{claims.team_id}/2026-06/").content.decode().split())
    sheet = client.get(f"/spend/showback/{claims.team_id}/2026-06/?as=csv").content.decode()

    # 2.00 of usage over two people on the third, one of whom uses two models, and one on the fourth.
    assert told.total == 8
    figure = next(unit for unit in told.units if unit.label == "Per user and day")
    assert (figure.amount, figure.most) == (Decimal("0.5"), Decimal(2) / 3)
    assert "2.00 ÷ 3 to 4 user days" in page
    assert "0.5 to 0.666" in sheet


def test_page_csv_and_paper_tell_the_same_mix_of_tiers(client, fiona, claims, tmp_path):
    catalogued("openai", "m1", "frontier")
    lines = [
        {"request_id": "a", "model": "m1", "prompt_tokens": 300, "user": "u"},
        {"request_id": "b", "model": "m2", "prompt_tokens": 100, "user": "u"},
    ]
    when = {"startTime": "2026-06-03T09:00:00Z", "endTime": "2026-06-03T09:00:01Z"}
    told = [json.dumps({**when, "spend": 1, "team_id": "t", "custom_llm_provider": "openai", **line}) for line in lines]
    (tmp_path / "log.jsonl").write_text("\n".join(told) + "\n")
    make_rule(draft=RuleDraft("sub_account", "t", claims), by=fiona, at=AT)
    take_in_as_bill(tmp_path / "log.jsonl", "gateway")
    client.force_login(fiona)

    address = f"/spend/showback/{claims.team_id}/2026-06/"
    page = client.get(address).content.decode()
    sheet = list(csv.DictReader(StringIO(client.get(f"{address}?as=csv").content.decode())))
    found = statement(claims.team, date(2026, 6, 1), "USD", Eyes(sees_people=True))
    paper = render_to_string("projects/showback/paper.html", {"told": found, "at": AT})

    words = "Frontier 75.0%, Outside the catalogue 25.0%"
    assert words in page
    assert words in paper
    assert [(line["key"], line["name"], line["token_share"]) for line in sheet if line["part"] == "tier"] == [
        ("frontier", "Frontier", "0.75"),
        ("", "Outside the catalogue", "0.25"),
    ]


def test_a_mix_of_tiers_that_is_not_known_says_why_everywhere(client, fiona, bill):
    client.force_login(fiona)

    sheet = list(
        csv.DictReader(StringIO(client.get(f"/spend/showback/{bill.team_id}/2026-06/?as=csv").content.decode()))
    )
    found = statement(bill.team, date(2026, 6, 1), "USD", Eyes(sees_people=True))

    said = "n/a, because no source tells of tokens"
    assert [line["token_share"] for line in sheet if line["part"] == "tier"] == [said]
    assert said in render_to_string("projects/showback/paper.html", {"told": found, "at": AT})


def test_the_csv_holds_layers_and_the_months_before(client, fiona, bill):
    client.force_login(fiona)

    sheet = list(
        csv.DictReader(StringIO(client.get(f"/spend/showback/{bill.team_id}/2026-06/?as=csv").content.decode()))
    )

    trend = [(line["month"], line["effective_cost"]) for line in sheet if line["part"] == "trend"]
    assert trend == [("2026-05", "980"), ("2026-06", "97.5")]
    assert sum(Decimal(line["effective_cost"]) for line in sheet if line["part"] == "layer") == Decimal("97.5")


def test_layers_stand_in_the_order_in_which_they_are_always_named():
    costs = {"embedded_saas": Decimal(1), "api_model": Decimal(2), "platform": Decimal(3)}
    told = SimpleNamespace(by_initiative=SimpleNamespace(total=SimpleNamespace(layers=costs)))

    assert [layer for layer, _ in Statement.layers.fget(told)] == ["api_model", "platform", "embedded_saas"]


def test_the_csv_holds_exact_figures_and_no_formulas(client, fiona, bill):
    client.force_login(fiona)

    rows = list(
        csv.DictReader(StringIO(client.get(f"/spend/showback/{bill.team_id}/2026-06/?as=csv").content.decode()))
    )

    assert (rows[0]["part"], rows[0]["application"], rows[0]["effective_cost"]) == (
        "initiative",
        "'=Fraud desk",
        "97.5",
    )
    assert rows[-1]["part"] == "total"
    assert {line["effective_cost"] for line in rows if line["part"] == "unit"} >= {
        "n/a, because no source tells of calls"
    }


def test_the_pdf_is_made_by_the_worker_for_who_asked(client, fiona, felix, bill):
    client.force_login(fiona)
    client.post(f"/spend/showback/{bill.team_id}/2026-06/pdf/")
    job = take_job(job_id=Job.objects.get().pk, worker="test")
    result, _ = perform(job)
    end_job(job_id=job.pk, act="succeed", at=job.created_at, result=result)

    paper = client.get(result["location"])

    assert b"".join(paper.streaming_content).startswith(b"%PDF-")
    client.force_login(felix)
    assert client.get(result["location"]).status_code == 404


def test_owners_read_their_own_team_and_strangers_nothing(client, olga, carol, max_the_stranger, bill):
    other = Team.objects.create(name="Other")
    assert client.get("/spend/showback/").url.startswith("/account/login/")
    for reader in (carol, max_the_stranger):
        client.force_login(reader)
        assert client.get("/spend/showback/").status_code == 404
        assert client.get(f"/spend/showback/{bill.team_id}/2026-06/").status_code == 404
        assert client.post(f"/spend/showback/{bill.team_id}/2026-06/pdf/").status_code == 404
    client.force_login(olga)
    assert "Claims" in client.get("/spend/showback/?month=2026-06").content.decode()
    assert client.get(f"/spend/showback/{bill.team_id}/2026-06/").status_code == 200
    assert client.get(f"/spend/showback/{other.pk}/2026-06/").status_code == 404
    assert client.get("/spend/showback/chargeback/2026-05/").status_code == 403


def test_chargeback_is_refused_below_the_policys_coverage(client, fiona, bill):
    client.force_login(fiona)

    refused = client.get("/spend/showback/chargeback/2026-06/?currency=USD")
    allowed = client.get("/spend/showback/chargeback/2026-05/?currency=USD")

    assert refused.status_code == 422
    assert "82.9% of the USD 117.50" in refused.content.decode()
    assert "Not to be charged back" in client.get("/spend/showback/?month=2026-06").content.decode()
    rows = list(csv.DictReader(StringIO(allowed.content.decode())))
    assert [(line["initiative"], line["effective_cost"]) for line in rows] == [(bill.key, "980")]


def test_the_month_adds_up_for_who_reads_every_statement(client, fiona, olga, bill, tmp_path):
    lonely = initiative(olga)
    cells = row(date(2026, 6, 5), "7", Tags=f'{{"initiative": "{lonely.key}"}}', BillingAccountId="222")
    take_in(write_focus(tmp_path / "more.csv", cells), "cloud")
    pages = {}
    for reader in (fiona, olga):
        client.force_login(reader)
        pages[reader] = client.get("/spend/showback/?month=2026-06").content.decode()

    foot = pages[fiona].partition("<tfoot>")[2].partition("</tfoot>")[0]
    figures = re.findall(r'class="first">([^<]+)</th><td class="num last"><a href="([^"]+)">([\d,]+)<', foot)
    assert [(name, amount) for name, _, amount in figures] == [("No team", "7"), ("Unclaimed", "20"), ("Total", "124")]
    client.force_login(fiona)
    for (_, address, _), exact in zip(figures, ("$7.00", "$20.00", "$124.50"), strict=True):
        assert exact in client.get(html.unescape(address)).content.decode()
    assert "<tfoot>" not in pages[olga]


def test_more_initiatives_cost_no_more_queries(client, fiona, bill, olga, tmp_path):
    client.force_login(fiona)
    path = f"/spend/showback/{bill.team_id}/2026-06/"
    client.get(path)
    with CaptureQueriesContext(connection) as one:
        client.get(path)
    keys = [initiative(olga, "mvp", name=f"Number {number}", team=bill.team).key for number in range(8)]
    cells = [row(date(2026, 6, 5), 3, Tags=f'{{"initiative": "{key}"}}') for key in keys]
    take_in(write_focus(tmp_path / "more.csv", *cells), "second")
    client.get(path)  # what rests on deliveries is worked out once for the new one

    with CaptureQueriesContext(connection) as many:
        client.get(path)

    assert len(many) == len(one)
