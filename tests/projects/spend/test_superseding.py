from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.urls import reverse

from projects.attribution.aliases import add_alias
from projects.attribution.drafts import DetailDraft, RuleDraft
from projects.attribution.providers import spelt
from projects.attribution.services import make_rule
from projects.people.roles import Role
from projects.sources.models import Source
from projects.spend.reattribution import reattribute
from projects.spend.superseding import (
    Superseded,
    estimates_and_bills,
    gateway_shares,
    waiting_for_bills,
)
from tests.factories.people import person
from tests.projects.spend.samples import take_in, totals, write_focus

MAY = date(2026, 5, 1)
SINCE, ON = date(2026, 1, 1), date(2026, 6, 15)


def line(bill=None, logged=None, computed=None, unpriced=0, currency="USD"):
    money = (None if amount is None else Decimal(amount) for amount in (bill, logged, computed))
    return Superseded(MAY, "OpenAI", currency, *money, unpriced)


@pytest.mark.parametrize(
    ("row", "estimate", "difference", "superseded"),
    [
        (line(bill="110", computed="100"), 100, 10, True),
        (line(bill="90", logged="95", computed="100"), 100, -10, True),
        (line(bill="90", logged="95", computed="50", unpriced=1), 95, -5, True),
        (line(bill="90", computed="50", unpriced=1), None, None, False),
        (line(logged="95"), 95, None, False),
        (line(bill="90"), None, None, False),
    ],
)
def test_a_bill_supersedes_the_estimate_and_the_difference_is_told(row, estimate, difference, superseded):
    assert (row.estimate, row.difference, row.is_superseded) == (estimate, difference, superseded)


def test_the_gateway_share_is_what_logs_split_of_the_bills_and_never_more_than_a_bill():
    rows = [line(bill="100", logged="40"), line(bill="50", logged="70"), line(bill="50"), line(logged="999")]

    (share,) = gateway_shares(rows)

    assert (share.detailed, share.bills, share.ratio) == (90, 200, Decimal("0.45"))


def test_where_a_rule_splits_a_bill_the_share_is_what_its_log_covers():
    by_rule = replace(line(bill="100", logged="90"), split=Decimal(75))
    rows = [by_rule, replace(by_rule, split=Decimal(101)), line(bill="50", logged="10")]

    (share,) = gateway_shares(rows)

    assert (share.detailed, share.split, share.bills) == (75 + 100 + 10, 175, 250)


def test_without_a_bill_there_is_no_share_but_an_estimate_that_waits():
    rows = [line(logged="5"), line(computed="7", currency="EUR"), line(bill="1", computed="3")]

    assert [share.ratio for share in gateway_shares([line(logged="5")])] == [None]
    assert waiting_for_bills(rows) == {"USD": 5, "EUR": 7}


@pytest.fixture
def both(tmp_path, db, settings):
    """A gateway's log and the bill of the same provider and month, and one log that no bill has come for."""
    settings.TOLLGATE_NOW = datetime(2026, 6, 15, 9, tzinfo=UTC).isoformat()
    mapping = tmp_path / "mapping.json"
    mapping.write_text('{"role": "detail"}')
    log = [
        {"ProviderName": "openai", "EffectiveCost": "80", "BilledCost": "80"},
        {"ProviderName": "anthropic", "EffectiveCost": "33", "BilledCost": "33"},
    ]
    take_in(write_focus(tmp_path / "log.csv", *log), "gateway", "--mapping", mapping)
    bill = {"ProviderName": "OpenAI", "EffectiveCost": "100", "BilledCost": "100"}
    take_in(write_focus(tmp_path / "bill.csv", bill), "invoice")


def test_a_bill_takes_the_place_of_the_log_of_its_provider_and_month_and_neither_is_added(both):
    rows = estimates_and_bills(since=SINCE, on=ON)

    told = {spelt(row.provider): (row.bill, row.logged, row.difference) for row in rows}
    assert told == {"openai": (100, 80, 20), "anthropic": (None, 33, None)}
    assert [share.ratio for share in gateway_shares(rows)] == [Decimal("0.8")]
    assert totals()[1]["USD"][2] == 100


def test_the_page_shows_what_counts(client, both):
    address = reverse("projects:estimates")
    assert client.get(address).status_code == 302
    client.force_login(person("max"))
    assert client.get(address).status_code == 404
    client.force_login(person("rita", Role.REVIEWER))

    shown = client.get(address).content.decode()

    assert "80.0%" in shown
    assert "Bill, estimate superseded" in shown
    assert "+$20" in shown
    assert "Nothing yet: estimate only" in shown


