from datetime import date, timedelta

import pytest

from projects.audit.models import AuditEvent
from projects.common.outcomes import NotPermitted, WrongState
from projects.funding.models import Freeze, Tranche
from projects.funding.selectors import positions
from projects.funding.services import (
    FreezeRefused,
    FreezeStands,
    freeze_tranche,
    lift_freeze,
    return_rest,
)
from projects.people.roles import Role
from projects.signals import tranche_frozen, tranche_lifted
from tests.factories import money
from tests.factories.initiatives import initiative
from tests.factories.people import person


@pytest.fixture
def tranche(fraud, fiona, carol, now):
    return money.tranche(fraud, money.envelope(fiona, now), carol, now)


def freeze(tranche, by, at, **terms):
    return freeze_tranche(tranche_id=tranche.pk, reason="Spend doubled overnight", by=by, at=at, **terms)


def lift(tranche, by, at, **terms):
    return lift_freeze(tranche_id=tranche.pk, by=by, at=at, **terms)


def state():
    return Tranche.objects.get().state


def test_one_freezes_and_the_money_stays_approved(tranche, fraud, fiona, now):
    heard = []
    tranche_frozen.connect(lambda tranche, **_: heard.append(tranche), weak=False, dispatch_uid="frozen")

    row = freeze(tranche, fiona, now)

    tranche_frozen.disconnect(dispatch_uid="frozen")
    assert state() == "frozen"
    assert row.chair_decides_on == date(2026, 11, 26)
    assert positions([fraud.pk], on=now.date())[fraud.pk].approved == tranche.amount
    assert heard == [tranche]
    assert AuditEvent.objects.filter(verb="tranche.frozen").count() == 1


def test_two_lift(tranche, fiona, felix, now):
    freeze(tranche, fiona, now)
    heard = []
    tranche_lifted.connect(lambda tranche, **_: heard.append(tranche), weak=False, dispatch_uid="lifted")

    lift(tranche, fiona, now)
    assert state() == "frozen"
    lift(tranche, felix, now)

    tranche_lifted.disconnect(dispatch_uid="lifted")
    assert state() == "released"
    assert (Freeze.objects.get().first_lifted_by, Freeze.objects.get().lifted_by) == (fiona, felix)
    assert heard == [tranche]


def test_one_does_not_lift_twice(tranche, fiona, now):
    freeze(tranche, fiona, now)
    lift(tranche, fiona, now)

    with pytest.raises(FreezeRefused, match="second person"):
        lift(tranche, fiona, now)
    assert state() == "frozen"


@pytest.mark.parametrize("who", ["olga", "carol", "vera", "audrey", "max_the_stranger"])
def test_others_neither_freeze_nor_lift(tranche, fiona, request, now, who):
    somebody = request.getfixturevalue(who)
    with pytest.raises(NotPermitted):
        freeze(tranche, somebody, now)
    freeze(tranche, fiona, now)

    with pytest.raises(NotPermitted):
        lift(tranche, somebody, now)


def test_interested_finance_may_freeze_and_not_lift(olga, felix, fiona, carol, now):
    hers = initiative(olga, "mvp", budget_owner=fiona)
    row = money.tranche(hers, money.envelope(felix, now), carol, now)
    freeze(row, fiona, now)

    with pytest.raises(NotPermitted, match="interest"):
        lift(row, fiona, now)


@pytest.mark.parametrize(("days", "is_chairs"), [(7, False), (8, True)])
def test_freeze_goes_to_the_chair_when_its_time_is_up(tranche, fiona, carol, now, days, is_chairs):
    freeze(tranche, fiona, now)
    at = now + timedelta(days=days)

    if is_chairs:
        assert lift(tranche, carol, at).lifted_alone
        assert state() == "released"
    else:
        with pytest.raises(NotPermitted):
            lift(tranche, carol, at)


def test_freeze_by_decision_has_no_clock_and_is_lifted_by_decision(tranche, fiona, felix, carol, now):
    row = freeze(tranche, carol, now, decision_reference="AIC-2026-020")
    assert row.chair_decides_on is None
    with pytest.raises(FreezeRefused, match="only a decision"):
        lift(tranche, fiona, now)

    lift(tranche, carol, now, decision_reference="AIC-2026-022")

    assert state() == "released"


def test_frozen_tranche_is_not_frozen_again(tranche, fiona, now):
    freeze(tranche, fiona, now)

    with pytest.raises(WrongState, match="frozen"):
        freeze(tranche, fiona, now)


def test_nothing_frozen_nothing_lifted(tranche, fiona, now):
    with pytest.raises(WrongState, match="not frozen"):
        lift(tranche, fiona, now)


def test_freeze_says_why(tranche, fiona, now):
    with pytest.raises(FreezeRefused):
        freeze_tranche(tranche_id=tranche.pk, reason=" ", by=fiona, at=now)
    assert state() == "released"


def test_next_tranche_waits_until_the_freeze_is_lifted(tranche, fraud, fiona, carol, now):
    freeze(tranche, fiona, now)
    envelope = tranche.parts.get().envelope

    with pytest.raises(FreezeStands):
        money.tranche(fraud, envelope, carol, now + timedelta(days=1))
    assert Tranche.objects.count() == 1


def test_returned_tranche_closes_its_freeze(tranche, fiona, carol, now):
    freeze(tranche, fiona, now)

    return_rest(tranche_id=tranche.pk, decision_reference="AIC-2026-021", by=carol, at=now)

    assert state() == "returned"
    assert Freeze.objects.get().lifted_alone


def test_finance_that_signed_first_may_be_outlived_by_another(tranche, fiona, now):
    freeze(tranche, fiona, now)
    lift(tranche, person("frank", Role.FINANCE), now)

    assert lift(tranche, fiona, now).lifted_by == fiona
