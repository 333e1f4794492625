from datetime import date

import pytest

from projects.intake.import_dates import order_that_fits, read_date


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2015-04-01", date(2015, 4, 1)),
        ("2011-09-30T00:00:00Z", date(2011, 9, 30)),
        ("2024-09-12 09:00:00+02:00", date(2024, 9, 12)),
        ("2024/9/1", date(2024, 9, 1)),
        ("31/12/2015\n", date(2015, 12, 31)),
        ("12/31/2015", date(2015, 12, 31)),
        ("20.05.2020", date(2020, 5, 20)),
        ("04/04/2011", date(2011, 4, 4)),
        ("1/Jan/2015", date(2015, 1, 1)),
        ("1st April 2015", date(2015, 4, 1)),
        ("April 1, 2015", date(2015, 4, 1)),
        ("01-Apr-15", date(2015, 4, 1)),
        ("3 Sept 2020", date(2020, 9, 3)),
        ("2024-02-29", date(2024, 2, 29)),
    ],
)
def test_a_date_that_is_one_day_needs_no_order(text, expected):
    assert read_date(text, "").value == expected


@pytest.mark.parametrize("text", ["9/1/2023", "01.04.16", "3-4-2020", "04/05/2011"])
def test_a_date_that_can_be_two_days_is_a_problem_without_an_order(text):
    read = read_date(text, "")

    assert read.value is None
    assert "can be two dates" in read.problem


@pytest.mark.parametrize(
    ("text", "order", "expected"),
    [
        ("9/1/2023", "mdy", date(2023, 9, 1)),
        ("9/1/2023", "dmy", date(2023, 1, 9)),
        ("01.04.16", "dmy", date(2016, 4, 1)),
        ("16-04-01", "ymd", date(2016, 4, 1)),
        ("2011-01-10", "ydm", date(2011, 10, 1)),
        ("2011-09-30", "ydm", date(2011, 9, 30)),
        ("2011-01-10", "dmy", date(2011, 1, 10)),
    ],
)
def test_the_order_of_the_mapping_decides(text, order, expected):
    assert read_date(text, order).value == expected


@pytest.mark.parametrize(("text", "order"), [("31/12/2015", "mdy"), ("12/31/2015", "dmy")])
def test_a_date_against_the_given_order_is_a_problem(text, order):
    assert "in the order" in read_date(text, order).problem


@pytest.mark.parametrize(
    "text", ["2025-02-30", "2100-02-29", "13/13/2011", "31/12/9999", "0001-01-01", "123/1/2011", "1/1/123"]
)
def test_what_looks_like_a_date_and_is_none_is_a_problem(text):
    assert read_date(text, "").problem


@pytest.mark.parametrize(
    "text",
    [
        "24-Nov",
        "Q2FY24",
        "Pre-2015",
        "2023-06 (estimated)",
        "TBD",
        "10/12023",
        "infinity",
        "now",
        "45292",
        "1 Foo 2020",
    ],
)
def test_words_and_half_dates_are_kept_as_a_note(text):
    read = read_date(text, "mdy")

    assert (read.value, read.note, read.problem) == (None, text, "")


@pytest.mark.parametrize("text", ["", " ", "N/A", "null"])
def test_blank_is_no_date(text):
    read = read_date(text, "mdy")

    assert (read.value, read.note, read.problem) == (None, "", "")


@pytest.mark.parametrize(("year", "expected"), [("69", 2069), ("70", 1970), ("00", 2000), ("99", 1999)])
def test_two_digits_of_a_year_turn_at_seventy(year, expected):
    assert read_date(f"25/12/{year}", "dmy").value == date(expected, 12, 25)


@pytest.mark.parametrize(
    ("text", "accepted"), [("1900-01-01", True), ("1899-12-31", False), ("2100-12-31", True), ("2101-01-01", False)]
)
def test_years_are_1900_to_2100(text, accepted):
    assert (read_date(text, "").value is not None) is accepted


@pytest.mark.parametrize(
    ("values", "order"),
    [
        (["31/12/2015", "04/05/2011"], "dmy"),
        (["12/31/2015", "04/05/2011"], "mdy"),
        (["04/05/2011"], ""),
        (["31/12/2015", "12/31/2015"], ""),
        (["2015-04-01", "words"], ""),
        ([], ""),
    ],
)
def test_an_order_is_proposed_only_where_the_column_leaves_one(values, order):
    assert order_that_fits(values) == order
