"""Read dates and times as moments in UTC, in the many ways that exports write them."""

import re
from datetime import UTC, datetime, timedelta, timezone

import polars as pl

from projects.sources.readers.interface import DateOrder
from projects.sources.readers.schema import is_blank

FIRST_YEAR, LAST_YEAR = 2000, 2100
MOMENT = pl.Datetime("us", "UTC")
_DAY, _QUARTER_HOUR, _SECOND = 86_400_000_000, 900_000_000, 1_000_000  # microseconds
_LAST_SECOND = _DAY - _SECOND

# Tried on whole columns, most frequent first; what is left is read value by value.
_FORMATS = ("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d", "%Y-%m-%dT%H:%M:%S%.fZ")

_ISO = re.compile(
    r"(\d{4})-?(\d{2})-?(\d{2})(?:[T ](\d{2}):?(\d{2})(?::?(\d{2})(?:[.,](\d{1,9}))?)?)?"
    r"\s*(Z|UTC|[+-]\d{2}(?::?\d{2})?)?",
    re.ASCII | re.IGNORECASE,
)
_SLASHED = re.compile(
    r"(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})(?:,? (\d{1,2}):(\d{2})(?::(\d{2}))?(?: ?(AM|PM))?)?", re.ASCII | re.IGNORECASE
)
_YEAR_FIRST = re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})((?: .*)?)", re.ASCII)
_NAMED = re.compile(
    r"(\d{1,2})[- ]([A-Z]{3})[A-Z]*[- ](\d{4})|([A-Z]{3})[A-Z]* (\d{1,2}), (\d{4})", re.ASCII | re.IGNORECASE
)
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)
_EPOCH = re.compile(r"[0-9]{10}|[0-9]{13}|[0-9]{16}")  # seconds since 1970, or their thousandths or millionths
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})(?: (\d{1,2}):(\d{2})(?::(\d{2}))?)?", re.ASCII)


class NotATime(ValueError):
    """Text that is no usable date; the message is the reason shown for the row."""


def read_time(text: str, order: DateOrder | None = None) -> datetime:
    """Give a moment in UTC; without a zone the time is taken as UTC. Raise NotATime with the reason."""
    value = text.strip()
    try:
        moment = _read(value, order)
        moment = moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        if isinstance(error, NotATime):
            raise
        raise NotATime("is no day or time of the calendar") from error
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise NotATime(f"lies outside the years {FIRST_YEAR} to {LAST_YEAR}")
    return moment


def _read(value: str, order: DateOrder | None) -> datetime:
    if match := _ISO.fullmatch(value):
        return _from_iso(match)
    if match := _YEAR_FIRST.fullmatch(value):
        year, month, day, rest = match.groups()
        return _read(f"{year}-{month:0>2}-{day:0>2}{rest}", order)
    if match := _MONTH.fullmatch(value):
        return datetime(int(match[1]), int(match[2]), 1, tzinfo=UTC)
    if match := _NAMED.fullmatch(value):
        return _from_names(match)
    if match := _SLASHED.fullmatch(value):
        return _from_slashes(match, order)
    if match := _DOTTED.fullmatch(value):
        day, month, year, hour, minute, second = match.groups()
        return datetime(
            _year(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), tzinfo=UTC
        )
    if _EPOCH.fullmatch(value):
        return datetime.fromtimestamp(int(value[:10]), UTC) + timedelta(microseconds=int(value[10:].ljust(6, "0") or 0))
    if re.fullmatch(r"\d{5}(\.\d+)?", value, re.ASCII):
        raise NotATime("looks like a spreadsheet's day number; export the column as text, year-month-day")
    raise NotATime("is not a date; write it as 2026-01-31 or 2026-01-31T00:00:00Z")


def _from_iso(match: re.Match[str]) -> datetime:
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    offset = UTC
    if zone and zone.upper() not in ("Z", "UTC"):
        digits = zone[1:].replace(":", "").ljust(4, "0")
        shift = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        offset = timezone(-shift if zone[0] == "-" else shift)
    micros = int((fraction or "0")[:6].ljust(6, "0"))
    full_day = hour == "24" and int(minute or 0) == 0 and int(second or 0) == 0
    moment = datetime(
        int(year),
        int(month),
        int(day),
        0 if full_day else int(hour or 0),
        int(minute or 0),
        int(second or 0),
        micros,
        offset,
    )
    return moment + timedelta(days=1) if full_day else moment


