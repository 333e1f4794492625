"""What time has ended is ended in the night, once."""

from datetime import UTC, date, datetime, timedelta

import pytest

from projects.funding.choices import TrancheState
from projects.funding.models import LedgerEntry, Tranche
from projects.funding.tasks import lapse_tranches
from projects.sources.models import ClosedPeriod
from tests.factories import money

JANUARY = datetime(2026, 1, 12, 9, tzinfo=UTC)
ENDS = date(2026, 3, 1)


@pytest.fixture
def envelope(fiona):
    return money.envelope(fiona, JANUARY, "100000")


@pytest.fixture
def tranche(fraud, envelope, carol):
    return money.tranche(fraud, envelope, carol, JANUARY, "1000", ends_on=ENDS)


def night(settings, day):
    settings.TOLLGATE_NOW = f"{day.isoformat()}T01:20:00Z"
    return lapse_tranches()


@pytest.mark.parametrize(("days", "lapsed"), [(0, 0), (44, 0), (45, 1), (46, 1)])
def test_a_tranche_lapses_on_its_latest_day_though_nobody_closed_the_month(settings, tranche, days, lapsed):
    assert night(settings, ENDS + timedelta(days=days)) == lapsed
    assert night(settings, ENDS + timedelta(days=days)) == 0

    assert (Tranche.objects.get().state == TrancheState.LAPSED) == bool(lapsed)
    assert LedgerEntry.objects.filter(kind="lapse").count() == lapsed


@pytest.mark.parametrize(("days", "lapsed"), [(2, 0), (3, 1)])
def test_a_closed_month_makes_days_final_once_the_lag_has_passed(settings, tranche, fiona, days, lapsed):
    ClosedPeriod.objects.create(month=date(2026, 2, 1), closed_by=fiona, closed_at=JANUARY)

    assert night(settings, ENDS + timedelta(days=days)) == lapsed


def test_another_months_closing_says_nothing(settings, tranche, fiona):
    ClosedPeriod.objects.create(month=date(2026, 1, 1), closed_by=fiona, closed_at=JANUARY)

    assert night(settings, ENDS + timedelta(days=10)) == 0


@pytest.mark.parametrize(("day", "lapsed"), [(date(2026, 2, 1), 0), (date(2026, 2, 2), 1)])
def test_what_was_never_released_lapses_after_its_last_day(settings, fraud, envelope, carol, day, lapsed):
    waiting = money.tranche(fraud, envelope, carol, JANUARY, "1000", ends_on=ENDS, awaits_conditions=True)
    Tranche.objects.filter(pk=waiting.pk).update(valid_release_until=date(2026, 2, 1))

    assert night(settings, day) == lapsed
