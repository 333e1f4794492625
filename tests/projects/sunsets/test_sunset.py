from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from council.escalations.models import Escalation
from council.escalations.sweeps import sweep
from projects.audit.models import AuditEvent
from projects.checks.rules import run
from projects.checks.selectors import facts_of
from projects.common.outcomes import NotPermitted, WrongState
from projects.limits.selectors import policy_on
from projects.sunsets.models import SunsetCriterion
from projects.sunsets.selectors import sunset_standings
from projects.sunsets.services import SunsetRefused, retire_sunset_criterion, set_sunset_criterion
from projects.value.services import Reading, create_kpi_card, import_kpi_reading, record_kpi_reading
from tests.factories.initiatives import initiative


@pytest.fixture
def pilot(olga, sam):
    return initiative(olga, "pilot", sponsor=sam)


@pytest.fixture
def card(pilot, olga, now):
    return create_kpi_card(
        initiative_id=pilot.pk,
        name="Cases cleared",
        unit="%",
        direction="up",
        owner=olga,
        floor=Decimal(60),
        by=olga,
        at=now,
    )


def held(pilot, by, at, **told):
    return set_sunset_criterion(initiative_id=pilot.pk, by=by, at=at, **told)


def read(card, by, at, month, value, keep=import_kpi_reading):
    end = date(2026, month + 1, 1)
    keep(card_id=card.pk, reading=Reading(date(2026, month, 1), end, Decimal(value)), by=by, at=at)


def states(pilot, on):
    return [row.judged.state for row in sunset_standings([pilot.pk], on=on).get(pilot.pk, [])]


def test_only_proven_readings_count(pilot, card, olga, fiona, now):
    held(pilot, olga, now, kind="kpi_below_floor", card=card, periods=2)
    for month in (9, 10):
        read(card, olga, now, month, "50", keep=record_kpi_reading)
    assert states(pilot, now.date()) == ["unknown"]

    for month in (9, 10):
        read(card, fiona, now, month, "50")

    assert states(pilot, now.date()) == ["met"]


def test_spend_that_nobody_delivered_is_not_known(pilot, olga, now):
    held(pilot, olga, now, kind="spend_under", figure=Decimal(500))

    assert states(pilot, now.date()) == ["unknown"]


def test_a_met_criterion_raises_the_sunset_escalation_and_proves_the_gate(pilot, olga, now):
    held(pilot, olga, now, kind="date_reached", day=now.date() + timedelta(days=1))
    sweep(on=now.date(), at=now, initiative_ids=[pilot.pk])
    assert not Escalation.objects.filter(rule="sunset").exists()
    day, later = now.date() + timedelta(days=1), now + timedelta(days=1)

    sweep(on=day, at=later, initiative_ids=[pilot.pk])

    raised = Escalation.objects.get(rule="sunset")
    assert raised.figures["met"] == "A day is reached (2026-11-20)"
    facts = facts_of(pilot, on=day, policy=policy_on(day))
    assert run("sunset_due", facts).verdict == "proved"
    before = facts_of(pilot, on=now.date(), policy=policy_on(now.date()))
    assert run("sunset_due", before).verdict == "unproved"


def test_an_mvp_is_never_called_to_sunset(fraud, olga, now):
    held(fraud, olga, now, kind="date_reached", day=now.date() + timedelta(days=1))

    sweep(on=now.date() + timedelta(days=1), at=now + timedelta(days=1), initiative_ids=[fraud.pk])

    assert not Escalation.objects.exists()


def test_the_owner_sets_and_retires_and_both_are_on_record(pilot, olga, fiona, now):
    row = held(pilot, olga, now, kind="spend_over", figure=Decimal(500), periods=3)
    assert (row.figure, row.periods) == (500, None)
    with pytest.raises(NotPermitted):
        held(pilot, fiona, now, kind="spend_over", figure=Decimal(500))
    with pytest.raises(NotPermitted):
        retire_sunset_criterion(criterion_id=row.pk, by=fiona, at=now)

    retire_sunset_criterion(criterion_id=row.pk, by=olga, at=now)

    assert states(pilot, now.date()) == []
    assert AuditEvent.objects.filter(verb__startswith="sunset_criterion.").count() == 2
    with pytest.raises(WrongState):
        retire_sunset_criterion(criterion_id=row.pk, by=olga, at=now)


def test_a_card_of_another_initiative_is_refused_and_nothing_is_kept(fraud, card, olga, now):
    with pytest.raises(SunsetRefused):
        held(fraud, olga, now, kind="kpi_below_floor", card=card, periods=1)

    assert not SunsetCriterion.objects.exists()


def test_a_criterion_never_changes_and_is_never_deleted(pilot, olga, now):
    row = held(pilot, olga, now, kind="spend_over", figure=Decimal(500))

    with pytest.raises(DatabaseError), transaction.atomic():
        SunsetCriterion.objects.filter(pk=row.pk).update(figure=1)
    with pytest.raises(DatabaseError), transaction.atomic():
        row.delete()


def test_standings_ask_the_same_however_many(pilot, card, olga, now, django_assert_num_queries):
    held(pilot, olga, now, kind="spend_over", figure=Decimal(500))
    with django_assert_num_queries(6) as few:
        sunset_standings([pilot.pk], on=now.date())
    for figure in range(8):
        held(pilot, olga, now, kind="spend_over", figure=Decimal(figure))

    with django_assert_num_queries(len(few)):
        assert len(sunset_standings([pilot.pk], on=now.date())[pilot.pk]) == 9


def test_page_shows_where_it_stands_and_names_what_is_missing(
    client, settings, pilot, card, olga, vera, max_the_stranger, now
):
    settings.TOLLGATE_NOW = now.isoformat()
    url = reverse("projects:initiative-sunset", args=[pilot.key])
    assert client.get(url).status_code == 302
    client.force_login(max_the_stranger)
    assert client.get(url).status_code == 404
    client.force_login(vera)
    assert "Add a criterion" not in client.get(url).content.decode()
    assert client.post(url, {"kind": "spend_over", "figure": "500"}).status_code == 403
    client.force_login(olga)
    missing = client.post(url, {"kind": "spend_over"})
    assert missing.status_code == 422
    assert "Give the amount" in missing.content.decode()

    shown = client.post(url, {"kind": "kpi_below_floor", "card": card.pk, "periods": "2"}, follow=True)

    page = shown.content.decode()
    assert "Cases cleared: A KPI misses its floor, or its ceiling" in page
    assert "Not known" in page
    row = SunsetCriterion.objects.get()
    retire = reverse("projects:initiative-sunset-retire", args=[pilot.key, row.pk])
    client.force_login(vera)
    assert client.post(retire).status_code == 403
    client.force_login(olga)
    assert "held to it no longer" in client.post(retire, follow=True).content.decode()
