from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from projects.people.roles import Role
from projects.rates.models import MonthlyRate
from projects.spend.missing_rates import MissingRate, initiatives_converted_at, missing_rates
from tests.factories.people import person
from tests.factories.rates import rate
from tests.projects.spend.samples import take_in, write_focus

pytestmark = pytest.mark.django_db
AT = datetime(2026, 6, 20, 9, tzinfo=UTC)
MAY = date(2026, 5, 1)
FED = Path(__file__).parents[3] / "fixtures" / "rates" / "us_fed_monthly_rates_2020_on.csv"
BY_HAND = {"month": "2026-05", "currency": "EUR", "dollars": "1.17", "source": "Treasury"}


@pytest.fixture
def fay():
    return person("fay", Role.FINANCE)


@pytest.fixture
def rita():
    return person("rita", Role.REVIEWER)


@pytest.fixture
def abroad(fraud, tmp_path):
    """Charges of an initiative in euro and pound, and one in euro that nobody owns."""
    tag = f'{{"initiative": "{fraud.key}"}}'
    rows = [
        {"EffectiveCost": "1000", "BillingCurrency": "EUR", "Tags": tag},
        {"EffectiveCost": "200", "BillingCurrency": "EUR", "Tags": tag},
        {"EffectiveCost": "5", "BillingCurrency": "GBP", "Tags": tag},
        {"EffectiveCost": "9", "BillingCurrency": "EUR"},
        {"EffectiveCost": "7", "Tags": tag},
    ]
    take_in(write_focus(tmp_path / "bill.csv", *rows), "cloud")
    return fraud


def test_missing_rates_are_listed_until_they_come(abroad, fay):
    assert missing_rates() == [
        MissingRate(MAY, "EUR", "EUR", Decimal(1200), 1),
        MissingRate(MAY, "GBP", "GBP", Decimal(5), 1),
    ]

    rate(MAY, "EUR", "1.17", by=fay, at=AT)

    assert [row.lacking for row in missing_rates()] == ["GBP"]


def test_a_rate_moves_the_initiatives_that_it_converts_and_no_others(abroad):
    assert initiatives_converted_at([(MAY, "EUR")]) == [abroad.pk]
    assert initiatives_converted_at([(MAY, "CHF"), (date(2026, 6, 1), "EUR")]) == []


def test_the_page_asks_for_sign_in_and_hides_from_strangers(client, rita):
    address = reverse("projects:rates")

    assert client.get(address).status_code == 302
    client.force_login(person("max"))
    assert client.get(address).status_code == 404
    client.force_login(rita)
    assert "No rate yet" in client.get(address).content.decode()


def test_the_page_shows_the_newest_month_both_ways_and_what_is_missing(client, rita, abroad, fay):
    rate(date(2026, 4, 1), "EUR", "1.15", by=fay, at=AT)
    rate(MAY, "EUR", "1.25", by=fay, at=AT)
    client.force_login(rita)

    shown = client.get(reverse("projects:rates")).content.decode()

    assert "1.25" in shown
    assert "0.8" in shown
    assert "£5.00" in shown
    assert "Enter one rate" not in shown
    assert "1.15" in client.get(reverse("projects:rates"), {"month": "2026-04"}).content.decode()


def test_finance_brings_a_table_in(client, fay):
    client.force_login(fay)
    file = SimpleUploadedFile("fed.csv", FED.read_bytes())

    answer = client.post(reverse("projects:rates-import"), {"file": file}, follow=True)

    assert "Rates of 78 months: 1,772 new." in answer.content.decode()
    assert MonthlyRate.objects.filter(source="fed.csv").count() == 1772


def test_finance_enters_one_rate(client, fay):
    client.force_login(fay)

    answer = client.post(reverse("projects:rate-enter"), BY_HAND, follow=True)

    assert "Rates of 1 month: 1 new." in answer.content.decode()
    assert str(MonthlyRate.objects.get()) == "1 EUR = 1.17 USD in May 2026"


@pytest.mark.parametrize("name", ["rates-import", "rate-enter"])
def test_a_reader_may_not_change_rates(name, client, rita):
    client.force_login(rita)

    assert client.post(reverse(f"projects:{name}"), BY_HAND).status_code == 403
    assert not MonthlyRate.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"currency": "euro"}, "“Currency” of a rate cannot be read. Write three capital letters"),
        ({"dollars": "0"}, "“US dollars for one unit” of a rate is at least 0.000000000001, not 0."),
        ({"month": "May"}, "“Month” of a rate cannot be read. Write year and month: 2026-05."),
        ({"currency": "USD"}, "the dollar itself has none"),
    ],
)
def test_a_wrong_rate_comes_back_with_its_reason(wrong, said, client, fay):
    client.force_login(fay)

    answer = client.post(reverse("projects:rate-enter"), BY_HAND | wrong)

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert "<title>Error: Rates of exchange" in answer.content.decode()


def test_a_wrong_table_comes_back_with_its_lines(client, fay):
    client.force_login(fay)
    file = SimpleUploadedFile("fed.csv", b"Date,Country,Exchange rate\n2026-05-01,Euro,ND\n")

    answer = client.post(reverse("projects:rates-import"), {"file": file})

    assert answer.status_code == 422
    assert "Line 2, Exchange rate: “ND” is not a number above zero." in answer.content.decode()


def test_the_number_of_queries_does_not_grow_with_months_and_currencies(client, rita, abroad, fay):
    client.force_login(rita)
    rate(MAY, "CHF", "1.1", by=fay, at=AT)

    def count():
        with CaptureQueriesContext(
            connection,
        ) as seen:
            client.get(reverse("projects:rates"), {"month": "2026-05"})
        return len(seen)

    before = count()
    for number, code in enumerate(("SEK", "NOK", "DKK", "JPY"), start=1):
        rate(MAY, code, "0.1", by=fay, at=AT)
        rate(date(2026, number, 1), code, "0.1", by=fay, at=AT)

    assert count() == before
