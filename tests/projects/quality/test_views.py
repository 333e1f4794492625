from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from projects.quality.models import QualityGate, QualityReading
from projects.quality.selectors import slips
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


CSV = "metric,day,value,source\n"


def upload(client, fraud, rows):
    file = SimpleUploadedFile("readings.csv", (CSV + rows).encode())
    return client.post(reverse("projects:quality-file", args=[fraud.key]), {"file": file}, follow=True)


def test_file_of_the_team_is_verified_later_and_of_finance_is_imported(client, fraud, gate, olga, fiona):
    client.force_login(olga)
    assert "1 reading kept, 0 known already. Somebody" in text(
        upload(client, fraud, "precision,2026-11-01,90.3,Run 1\n")
    )
    client.force_login(fiona)
    assert "They count as imported." in text(upload(client, fraud, "Precision,2026-11-10,93,Run 2\n"))
    assert "0 readings kept, 1 known already." in text(upload(client, fraud, "Precision,2026-11-10,93,Run 2\n"))

    assert [(row.value, row.is_imported) for row in QualityReading.objects.order_by("pk")] == [
        (Decimal("90.3"), False),
        (93, True),
    ]


def test_chart_shows_readings_against_the_threshold(client, fraud, gate, olga):
    client.force_login(olga)

    shown = text(upload(client, fraud, "Precision,2026-11-01,90.3,Run 1\nPrecision,2026-11-10,93,Run 2\n"))

    assert "Precision rose from 90.3 to 93 % between 1 Nov 2026 and 10 Nov 2026; threshold 92." in shown


def test_every_wrong_cell_is_named_and_nothing_kept(client, fraud, gate, olga):
    client.force_login(olga)
    rows = "Precision,2026-11-01,90.3,Run 1\nRecall,2026-11-20,many,\n"

    answer = upload(client, fraud, rows)

    assert answer.status_code == 422
    for words in ("no gate on “Recall”. Gates are Precision", "lies ahead", "“many” is no figure", "source: empty"):
        assert words in text(answer)
    assert not QualityReading.objects.exists()


def test_file_is_refused_to_readers_and_strangers(client, fraud, gate, vera, max_the_stranger):
    client.force_login(vera)
    assert upload(client, fraud, "Precision,2026-11-01,90.3,Run 1\n").status_code == 403
    client.force_login(max_the_stranger)
    assert upload(client, fraud, "Precision,2026-11-01,90.3,Run 1\n").status_code == 404


@pytest.mark.parametrize(("values", "slipped"), [(("93", "92.9"), True), (("93", "93"), False), (("92", "93"), False)])
def test_metric_slips_when_its_newest_proven_reading_is_worse(fraud, gate, fiona, now, values, slipped):
    for day, value in enumerate(values, 10):
        record_quality_reading(
            gate_id=gate.pk,
            value=Decimal(value),
            read_on=now.date().replace(day=day),
            source="Run",
            is_imported=True,
            by=fiona,
            at=now,
        )

    assert bool(slips(fraud.pk, on=now.date())) is slipped
