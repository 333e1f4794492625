from datetime import date
from decimal import Decimal

import pytest
from django.core.cache import cache

from projects.audit.models import AuditEvent
from projects.value.models import KpiReading
from projects.value.services import create_kpi_card
from tests.factories.tokens import caller, send

READING = {"first_day": "2026-10-01", "last_day": "2026-10-31", "value": "71.5"}


@pytest.fixture(autouse=True)
def _clock(settings, now):
    settings.TOLLGATE_NOW = now.isoformat()
    cache.clear()


@pytest.fixture
def card(fraud, olga, now):
    return create_kpi_card(
        initiative_id=fraud.pk,
        name="Alerts cleared",
        unit="%",
        direction="up",
        owner=olga,
        target=Decimal(70),
        by=olga,
        at=now,
    )


@pytest.fixture
def base(fraud, card):
    return f"/api/v1/initiatives/{fraud.key}"


def test_cards_are_listed(base, card, olga):
    row = caller(olga).get(f"{base}/kpis").json()["items"][0]

    assert (row["id"], row["name"], row["target"], row["floor"]) == (card.pk, "Alerts cleared", "70", None)


def test_the_owner_enters_a_period_that_proves_nothing_yet(base, card, olga):
    client = caller(olga)

    answer = send(client, f"{base}/kpis/{card.pk}/readings", READING | {"numerator": 143, "denominator": "200"})

    body = answer.json()
    assert answer.status_code == 201
    assert (body["first_day"], body["last_day"]) == ("2026-10-01", "2026-10-31")
    assert (body["value"], body["source"], body["is_proving"]) == ("71.5", "typed", False)
    assert KpiReading.objects.get().period_end == date(2026, 11, 1)
    assert AuditEvent.objects.filter(verb="kpi.read").count() == 1
    assert client.get(f"{base}/kpis/{card.pk}/readings").json()["items"][0]["numerator"] == "143"


def test_finance_without_an_interest_enters_it_as_imported(base, card, fiona):
    body = send(caller(fiona), f"{base}/kpis/{card.pk}/readings", READING).json()

    assert (body["source"], body["is_proving"]) == ("imported", True)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"last_day": "2026-09-30"}, "reading_refused"),
        ({"last_day": "2026-12-31"}, "reading_refused"),
        ({"value": None}, "invalid"),
        ({"target": "1"}, "invalid"),
    ],
)
def test_a_period_that_cannot_be_is_refused(base, card, olga, change, code):
    answer = send(caller(olga), f"{base}/kpis/{card.pk}/readings", READING | change)

    assert answer.status_code == 422
    assert answer.json()["code"] == code
    assert not KpiReading.objects.exists()


def test_who_only_reads_enters_nothing(base, card, audrey, vera):
    for reader in (audrey, vera):
        client = caller(reader)
        assert client.get(f"{base}/kpis/{card.pk}/readings").status_code == 200
        assert send(client, f"{base}/kpis/{card.pk}/readings", READING).status_code == 403
        assert send(client, f"{base}/kpi-readings", {"readings": [READING | {"kpi": "x"}]}).status_code == 403


def test_many_are_kept_in_one_act_or_not_at_all(base, card, olga):
    client, row = caller(olga), READING | {"kpi": "alerts cleared"}
    september = row | {"first_day": "2026-09-01", "last_day": "2026-09-30", "value": "70"}

    refused = send(client, f"{base}/kpi-readings", {"readings": [row, row | {"kpi": "Speed"}]})
    kept = send(client, f"{base}/kpi-readings", {"readings": [row, september]})
    again = send(client, f"{base}/kpi-readings", {"readings": [row, september]})

    assert refused.status_code == 422
    assert "Line 2, column measure" in refused.json()["detail"]
    assert kept.json() == {"new": 2, "known": 0, "is_imported": False}
    assert again.json() == {"new": 0, "known": 2, "is_imported": False}
    assert KpiReading.objects.count() == 2
