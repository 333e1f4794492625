"""When a tranche is released, and by whom."""

from datetime import date, timedelta

import pytest

from projects.common.outcomes import NotPermitted
from projects.conditions.services import NewCondition, meet_condition, set_conditions, verify_condition
from projects.funding.models import Tranche
from projects.funding.services import (
    ReleaseBlocked,
    release_tranche,
)
from projects.initiatives.services import hold_initiative
from tests.factories import money
from tests.factories.initiatives import initiative


@pytest.fixture
def conditioned(fraud, envelope, olga, vera, carol, now):
    row = money.tranche(fraud, envelope, carol, now, awaits_conditions=True, requested_by=olga)
    condition = set_conditions(
        initiative_id=fraud.pk,
        conditions=[NewCondition("Sign the data agreement", olga, date(2026, 12, 1), vera, "release")],
        decision_reference=row.decision_reference,
        by=carol,
        at=now,
    )[0]
    return row, condition


def test_release_waits_until_its_conditions_are_verified(conditioned, olga, vera, fiona, now):
    row, condition = conditioned
    with pytest.raises(ReleaseBlocked, match="Meet condition 1"):
        release_tranche(tranche_id=row.pk, by=fiona, at=now)
    meet_condition(condition_id=condition.pk, evidence="Signed on 20 Nov", by=olga, at=now)
    with pytest.raises(ReleaseBlocked, match="Verify condition 1"):
        release_tranche(tranche_id=row.pk, by=fiona, at=now)
    verify_condition(condition_id=condition.pk, by=vera, at=now)

    assert release_tranche(tranche_id=row.pk, by=fiona, at=now).state == "released"


def test_window_of_a_late_release_begins_with_it(fraud, envelope, fiona, carol, now):
    row = money.tranche(fraud, envelope, carol, now, awaits_conditions=True)
    later = now + timedelta(days=20)

    assert release_tranche(tranche_id=row.pk, by=fiona, at=later).starts_on == later.date()


@pytest.mark.parametrize(("days", "is_released"), [(28, True), (29, False)])
def test_release_is_possible_until_its_last_day(fraud, envelope, fiona, carol, now, days, is_released):
    row = money.tranche(fraud, envelope, carol, now, awaits_conditions=True)
    at = now + timedelta(days=days)

    if is_released:
        assert release_tranche(tranche_id=row.pk, by=fiona, at=at).state == "released"
    else:
        with pytest.raises(ReleaseBlocked, match="could be released until"):
            release_tranche(tranche_id=row.pk, by=fiona, at=at)


@pytest.mark.parametrize(("amount", "people"), [("249999.99", 1), ("250000", 1), ("250000.01", 2)])
def test_release_above_the_limit_takes_two_people(fraud, envelope, fiona, felix, carol, now, amount, people):
    row = money.tranche(fraud, envelope, carol, now, amount, awaits_conditions=True)

    states = [release_tranche(tranche_id=row.pk, by=by, at=now).state for by in (fiona, felix)[:people]]

    assert states == ["awaiting_conditions", "released"][2 - people :]


def test_nobody_signs_a_release_twice(fraud, envelope, fiona, carol, now):
    row = money.tranche(fraud, envelope, carol, now, "300000", awaits_conditions=True)
    release_tranche(tranche_id=row.pk, by=fiona, at=now)

    with pytest.raises(ReleaseBlocked, match="second person"):
        release_tranche(tranche_id=row.pk, by=fiona, at=now)


def test_nobody_releases_what_they_asked_for(fraud, envelope, fiona, carol, now):
    row = money.tranche(fraud, envelope, carol, now, awaits_conditions=True, requested_by=fiona)

    with pytest.raises(ReleaseBlocked, match="asked for"):
        release_tranche(tranche_id=row.pk, by=fiona, at=now)


@pytest.mark.parametrize("who", ["olga", "sam", "carol", "vera", "audrey", "max_the_stranger"])
def test_only_finance_releases(fraud, envelope, carol, request, now, who):
    row = money.tranche(fraud, envelope, carol, now, awaits_conditions=True)

    with pytest.raises(NotPermitted):
        release_tranche(tranche_id=row.pk, by=request.getfixturevalue(who), at=now)
    assert Tranche.objects.get().state == "awaiting_conditions"


def test_interested_finance_releases_nothing(olga, fiona, carol, envelope, now):
    hers = initiative(olga, "mvp", budget_owner=fiona)
    row = money.tranche(hers, envelope, carol, now, awaits_conditions=True)

    with pytest.raises(NotPermitted, match="interest"):
        release_tranche(tranche_id=row.pk, by=fiona, at=now)


def test_release_of_a_held_initiative_waits(fraud, envelope, fiona, carol, now):
    row = money.tranche(fraud, envelope, carol, now, awaits_conditions=True)
    hold_initiative(initiative_id=fraud.pk, decision_reference="AIC-2", by=carol, at=now)

    with pytest.raises(ReleaseBlocked, match="on hold"):
        release_tranche(tranche_id=row.pk, by=fiona, at=now)
