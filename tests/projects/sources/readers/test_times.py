from datetime import UTC, datetime

import polars as pl
import pytest

from projects.sources.readers.times import NotATime, days_of_periods, normalise_times, read_time


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-09-12T09:00:00Z", datetime(2024, 9, 12, 9, tzinfo=UTC)),
        ("2024-09-12T09:00Z", datetime(2024, 9, 12, 9, tzinfo=UTC)),
        ("2024-09-12T09:00:00z", datetime(2024, 9, 12, 9, tzinfo=UTC)),
        ("2024-09-12 09:00:00", datetime(2024, 9, 12, 9, tzinfo=UTC)),
        ("2024-09-12T09:00:00", datetime(2024, 9, 12, 9, tzinfo=UTC)),
        ("2024-09-12 09:00:00 UTC", datetime(2024, 9, 12, 9, tzinfo=UTC)),
        ("2024-09-12T09:00:00+05:30", datetime(2024, 9, 12, 3, 30, tzinfo=UTC)),
        ("2024-09-12T09:00:00-0500", datetime(2024, 9, 12, 14, tzinfo=UTC)),
        ("2024-09-12", datetime(2024, 9, 12, tzinfo=UTC)),
        ("20240912", datetime(2024, 9, 12, tzinfo=UTC)),
        ("2024/09/12", datetime(2024, 9, 12, tzinfo=UTC)),
        ("2024/9/2 09:00:00", datetime(2024, 9, 2, 9, tzinfo=UTC)),
        ("12-Sep-2024", datetime(2024, 9, 12, tzinfo=UTC)),
        ("12 September 2024", datetime(2024, 9, 12, tzinfo=UTC)),
        ("Sep 2, 2024", datetime(2024, 9, 2, tzinfo=UTC)),
        ("20240912T090000Z", datetime(2024, 9, 12, 9, tzinfo=UTC)),
        ("2023-11-16T18:17:03.979Z", datetime(2023, 11, 16, 18, 17, 3, 979000, UTC)),
        ("2023-11-16 18:17:03.9799600", datetime(2023, 11, 16, 18, 17, 3, 979960, UTC)),
        ("2024-09-30T24:00:00Z", datetime(2024, 10, 1, tzinfo=UTC)),
        ("20.05.2020", datetime(2020, 5, 20, tzinfo=UTC)),
        ("1.5.2020 10:30", datetime(2020, 5, 1, 10, 30, tzinfo=UTC)),
        ("2000-01-01", datetime(2000, 1, 1, tzinfo=UTC)),
        ("2100-12-31", datetime(2100, 12, 31, tzinfo=UTC)),
        ("2024-02-29", datetime(2024, 2, 29, tzinfo=UTC)),
    ],
)
def test_each_way_to_write_a_time_is_a_moment_in_utc(text: str, moment: datetime) -> None:
    assert read_time(text) == moment
    assert normalise_times(pl.Series([text]))[0].to_list() == [moment]


@pytest.mark.parametrize(
    ("order", "moment"),
    [("mdy", datetime(2025, 5, 1, tzinfo=UTC)), ("dmy", datetime(2025, 1, 5, tzinfo=UTC))],
)
def test_a_slashed_date_follows_the_order_given(order: str, moment: datetime) -> None:
    assert read_time("5/1/25", order) == read_time("05/01/2025", order) == moment


def test_a_slashed_time_may_have_a_half_of_the_day() -> None:
    assert read_time("5/1/2025 12:30:00 AM", "mdy") == datetime(2025, 5, 1, 0, 30, tzinfo=UTC)
    assert read_time("5/1/2025 12:30 PM", "mdy") == datetime(2025, 5, 1, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("5/1/25", "could be day/month or month/day; say in the mapping which comes first (date_order)"),
        ("31/31/2026", "is no day or time of the calendar"),
        ("2025-02-30", "is no day or time of the calendar"),
        ("2100-02-29", "is no day or time of the calendar"),
        ("2023-02-01T30:00:00Z", "is no day or time of the calendar"),
        ("0001-01-01", "lies outside the years 2000 to 2100"),
        ("1999-12-31", "lies outside the years 2000 to 2100"),
        ("2101-01-01", "lies outside the years 2000 to 2100"),
        ("9999-12-31T23:59:59-12:00", "is no day or time of the calendar"),
        ("45292", "looks like a spreadsheet's day number; export the column as text, year-month-day"),
        ("45292.5", "looks like a spreadsheet's day number; export the column as text, year-month-day"),
        ("infinity", "is not a date; write it as 2026-01-31 or 2026-01-31T00:00:00Z"),
        ("now", "is not a date; write it as 2026-01-31 or 2026-01-31T00:00:00Z"),
        ("epoch", "is not a date; write it as 2026-01-31 or 2026-01-31T00:00:00Z"),
        ("44 BC", "is not a date; write it as 2026-01-31 or 2026-01-31T00:00:00Z"),
        ("24-Nov", "is not a date; write it as 2026-01-31 or 2026-01-31T00:00:00Z"),
        ("２０２４-09-12", "is not a date; write it as 2026-01-31 or 2026-01-31T00:00:00Z"),
    ],
)
def test_what_is_no_time_is_refused_with_its_reason(text: str, reason: str) -> None:
    moments, reasons = normalise_times(pl.Series([text, None, "2024-09-12"]))

    assert moments.to_list() == [None, None, datetime(2024, 9, 12, tzinfo=UTC)]
    assert reasons == {text: reason}
    with pytest.raises(NotATime):
        read_time(text)


