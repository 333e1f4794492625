from datetime import UTC, date, datetime

import pytest

from projects.common import months


@pytest.mark.parametrize(
    ("day", "count", "after"),
    [
        (date(2026, 11, 19), 0, date(2026, 11, 19)),
        (date(2026, 11, 19), 1, date(2026, 11, 20)),
        (date(2026, 11, 20), 1, date(2026, 11, 23)),
        (date(2026, 11, 21), 1, date(2026, 11, 23)),
        (date(2026, 11, 19), 5, date(2026, 11, 26)),
    ],
)
def test_working_days_leave_out_saturday_and_sunday(day, count, after):
    assert months.working_days_after(day, count) == after


def test_working_days_keep_the_time_of_day():
    friday = datetime(2026, 11, 20, 17, 30, tzinfo=UTC)

    assert months.working_days_after(friday, 1) == datetime(2026, 11, 23, 17, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("on", "starts", "ends"),
    [
        (date(2027, 1, 31), [date(2026, 12, 1), date(2027, 1, 1)], [date(2026, 11, 30), date(2026, 12, 31)]),
        (date(2028, 3, 1), [date(2028, 2, 1), date(2028, 3, 1)], [date(2028, 1, 31), date(2028, 2, 29)]),
    ],
)
def test_months_start_with_that_of_the_day_and_end_before_it(on, starts, ends):
    assert months.month_starts(on, 2) == starts
    assert months.month_ends(on, 2) == ends


@pytest.mark.parametrize(
    ("first", "on", "count"),
    [
        (date(2026, 1, 1), date(2026, 1, 31), 0),
        (date(2026, 1, 1), date(2026, 2, 1), 1),
        (date(2025, 7, 1), date(2026, 6, 30), 11),
    ],
)
def test_months_until_a_day_are_those_that_ended_before_its_month(first, on, count):
    assert months.months_until(first, on) == count
