"""Balances and unused commitments as imports leave them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from projects.people.roles import Role
from projects.wallets.models import UnusedDay, WalletDay
from projects.wallets.selectors import Unused, unused_commitments, unused_sums, wallets
from tests.factories.people import person
from tests.projects.spend.samples import FOCUS, take_in

pytestmark = pytest.mark.django_db
EXAMPLES = FOCUS / "spec_examples"
ON = date(2026, 6, 15)
HEADER = (
    "ProviderName,ServiceName,BillingAccountId,BillingPeriodStart,BillingPeriodEnd,ChargePeriodStart,ChargePeriodEnd,"
    "ChargeCategory,BilledCost,EffectiveCost,BillingCurrency,PricingCurrency,PricingCurrencyEffectiveCost,PricingUnit,"
    "PricingQuantity,CommitmentDiscountStatus"
)


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.TOLLGATE_NOW = datetime(2026, 6, 15, 9, tzinfo=UTC).isoformat()


def bill(tmp_path, *lines, name="bill.csv"):
    period = "2026-05-01,2026-06-01,2026-05-03,2026-05-04"
    rows = [f"ACME,Assistant,111,{period},{line}" for line in lines]
    (tmp_path / name).write_text("\n".join([HEADER, *rows]) + "\n")
    return tmp_path / name


def figures(wallet):
    return wallet.bought, wallet.used, wallet.balance


def test_the_purchase_of_the_specification_fills_a_wallet():
    take_in(EXAMPLES / "virtual_currency_pricing_model_a1.csv", "acme")

    (wallet,) = wallets(on=ON)

    assert (wallet.source, wallet.provider, wallet.unit) == ("acme", "ACMECORP", "Token")
    assert figures(wallet) == (100000, 0, 100000)
    assert (wallet.paid, wallet.drawn) == ({"USD": Decimal(200000)}, {})


def test_the_uses_of_the_specification_without_their_purchase_are_overdrawn():
    take_in(EXAMPLES / "virtual_currency_pricing_model_a2.csv", "acme")

    (wallet,) = wallets(on=ON)

    assert figures(wallet) == (0, 615, -615)
    assert wallet.is_overdrawn
    assert wallet.drawn == {"USD": Decimal(1230)}


def test_purchases_uses_and_overage_of_the_specification_meet_in_one_balance(tmp_path):
    lines = [
        (EXAMPLES / f"virtual_currency_pricing_model_{part}.csv").read_text("utf-8-sig") for part in ("a1", "a2", "c")
    ]
    assert len({text.splitlines()[0] for text in lines}) == 1
    whole = tmp_path / "acme.csv"
    whole.write_text(
        "\n".join([lines[0].splitlines()[0], *(row for text in lines for row in text.splitlines()[1:])]) + "\n"
    )

    take_in(whole, "acme")

    (wallet,) = wallets(on=ON)
    assert figures(wallet) == (126500, 615, 125885)
    assert wallet.paid == {"USD": Decimal(253000)}
    assert figures(wallets(on=date(2025, 4, 1))[0]) == (101500, 615, 100885)


def test_a_newer_delivery_replaces_what_the_older_said(tmp_path):
    take_in(bill(tmp_path, "Purchase,100,0,USD,USD,0,Credits,50,"), "acme")
    take_in(bill(tmp_path, "Purchase,120,0,USD,USD,0,Credits,60,", "Usage,0,4,USD,credit,2.5,Call,1,"), "acme")

    (wallet,) = wallets(on=ON)

    assert figures(wallet) == (60, Decimal("2.5"), Decimal("57.5"))


def test_hours_that_are_committed_to_are_no_wallet(tmp_path):
    take_in(bill(tmp_path, "Purchase,100,0,USD,USD,0,Hours,50,", "Usage,1,1,USD,USD,1,Hours,1,"), "acme")

    assert wallets(on=ON) == []


def test_a_gateway_log_fills_no_wallet(tmp_path):
    mapping = tmp_path / "mapping.json"
    mapping.write_text('{"role": "detail"}')
    take_in(bill(tmp_path, "Usage,0,4,USD,Token,2.5,Call,1,"), "gateway", "--mapping", mapping)

    assert wallets(on=ON) == []


def test_unused_commitments_are_told_as_money_by_month(tmp_path):
    take_in(
        bill(tmp_path, "Usage,0,7.25,USD,,,,,Unused", "Usage,0,0.75,USD,,,,,unused", "Usage,0,9,USD,,,,,Used"), "cloud"
    )

    found = unused_commitments(since=date(2026, 1, 1), on=ON)

    assert found == [Unused(date(2026, 5, 1), "ACME", "Assistant", "USD", Decimal(8))]
    assert unused_sums(found) == {"USD": Decimal(8)}
    assert unused_commitments(since=date(2026, 6, 1), on=ON) == []


def test_days_of_wallets_are_never_changed(tmp_path):
    take_in(bill(tmp_path, "Purchase,100,0,USD,USD,0,Token,50,", "Usage,0,7,USD,,,,,Unused"), "acme")

    for model in (WalletDay, UnusedDay):
        with pytest.raises(DatabaseError), transaction.atomic():
            model.objects.all().delete()


def test_the_page_shows_balances_and_unused_commitments(client, tmp_path):
    take_in(
        bill(
            tmp_path, "Purchase,200,0,USD,USD,0,Token,50,", "Usage,0,4,USD,Token,60,Call,1,", "Usage,0,7,USD,,,,,Unused"
        ),
        "acme",
    )
    address = reverse("projects:wallets")
    assert client.get(address).status_code == 302
    client.force_login(person("max"))
    assert client.get(address).status_code == 404
    client.force_login(person("rita", Role.REVIEWER))

    shown = client.get(address).content.decode()

    assert "−10" in shown
    assert "a purchase is not delivered" in shown
    assert "$200.00" in shown
    assert "$7.00" in shown


def test_the_page_says_what_would_fill_it_and_asks_no_more_with_more_rows(client, tmp_path):
    client.force_login(person("rita", Role.REVIEWER))

    def look():
        with CaptureQueriesContext(connection) as seen:
            shown = client.get(reverse("projects:wallets")).content.decode()
        return len(seen), shown

    before, shown = look()
    assert "No wallet" in shown
    take_in(bill(tmp_path, *(f"Purchase,{number},0,USD,USD,0,Token {number},50," for number in range(1, 6))), "acme")

    assert look()[0] == before
