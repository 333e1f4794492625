"""Decide whether 4/5/25 is the fourth of May or the fifth of April: from the file, never by guessing."""

from collections.abc import Iterable, Iterator
from itertools import chain

import polars as pl

from projects.sources.readers.interface import DateOrder, UnreadableFile
from projects.sources.readers.plans import Plan
from projects.sources.readers.schema import PERIODS, TIMES
from projects.sources.readers.times import normalise_times

_SLASHED = r"^\s*([0-9]{1,2})/([0-9]{1,2})/[0-9]{2,4}"
_MONTH = "(?:0?[1-9]|1[0-2])"
_A_DATE = (
    rf"^\s*(?:{_MONTH}/[0-9]{{1,2}}|[0-9]{{1,2}}/{_MONTH})/[0-9]{{2,4}}"  # 31/31/2026 is none, whatever comes first
)


def date_columns(text: pl.DataFrame) -> list[str]:
    """Name the columns of dates that are still text."""
    return [name for name in (*TIMES, *PERIODS) if text.schema.get(name) == pl.String]


def has_slashes(text: pl.DataFrame) -> bool:
    """Say whether dates are written with slashes; what is a date in neither order is a bad cell and says nothing."""
    return any(bool(text[name].str.contains(_A_DATE).any()) for name in date_columns(text))


def day_and_month(first: pl.DataFrame, rest: Iterator[pl.DataFrame], plan: Plan) -> tuple[DateOrder, str | None]:
    """Give the order and, where it rests on custom, a note. Raise UnreadableFile where the file does not tell."""
    proved: set[DateOrder] = set()
    months: dict[DateOrder, bool] = {"mdy": True, "dmy": True}
    for text in chain([first], rest):
        proved.update(_proof(text))
        for order in months:
            months[order] = months[order] and _whole_months(text, order)
    if len(proved) == 2:
        raise UnreadableFile(
            "mixed_dates", "Some dates put the day first and others the month. Export the dates as year-month-day."
        )
    if proved:
        return proved.pop(), None
    whole = [order for order, holds in months.items() if holds]
    if len(whole) == 1:
        return whole[0], f"Dates read as {_spoken(whole[0])}, because billing periods then are whole months."
    if plan.date_order:
        return plan.date_order, f"Dates read as {_spoken(plan.date_order)}, as this exporter writes them."
    raise UnreadableFile(
        "ambiguous_dates",
        "Dates such as 4/5/25 do not tell day from month in this file. "
        "Say in the mapping which comes first (date_order).",
    )


def _spoken(order: DateOrder) -> str:
    return "month/day/year" if order == "mdy" else "day/month/year"


def _proof(text: pl.DataFrame) -> Iterable[DateOrder]:
    for name in date_columns(text):
        dates = text[name].unique().drop_nulls()
        parts = dates.filter(dates.str.contains(_A_DATE)).str.extract_groups(_SLASHED).struct.unnest()
        if (parts["1"].cast(pl.Int32) > 12).any():
            yield "dmy"
        if (parts["2"].cast(pl.Int32) > 12).any():
            yield "mdy"


def _whole_months(text: pl.DataFrame, order: DateOrder) -> bool:
    """Say whether every billing period begins and ends on the first of a month under this order."""
    if not all(name in date_columns(text) for name in PERIODS):
        return False
    for name in PERIODS:
        dates = text[name].unique().drop_nulls()  # beside which a header may stand again, or a word for a sum
        moments, reasons = normalise_times(dates.filter(dates.str.contains(_SLASHED)), order)
        if reasons or not (moments.dt.day() == 1).all():
            return False
    return True
