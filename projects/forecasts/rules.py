"""The daily forecast: what is spent plus, for each day ahead, the median of that weekday over final days. Pure."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from statistics import median

WINDOW_DAYS = 56
FEWEST_DAYS = 14


def weekday_medians(daily: Mapping[date, Decimal], *, final_on: date) -> dict[int, Decimal] | None:
    """Return the median cost of each weekday over the last 56 final days, or None under 14 days of history.

    Days without a row inside the history count as zero; ``final_on`` is the last day that no longer changes.
    """
    known = [day for day in daily if day <= final_on]
    if not known:
        return None
    first = max(min(known), final_on - timedelta(days=WINDOW_DAYS - 1))
    length = (final_on - first).days + 1
    if length < FEWEST_DAYS:
        return None
    days = [first + timedelta(days=offset) for offset in range(length)]
    return {
        weekday: median([daily.get(day, Decimal(0)) for day in days if day.weekday() == weekday])
        for weekday in range(7)
    }


def forecast_at_end(
    daily: Mapping[date, Decimal], *, spent: Decimal, on: date, final_on: date, ends_on: date
) -> Decimal | None:
    """Return the expected spend on the first day after a tranche's window, or None with too little history."""
    medians = weekday_medians(daily, final_on=final_on)
    if medians is None:
        return None
    ahead = (ends_on - on).days - 1
    return spent + sum((medians[(on + timedelta(days=step)).weekday()] for step in range(1, ahead + 1)), Decimal(0))