def _from_names(match: re.Match[str]) -> datetime:
    day, month, year = match.group(1, 2, 3) if match.group(1) else match.group(5, 4, 6)
    if month.lower() not in _MONTHS:
        raise NotATime("names no month")
    return datetime(int(year), _MONTHS.index(month.lower()) + 1, int(day), tzinfo=UTC)


def _from_slashes(match: re.Match[str], order: DateOrder | None) -> datetime:
    first, second, year, hour, minute, seconds, half = match.groups()
    if min(int(first), int(second)) > 12:
        raise NotATime("is no day or time of the calendar")
    if order is None:
        raise NotATime("could be day/month or month/day; say in the mapping which comes first (date_order)")
    month, day = (first, second) if order == "mdy" else (second, first)
    hours = int(hour or 0)
    if half:
        hours = hours % 12 + (12 if half.upper() == "PM" else 0)
    return datetime(_year(year), int(month), int(day), hours, int(minute or 0), int(seconds or 0), tzinfo=UTC)


def _year(text: str) -> int:
    return int(text) + 2000 if len(text) == 2 else int(text)


def normalise_times(values: pl.Series, order: DateOrder | None = None) -> tuple[pl.Series, dict[str, str]]:
    """Give moments in UTC, null where unreadable, and the reason for each unreadable text."""
    moments = pl.Series(values.name, [None], dtype=MOMENT).new_from_index(0, len(values))
    if values.null_count() == len(values):
        return moments, {}
    for form in _FORMATS:
        read = pl.all().str.to_datetime(form, strict=False, time_unit="us", time_zone="UTC")
        in_range = read.dt.year().is_between(FIRST_YEAR, LAST_YEAR)
        found = values.to_frame().select(pl.when(in_range).then(read)).to_series()
        if found.null_count() == values.null_count():
            return found, {}
        moments = found if moments.null_count() == len(moments) else moments.zip_with(moments.is_not_null(), found)
        missing = values.is_not_null() & moments.is_null()
        if not missing.any():
            return moments, {}
    return _read_rest(values, moments, missing, order)


def _read_rest(
    values: pl.Series, moments: pl.Series, missing: pl.Series, order: DateOrder | None
) -> tuple[pl.Series, dict[str, str]]:
    read: dict[str, datetime | None] = {}
    reasons: dict[str, str] = {}
    for text in values.filter(missing).unique().to_list():
        try:
            read[text] = None if is_blank(text) else read_time(text, order)
        except NotATime as error:
            read[text], reasons[text] = None, str(error)
    if not read:
        return moments, {}
    rest = values.replace_strict(
        list(read), pl.Series(list(read.values()), dtype=MOMENT), default=None, return_dtype=MOMENT
    )
    return moments.zip_with(moments.is_not_null(), rest), reasons


def exclusive(moments: pl.Series, *, always: bool) -> tuple[pl.Series, pl.Series]:
    """Turn a last second, or a day that is `always` the last one, into the moment after it, and tell the last seconds."""
    is_last = moments.to_frame().select(pl.all().to_physical() % _DAY >= _LAST_SECOND).to_series().fill_null(False)
    if not always and not is_last.any():
        return moments, is_last
    next_day = moments.dt.truncate("1d").dt.offset_by("1d")
    return (next_day, is_last & False) if always else (moments.zip_with(~is_last, next_day), is_last)


def days_of_periods(moments: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Give the days on which periods begin or end, and tell which of them were read as the first of a month.

    A vendor east of Greenwich writes the first of its month as the afternoon before, such as 2024-12-31T16:00:00Z.
    """
    days, clock = moments.cast(pl.Date), moments.to_physical()
    if not (clock % _DAY > 0).any():
        return days, pl.Series([False]).new_from_index(0, len(days))
    there = moments.dt.offset_by("14h").cast(pl.Date)  # where the day begins first
    is_midnight = (clock + _SECOND) % _QUARTER_HOUR <= _SECOND  # of some time zone, or the second before
    is_moved = (is_midnight & (there.dt.day() == 1) & (days.dt.day() > 1)).fill_null(False)
    return days.zip_with(~is_moved, there), is_moved