def test_a_bill_without_any_estimate_stands_apart_from_what_is_compared(client, both, fiona, tmp_path):
    take_in(write_focus(tmp_path / "aws.csv", {"EffectiveCost": "7", "BilledCost": "7"}), "cloud")
    client.force_login(fiona)

    page = client.get(reverse("projects:estimates")).content.decode()

    compared, apart = page.split('<details class="in">', 1)[0], page.split("1 bill with no estimate to compare", 1)[1]
    assert "Bill, estimate superseded" in compared
    assert "$7.00" not in compared
    assert "$7.00" in apart.split("</details>", 1)[0]


def test_the_page_shows_what_of_a_bill_its_log_covers(client, both, fiona, now):
    bill, log = Source.objects.get(name="invoice"), Source.objects.get(name="gateway")
    detail = DetailDraft(log, provider="openai")
    draft = RuleDraft("billing_account", "111", basis="detail", source=bill, detail=detail)
    rule = make_rule(draft=draft, by=fiona, at=now)
    reattribute(by=fiona, at=now)
    client.force_login(fiona)

    shown = " ".join(client.get(reverse("projects:estimates")).content.decode().split())

    assert "invoice by gateway" in shown
    assert f"Rule {rule.number}, OpenAI, USD" in shown
    for figure in ("$100.00", "$80.00", "+$20", "$20.00", "80.0%"):
        assert figure in shown
    assert "is split by it" not in shown


def test_the_page_says_what_would_fill_it(client, db):
    client.force_login(person("rita", Role.REVIEWER))

    assert "No model spend" in client.get(reverse("projects:estimates")).content.decode()


def deliver(tmp_path, billed, logged):
    """Take in the bill of one provider and the log of one, in May."""
    mapping = tmp_path / "mapping.json"
    mapping.write_text('{"role": "detail"}')
    cost = {"EffectiveCost": "80", "BilledCost": "80", "ServiceName": "Bedrock"}
    take_in(write_focus(tmp_path / "log.csv", {"ProviderName": logged, **cost}), "gateway", "--mapping", mapping)
    take_in(write_focus(tmp_path / "bill.csv", {"ProviderName": billed, **cost, "EffectiveCost": "100"}), "invoice")


@pytest.mark.parametrize(
    ("billed", "logged"),
    [("Microsoft", "azure"), ("azure", "Microsoft"), ("AWS", "bedrock"), ("Google Cloud", "vertex_ai")],
)
def test_a_bill_and_a_log_that_spell_a_provider_differently_find_each_other(billed, logged, tmp_path, db):
    deliver(tmp_path, billed, logged)

    (row,) = estimates_and_bills(since=SINCE, on=ON)

    assert (row.provider, row.also) == (billed, (logged,)), "what is shown stays as delivered"
    assert (row.bill, row.logged, row.difference) == (100, 80, 20)


def test_a_provider_that_nobody_knows_stays_apart_and_is_said(tmp_path, client, fiona, now, settings):
    settings.TOLLGATE_NOW = datetime(2026, 6, 15, 9, tzinfo=UTC).isoformat()
    deliver(tmp_path, "Microsoft", "acme-proxy")
    client.force_login(fiona)

    rows = estimates_and_bills(since=SINCE, on=ON)
    before = client.get(reverse("projects:estimates")).content.decode()
    add_alias(alias="Acme Proxy", value="azure", tag_key="provider", by=fiona, at=now)
    (row,) = estimates_and_bills(since=SINCE, on=ON)
    after = client.get(reverse("projects:estimates")).content.decode()

    assert {row.provider: row.is_unmatched for row in rows} == {"Microsoft": False, "acme-proxy": True}
    assert "No bill names it." in before
    assert (row.provider, row.also, row.is_unmatched) == ("Microsoft", ("acme-proxy",), False)
    assert "No bill names it." not in after
    assert "also acme-proxy" in after


def test_a_known_provider_whose_bill_has_not_come_is_only_waited_for(tmp_path, db):
    deliver(tmp_path, "AWS", "azure")

    told = {row.provider: (row.is_unmatched, row.is_superseded) for row in estimates_and_bills(since=SINCE, on=ON)}

    assert told == {"AWS": (False, False), "azure": (False, False)}
