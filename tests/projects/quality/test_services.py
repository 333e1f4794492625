from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError

from projects.audit.models import AuditEvent
from projects.common.outcomes import NotPermitted, WrongState
from projects.quality.models import QualityGate, QualityReading
from projects.quality.selectors import once_breached, standings
from projects.quality.services import (
    QualityRefused,
    record_quality_reading,
    set_quality_gate,
    verify_quality_reading,
)
from projects.signals import quality_reading_recorded


@pytest.fixture
def gate(fraud, olga, now):
    return put_gate(fraud, olga, now)


@pytest.fixture
def heard():
    seen = []

    def listen(sender, initiative_id, **_):
        seen.append(initiative_id)

    quality_reading_recorded.connect(listen)
    yield seen
    quality_reading_recorded.disconnect(listen)


def put_gate(fraud, by, at, threshold="92"):
    return set_quality_gate(
        initiative_id=fraud.pk,
        kind="quality",
        metric="Precision",
        unit="%",
        threshold=Decimal(threshold),
        direction="at_least",
        cadence_days=30,
        by=by,
        at=at,
    )


def read(gate, by, at, value="90.3", **terms):
    values = {"read_on": at.date(), "source": "Holdout run 512", "evidence": "confusion matrix"}
    return record_quality_reading(gate_id=gate.pk, value=Decimal(value), by=by, at=at, **values | terms)


def verdict(fraud, on, **terms):
    return standings([fraud.pk], on=on, **terms)[fraud.pk][0][1].verdict


def test_owner_sets_a_gate_and_a_stranger_does_not(fraud, gate, max_the_stranger, now):
    assert gate.metric == "Precision"
    with pytest.raises(NotPermitted):
        put_gate(fraud, max_the_stranger, now)


def test_new_threshold_retires_the_old_gate(fraud, gate, olga, now):
    put_gate(fraud, olga, now, "94")

    assert QualityGate.objects.get(pk=gate.pk).retired_at == now
    assert QualityGate.objects.filter(retired_at__isnull=True).get().threshold == Decimal(94)
    with pytest.raises(WrongState):
        read(gate, olga, now)


def test_reading_is_kept_with_its_source_and_announced(fraud, gate, olga, now, heard):
    row = read(gate, olga, now)

    assert (row.value, row.source, row.is_proven) == (Decimal("90.3"), "Holdout run 512", False)
    assert len(row.evidence_hash) == 64
    assert heard == [fraud.pk]
    assert AuditEvent.objects.get(verb="quality_reading.recorded").data == {"metric": "Precision", "met": False}


@pytest.mark.parametrize("terms", [{"value": "NaN"}, {"value": "1e15"}, {"source": " "}])
def test_reading_without_figure_or_source_is_refused(gate, olga, now, heard, terms):
    with pytest.raises(QualityRefused):
        read(gate, olga, now, **terms)
    assert heard == []


def test_reading_of_tomorrow_is_refused(gate, olga, now):
    with pytest.raises(QualityRefused, match="ahead"):
        read(gate, olga, now, read_on=now.date() + timedelta(days=1))


@pytest.mark.parametrize("who", ["fiona", "vera", "max_the_stranger", "audrey"])
def test_others_enter_nothing(gate, request, now, who):
    with pytest.raises(NotPermitted):
        read(gate, request.getfixturevalue(who), now)


def test_only_finance_imports_readings(gate, olga, fiona, now):
    with pytest.raises(NotPermitted):
        read(gate, olga, now, is_imported=True)

    assert read(gate, fiona, now, is_imported=True).is_proven


def test_reviewer_verifies_and_the_owner_cannot(fraud, gate, olga, vera, now, heard):
    row = read(gate, olga, now, "95")
    with pytest.raises(NotPermitted):
        verify_quality_reading(reading_id=row.pk, by=olga, at=now)

    assert verify_quality_reading(reading_id=row.pk, by=vera, at=now).is_proven
    assert heard == [fraud.pk, fraud.pk]
    with pytest.raises(WrongState):
        verify_quality_reading(reading_id=row.pk, by=vera, at=now)


def test_typed_figure_proves_nothing_until_verified(fraud, gate, olga, vera, now):
    row = read(gate, olga, now, "95")
    assert verdict(fraud, now.date()) == "passed"
    assert verdict(fraud, now.date(), proven_only=True) == "no_reading"

    verify_quality_reading(reading_id=row.pk, by=vera, at=now)

    assert verdict(fraud, now.date(), proven_only=True) == "passed"


def test_standing_as_of_an_earlier_day_leaves_later_readings_out(fraud, gate, olga, now):
    read(gate, olga, now, "95")
    read(gate, olga, now + timedelta(days=5), "80")

    assert verdict(fraud, now.date()) == "passed"
    assert verdict(fraud, (now + timedelta(days=5)).date()) == "failed"


def test_standings_take_two_queries(fraud, gate, olga, now, django_assert_num_queries):
    read(gate, olga, now)

    with django_assert_num_queries(2):
        standings([fraud.pk], on=now.date())


def test_database_keeps_the_figure(gate, olga, now):
    read(gate, olga, now)

    with pytest.raises(DatabaseError):
        QualityReading.objects.update(value=99)


def test_database_keeps_the_reading(gate, olga, now):
    read(gate, olga, now)

    with pytest.raises(DatabaseError):
        QualityReading.objects.all().delete()


def test_database_refuses_verification_by_whoever_entered(gate, olga, now):
    read(gate, olga, now)

    with pytest.raises(IntegrityError, match="reading_verified_by_another"):
        QualityReading.objects.update(verified_by=olga, verified_at=now)


@pytest.mark.parametrize(("value", "breached"), [("91.999999", True), ("92", False)])
def test_who_once_read_on_the_wrong_side_is_named_from_that_day_on(fraud, gate, olga, now, value, breached):
    record_quality_reading(gate_id=gate.pk, value=Decimal(value), read_on=now.date(), source="Holdout", by=olga, at=now)

    assert once_breached([fraud.pk], on=now.date()) == ([fraud.pk] if breached else [])
    assert once_breached([fraud.pk], on=now.date() - timedelta(days=1)) == []
