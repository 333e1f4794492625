"""Dates as people write them; one that can be two days is refused unless the order is given."""

import re
from collections.abc import Iterable
from datetime import date

from projects.intake.import_values import Read, is_blank, one_line

MONTHS = {
    month: number
    for number, month in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
MONTH_NAMES = "january february march april may june july august september october november december sept"
ORDERS = {
    "dmy": "day-month-year",
    "mdy": "month-day-year",
    "ymd": "year-month-day",
    "ydm": "year-day-month where both fit",
}
YEARS = range(1900, 2101)
NUMERIC_DATE = re.compile(r"([0-9]{1,4})[/.\-]([0-9]{1,2})[/.\-]([0-9]{1,4})(?:[T ][0-9:.]+ ?(?:Z|UTC|[+-][0-9:]+)?)?")
DAY_MONTH_YEAR = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th)?[ \-./]*([A-Za-z]{3,9})[ \-./,]*([0-9]{4}|[0-9]{2})")
MONTH_DAY_YEAR = re.compile(r"([A-Za-z]{3,9})\.? ([0-9]{1,2})(?:st|nd|rd|th)?,? ([0-9]{4})")


def read_date(text: str, order: str) -> Read[date]:
    """Return a date. Both readings possible and no ``order`` (dmy, mdy, ymd, ydm) given is a problem; words a note."""
    text = one_line(text)
    if is_blank(text):
        return Read()
    if match := NUMERIC_DATE.fullmatch(text):
        return _numeric_date(match.group(1), match.group(2), match.group(3), order)
    if match := DAY_MONTH_YEAR.fullmatch(text):
        return _named_month(match.group(1), match.group(2), match.group(3), text)
    if match := MONTH_DAY_YEAR.fullmatch(text):
        return _named_month(match.group(2), match.group(1), match.group(3), text)
    return Read(note=text)


def order_that_fits(values: Iterable[str]) -> str:
    """Return the only order under which every numeric date of a column is a date, or "" (a proposal to confirm)."""
    dates = [match.groups() for value in values if (match := NUMERIC_DATE.fullmatch(one_line(value)))]
    if not dates or all(len(first) == 4 for first, _, _ in dates):
        return ""
    fits = [
        order
        for order in ("dmy", "mdy")
        if all(_numeric_date(a, b, c, order).value is not None for a, b, c in dates if len(a) < 3)
    ]
    return fits[0] if len(fits) == 1 else ""


def _numeric_date(first: str, second: str, third: str, order: str) -> Read[date]:
    if len(first) == 4:
        month, day = (third, second) if order == "ydm" and int(third) <= 12 and int(second) <= 12 else (second, third)
        return _date(first, month, day) if len(third) <= 2 else Read(problem="is not a date")
    if len(first) == 3 or len(third) not in {2, 4} or (len(third) == 2 and order in {"ymd", "ydm"}):
        return _short_year_first(first, second, third, order)
    readings = {"dmy": _date(third, second, first), "mdy": _date(third, first, second)}
    if order in readings:
        chosen = readings[order]
        return chosen if chosen.value else Read(problem=f"is not a date in the order {ORDERS[order]}")
    dates = {read.value for read in readings.values() if read.value}
    if len(dates) == 2:
        return Read(problem="can be two dates: say in the mapping whether day or month comes first")
    return Read(dates.pop()) if dates else Read(problem="is not a date")


def _short_year_first(first: str, second: str, third: str, order: str) -> Read[date]:
    if len(first) == 2 and len(third) == 2 and order in {"ymd", "ydm"}:
        return _numeric_date(str(_year(first)), second, third, order)
    return Read(problem="is not a date")


def _named_month(day: str, name: str, year: str, text: str) -> Read[date]:
    month = MONTHS.get(name[:3].lower())
    if month is None or not any(full.startswith(name.lower()) for full in MONTH_NAMES.split()):
        return Read(note=text)
    return _date(year, str(month), day)


def _date(year: str, month: str, day: str) -> Read[date]:
    if _year(year) not in YEARS:
        return Read(problem=f"lies outside the years {YEARS.start} to {YEARS.stop - 1}")
    try:
        return Read(date(_year(year), int(month), int(day)))
    except ValueError:
        return Read(problem="is not a date")


def _year(text: str) -> int:
    year = int(text)
    if len(text) > 2:
        return year
    return year + (2000 if year < 70 else 1900)
