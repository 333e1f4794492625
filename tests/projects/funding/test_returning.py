"""What of a tranche goes back, by a decision or because its days are over, and what bands hold."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from projects.common.outcomes import WrongState
from projects.funding.models import LedgerEntry, Tranche
from projects.funding.selectors import balance, headroom
from projects.funding.services import (
    FundingRefused,
    OverHeadroom,
    lapse,
    open_band,
    post_run_down,
    return_rest,
    shut_band,
)
from projects.initiatives.services import close_initiative
from tests.factories import money
from tests.factories.spend import spent
from tests.projects.funding.reading import kinds, position


def test_kill_returns_the_rest_and_gives_a_run_down_amount(fraud, envelope, carol, now):
    money.tranche(fraud, envelope, carol, now, "100000")
    close_initiative(initiative_id=fraud.pk, closed_as="killed", decision_reference="AIC-9", by=carol, at=now)

    row = post_run_down(
        initiative=fraud,
        amount=Decimal(5_000),
        envelope=envelope,
        decision_reference="AIC-9",
        ends_on=date(2026, 12, 31),
        by=carol,
        at=now,
    )

    assert (row.kind, row.state, row.starts_on) == ("run_down", "released", now.date() + timedelta(days=1))
    assert Tranche.objects.get(number=1).state == "returned"
    assert kinds() == ["envelope", "release", "return", "run_down"]
    assert position(fraud, now.date()).approved == Decimal(5_000)
    assert balance(envelope) == Decimal(995_000)


def test_waiting_tranche_is_returned_without_an_entry(fraud, envelope, carol, now):
    row = money.tranche(fraud, envelope, carol, now, awaits_conditions=True)

    assert return_rest(tranche_id=row.pk, decision_reference="AIC-9", by=carol, at=now).state == "returned"

    assert kinds() == ["envelope"]
    assert position(fraud, now.date()).committed == 0


def test_a_tranche_can_follow_one_that_was_returned_the_same_day(fraud, envelope, carol, now):
    first = money.tranche(fraud, envelope, carol, now)
    return_rest(tranche_id=first.pk, decision_reference="AIC-9", by=carol, at=now)

    assert money.tranche(fraud, envelope, carol, now).starts_on == now.date() + timedelta(days=1)


def test_return_names_its_decision(fraud, envelope, carol, now):
    row = money.tranche(fraud, envelope, carol, now)

    with pytest.raises(FundingRefused):
        return_rest(tranche_id=row.pk, decision_reference="", by=carol, at=now)


@pytest.mark.parametrize(("days", "is_invoiced", "lapses"), [(44, False, False), (45, False, True), (3, True, True)])
def test_rest_lapses_once_the_days_are_final(fraud, envelope, carol, now, days, is_invoiced, lapses):
    row = money.tranche(fraud, envelope, carol, now, ends_on=date(2026, 11, 25))
    at = now.replace(month=11, day=25) + timedelta(days=days)

    if lapses:
        assert lapse(tranche_id=row.pk, at=at, is_invoiced=is_invoiced).state == "lapsed"
        assert position(fraud, at.date()).approved == 0
    else:
        with pytest.raises(WrongState, match="not final"):
            lapse(tranche_id=row.pk, at=at, is_invoiced=is_invoiced)


@pytest.mark.parametrize(("days", "lapses"), [(3, False), (44, False), (45, True)])
def test_rest_waits_for_a_missing_rate_of_exchange_until_the_latest_day(
    fraud, envelope, carol, fiona, now, days, lapses
):
    row = money.tranche(fraud, envelope, carol, now, ends_on=date(2026, 11, 25))
    spent(fraud, date(2026, 11, 20), "1200", by=fiona, at=now, currency="EUR")
    at = now.replace(month=11, day=25) + timedelta(days=days)

    if lapses:
        assert lapse(tranche_id=row.pk, at=at, is_invoiced=True).state == "lapsed"
    else:
        with pytest.raises(WrongState, match=r"1,200\.00 EUR without a rate for November 2026"):
            lapse(tranche_id=row.pk, at=at, is_invoiced=True)


def test_lapsed_money_returns_while_the_period_is_open(fraud, envelope, carol, now):
    row = money.tranche(fraud, envelope, carol, now, ends_on=date(2026, 11, 25))

    lapse(tranche_id=row.pk, at=now + timedelta(days=10), is_invoiced=True)

    assert balance(envelope) == Decimal(1_000_000)


def test_lapsed_money_of_a_closed_period_stands_on_the_lapse_account(fraud, envelope, carol, now):
    row = money.tranche(fraud, envelope, carol, now)

    lapse(tranche_id=row.pk, at=now + timedelta(days=60), is_invoiced=True)

    assert balance(envelope) == Decimal(900_000)
    lines = LedgerEntry.objects.get(kind="lapse").lines.values_list("account", "amount")
    assert set(lines) == {("initiative", Decimal(-100_000)), ("lapse", Decimal(100_000))}


def test_unreleased_tranche_lapses_after_its_last_day(fraud, envelope, carol, now):
    row = money.tranche(fraud, envelope, carol, now, awaits_conditions=True)

    with pytest.raises(WrongState):
        lapse(tranche_id=row.pk, at=now + timedelta(days=28))
    assert lapse(tranche_id=row.pk, at=now + timedelta(days=29)).state == "lapsed"
    assert kinds() == ["envelope"]


def test_band_is_reserved_opened_and_taken_back(fraud, envelope, carol, now):
    row = money.tranche(fraud, envelope, carol, now, "100000", band_amount=Decimal(20_000))
    assert headroom(envelope, on=now.date()).bands == Decimal(20_000)

    open_band(tranche_id=row.pk, figures={"adoption": "0.61"}, by=None, at=now)
    assert headroom(envelope, on=now.date()).bands == 0
    assert position(fraud, now.date()).approved == Decimal(120_000)
    with pytest.raises(WrongState, match="no band left"):
        open_band(tranche_id=row.pk, figures={}, by=None, at=now)

    shut_band(tranche_id=row.pk, figures={"adoption": "0.42"}, by=None, at=now)
    assert headroom(envelope, on=now.date()).bands == Decimal(20_000)
    assert position(fraud, now.date()).approved == Decimal(100_000)
    with pytest.raises(WrongState, match="unspent"):
        shut_band(tranche_id=row.pk, figures={}, by=None, at=now)


def test_band_needs_headroom_at_approval(fraud, envelope, carol, now):
    with pytest.raises(OverHeadroom):
        money.tranche(fraud, envelope, carol, now, "900000", band_amount=Decimal("100000.01"))
