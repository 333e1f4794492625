from datetime import date
from decimal import Decimal

import pytest

from projects.common.small_tables import MOST_ROWS, TableRefused, day_of, figure_of, read_small_table

NEEDED = ("measure", "value")


def read(text, **options):
    return read_small_table(text if isinstance(text, bytes) else text.encode(), needed=NEEDED, **options)


@pytest.mark.parametrize(
    "content",
    [
        "measure,value\nCafé,4.4\n",
        "\ufeffValue;Measure\r\n4.4;Café\r\n",
        "measure\tvalue\nCafé\t4.4",
        "measure,value\nCafé,4.4\n".encode("cp1252"),
        "measure,value\n\n,\nCafé,4.4\n",
    ],
)
def test_columns_are_read_in_any_order_and_dress(content):
    (row,) = read(content)

    assert (row["measure"], row["value"]) == ("Café", "4.4")


def test_line_of_a_row_is_where_a_person_finds_it():
    assert [row.line for row in read("measure,value\nA,1\n\nB,2\n")] == [2, 4]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "lacks measure, value"),
        ("measure\nA\n", "lacks value"),
        ("measure,value,colour\nA,1,red\n", "colour"),
        ("measure,value,value\nA,1,2\n", "value"),
        ("measure,value\n", "no rows"),
        ("measure,value\nA,1,2\n", "Line 2 has 3 cells under 2 columns"),
        (b"measure,value\nA\x00,1\n", "NUL"),
        (b"measure,value\n" + b"A,1\n" * (MOST_ROWS + 1), "at most 2,000"),
        (b"x" * 1_000_001, "larger"),
    ],
)
def test_file_that_is_no_such_table_is_refused_whole(content, words):
    with pytest.raises(TableRefused, match=words):
        read(content)


def test_as_many_rows_as_are_allowed_are_read():
    assert len(read(b"measure,value\n" + b"A,1\n" * MOST_ROWS)) == MOST_ROWS


@pytest.mark.parametrize(
    ("text", "figure"),
    [("4.4", "4.4"), ("-1", "-1"), ("1,060", None), ("1e3", None), ("NaN", None), ("", None), ("１", None)],
)
def test_figures_are_plain(text, figure):
    assert figure_of(text) == (Decimal(figure) if figure else None)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-10-31", date(2026, 10, 31)),
        ("2026-02-30", None),
        ("31/10/2026", None),
        ("1999-12-31", None),
        ("9999-12-31", None),
        ("", None),
    ],
)
def test_days_are_written_one_way(text, day):
    assert day_of(text) == day