def test_a_column_may_mix_the_ways() -> None:
    moments, reasons = normalise_times(
        pl.Series(["2024-09-12T09:00:00Z", "2024-09-12 10:00:00", "2024-09-12", "2024-09-12T09:00Z", "20.05.2020"])
    )

    assert [f"{moment:%d %H}" for moment in moments] == ["12 09", "12 10", "12 00", "12 09", "20 00"]
    assert reasons == {}


@pytest.mark.parametrize("text", ["12-Foo-2024", "2024/13/01", "31 Feb 2024", "2024/09/12 soon", "Sep 2 2024"])
def test_days_that_name_no_month_or_no_day_are_refused(text: str) -> None:
    with pytest.raises(NotATime):
        read_time(text)


def test_a_cell_of_nothing_but_space_is_no_time_and_no_fault() -> None:
    moments, reasons = normalise_times(pl.Series(["  ", "2024-09-12"]))

    assert (moments.to_list(), reasons) == ([None, datetime(2024, 9, 12, tzinfo=UTC)], {})


@pytest.mark.parametrize("rows", [4, 20, 21])
def test_texts_that_repeat_are_read_as_each_of_them_alone(rows: int) -> None:
    texts = ["2026-05-01T23:59:59Z", None, "2026-05-02", "soon", "2026-13-01"]
    column = pl.Series((texts * 5)[:rows], dtype=pl.String)
    alone = {text: normalise_times(pl.Series([text], dtype=pl.String)) for text in texts}

    moments, reasons = normalise_times(column)

    assert moments.to_list() == [alone[text][0].item() for text in column]
    assert reasons == {text: reason for text in set(column) for reason in alone[text][1].values()}


def test_no_rows_are_moments_too() -> None:
    moments, reasons = normalise_times(pl.Series([], dtype=pl.String))

    assert (moments.dtype, len(moments), reasons) == (pl.Datetime("us", "UTC"), 0, {})


@pytest.mark.parametrize(
    ("moment", "day", "moved"),
    [
        ("2025-01-01T00:00:00Z", "2025-01-01", 0),
        ("2024-12-31T16:00:00Z", "2025-01-01", 1),  # midnight in Singapore
        ("2025-01-31T15:59:59Z", "2025-02-01", 1),  # the second before
        ("2024-12-31T15:59:59.999Z", "2025-01-01", 1),
        ("2024-12-31T18:30:00Z", "2025-01-01", 1),  # in Delhi
        ("2024-12-31T23:00:00Z", "2025-01-01", 1),  # in Paris
        ("2024-12-31T10:00:00Z", "2025-01-01", 1),  # where the day begins first
        ("2024-12-31T09:45:00Z", "2024-12-31", 0),
        ("2025-01-01T07:00:00Z", "2025-01-01", 0),  # in Los Angeles
        ("2024-12-31T16:07:00Z", "2024-12-31", 0),  # no midnight anywhere
        ("2024-12-30T16:00:00Z", "2024-12-30", 0),  # the 31st there: not the first of a month
        ("2025-01-01T00:00:00+08:00", "2025-01-01", 1),
    ],
)
def test_a_period_that_begins_at_the_midnight_of_another_zone_begins_on_the_first(
    moment: str, day: str, moved: int
) -> None:
    moments, _ = normalise_times(pl.Series([moment, moment]))

    days, is_moved = days_of_periods(moments)

    assert days.cast(pl.String).to_list() == [day, day]
    assert is_moved.sum() == 2 * moved


def test_periods_that_are_missing_stay_missing() -> None:
    moments, _ = normalise_times(pl.Series(["2024-12-31T16:00:00Z", None]))

    days, is_moved = days_of_periods(moments)

    assert days.cast(pl.String).to_list() == ["2025-01-01", None]
    assert is_moved.to_list() == [True, False]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("1777593600", datetime(2026, 5, 1, tzinfo=UTC)),
        ("1777593600123", datetime(2026, 5, 1, microsecond=123_000, tzinfo=UTC)),
        ("1777593600123456", datetime(2026, 5, 1, microsecond=123_456, tzinfo=UTC)),
    ],
)
def test_a_count_since_1970_is_a_moment_as_programs_write_it(text: str, moment: datetime) -> None:
    assert read_time(text) == moment


@pytest.mark.parametrize("text", ["177759360", "17775936001", "0000000001", "9999999999"])
def test_another_count_is_no_moment_of_ours(text: str) -> None:
    with pytest.raises(NotATime):
        read_time(text)
