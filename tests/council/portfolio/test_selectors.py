"""The course of the portfolio equals its positions, whatever day one asks about, at a bounded cost."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from council.portfolio.selectors import course, lines
from projects.funding.selectors import positions
from projects.limits.selectors import policy_on
from tests.factories.initiatives import initiative
from tests.factories.money import tranche
from tests.factories.spend import spent

pytestmark = pytest.mark.django_db
ON = date(2026, 11, 19)
DAYS = {
    "first": (date(2026, 7, 9), date(2026, 7, 10), date(2026, 7, 31), date(2026, 8, 1), date(2026, 9, 30), ON),
    "second": (date(2026, 9, 14), date(2026, 9, 15), date(2026, 10, 2), date(2026, 11, 18)),
}


@pytest.fixture
def running(people, envelope, at):
    """Two initiatives, funded on 10 July and 15 September, one of which was charged the day before."""
    found = {}
    for name, day in (
        ("first", datetime(2026, 7, 10, 9, tzinfo=UTC)),
        ("second", datetime(2026, 9, 15, 9, tzinfo=UTC)),
    ):
        found[name] = initiative(people.olga, "pilot", name=name)
        tranche(found[name], envelope, people.fay, day, "200000")
        for number, on in enumerate(DAYS[name], start=1):
            spent(found[name], on, f"{number * 100}.07", by=people.fay, at=at)
    return found


def drawn(people):
    found = lines(people.reader, on=ON, policy=policy_on(ON))
    return course(found, on=ON, currency="USD", envelope=None)


def test_each_month_of_the_course_is_what_the_positions_say_of_its_last_day(people, running):
    readings = drawn(people).readings

    ids = [row.pk for row in running.values()]
    assert [row.on for row in readings][-3:] == [date(2026, 9, 30), date(2026, 10, 31), ON]
    for row in readings:
        assert row.spent == sum((found.spent for found in positions(ids, on=row.on).values()), Decimal(0)), row.on
    assert readings[-1].spent > 0


def test_the_course_costs_six_queries_however_many_months_it_draws(people, running, django_assert_max_num_queries):
    found = lines(people.reader, on=ON, policy=policy_on(ON))

    with django_assert_max_num_queries(6):
        course(found, on=ON, currency="USD", envelope=None)
