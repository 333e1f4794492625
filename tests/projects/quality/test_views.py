from decimal import Decimal

import pytest
from django.urls import reverse

from projects.quality.models import QualityGate, QualityReading
from projects.quality.services import record_quality_reading, set_quality_gate

GATE = {
    "kind": "quality",
    "metric": "Precision",
    "unit": "%",
    "direction": "at_least",
    "threshold": "92",
    "cadence_days": "30",
}
READING = {"value": "90.3", "read_on": "2026-11-19", "source": "Holdout run 512", "evidence": ""}


@pytest.fixture(autouse=True)
def _clock(settings, now):
    settings.TOLLGATE_NOW = now.isoformat()


@pytest.fixture
def gate(fraud, olga, now):
    figures = {"threshold": Decimal(92), "cadence_days": 30}
    return set_quality_gate(initiative_id=fraud.pk, **GATE | figures, by=olga, at=now)


def text(answer):
    return " ".join(answer.content.decode().split())


def test_anonymous_signs_in_and_a_stranger_finds_nothing(client, fraud, max_the_stranger):
    url = reverse("projects:quality", args=[fraud.key])
    assert client.get(url).status_code == 302
    client.force_login(max_the_stranger)
    assert client.get(url).status_code == 404


def test_owner_sets_a_gate(client, fraud, olga):
    client.force_login(olga)
    url = reverse("projects:quality", args=[fraud.key])
    assert "No quality gate yet" in text(client.get(url))
    assert client.post(url, GATE | {"threshold": "NaN"}).status_code == 422

    shown = text(client.post(url, GATE, follow=True))

    assert "Precision is watched from now on." in shown
    assert "at least 92 %" in shown
    assert "No reading yet" in shown


def test_reader_sets_nothing(client, fraud, fiona):
    client.force_login(fiona)

    assert client.post(reverse("projects:quality", args=[fraud.key]), GATE).status_code == 403
    assert not QualityGate.objects.exists()


def test_owner_enters_a_reading_and_reviewer_verifies(client, fraud, gate, olga, vera):
    client.force_login(olga)
    url = reverse("projects:quality-reading", args=[fraud.key, gate.pk])
    assert "must be at least 92 %" in text(client.get(url))
    ahead = client.post(url, READING | {"read_on": "2026-11-20"})
    assert ahead.status_code == 422
    assert "lies ahead" in text(ahead)
    shown = text(client.post(url, READING, follow=True))
    assert "Failed" in shown
    assert "not verified" in shown
    client.force_login(vera)

    row = QualityReading.objects.get()
    shown = text(client.post(reverse("projects:quality-verify", args=[fraud.key, row.pk]), follow=True))

    assert "Reading of Precision verified." in shown
    assert "not verified" not in shown


def test_owner_does_not_verify(client, fraud, gate, olga, now):
    row = record_quality_reading(gate_id=gate.pk, value=Decimal(95), read_on=now.date(), source="Run", by=olga, at=now)
    client.force_login(olga)

    assert client.post(reverse("projects:quality-verify", args=[fraud.key, row.pk])).status_code == 403


def test_panel_alone_is_answered_to_htmx(client, fraud, gate, vera):
    client.force_login(vera)

    answer = client.get(reverse("projects:quality", args=[fraud.key]), headers={"HX-Request": "true"})

    assert "<html" not in text(answer)
    assert "Precision" in text(answer)
