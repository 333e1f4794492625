"""Months and working days on the calendar."""

from datetime import date, datetime, timedelta
from typing import TypeVar

ONE_DAY = timedelta(days=1)
Moment = TypeVar("Moment", date, datetime)


def month_starts(on: date, count: int) -> list[date]:
    """Return the first days of the last ``count`` months, the oldest first, the month of the day last."""
    starts, day = [], on.replace(day=1)
    for _ in range(count):
        starts.append(day)
        day = (day - ONE_DAY).replace(day=1)
    return starts[::-1]


def month_ends(on: date, count: int) -> list[date]:
    """Return the last days of the ``count`` months before the month of a day, the oldest first."""
    return [first - ONE_DAY for first in month_starts(on, count)]


def months_until(first: date, on: date) -> int:
    """Count the months that end between a first day and the month of another."""
    return (on.year - first.year) * 12 + on.month - first.month


def working_days_after(day: Moment, count: int) -> Moment:
    """Return the day, or the same time of day, that lies so many working days, Monday to Friday, after another."""
    while count > 0:
        day += ONE_DAY
        count -= day.weekday() < 5
    return day
