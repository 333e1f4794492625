"""Each reader of delimited text keeps its own limit, whoever read before it or reads beside it."""

import csv

import pytest

from projects.common.long_cells import BoundedLines, RecordTooLong, has_long_cell
from projects.intake.spreadsheets.delimited import CELL_LIMIT, read_records
from projects.intake.spreadsheets.refusals import FileRefused
from projects.sources.readers.careful import read_carefully
from projects.sources.readers.interface import Limits, UnreadableFile
from projects.sources.readers.layouts import Layout

MOST = Limits().max_record_bytes
THREE = Layout(("a", "b", "c"), ",", 1)


def bill(length):
    """Read a bill with one cell of a length; return the lengths that were read."""
    return list(bills(length))


def bills(*lengths):
    lines = iter(f"1,2,{'x' * length}\n" for length in lengths)
    for raw in read_carefully(lines, 2, THREE, Limits(), 0):
        yield from (len(row[3]) for row in raw.frame.rows())


def portfolio(length):
    """Read a portfolio with one cell of a length; return the lengths that were read."""
    return [len(record.cells[0]) for record in read_records(f"name\n{'x' * length}\n", ",")][1:]


def refused(read, length, error):
    with pytest.raises(error) as refusal:
        read(length)
    return refusal.value.code


def test_a_portfolio_keeps_its_limit_after_a_bill_was_read():
    assert bill(CELL_LIMIT + 1) == [CELL_LIMIT + 1]

    assert portfolio(CELL_LIMIT) == [CELL_LIMIT]
    assert refused(portfolio, CELL_LIMIT + 1, FileRefused) == "cell_too_large"


def test_a_bill_keeps_its_limit_after_a_portfolio_was_read():
    assert portfolio(CELL_LIMIT) == [CELL_LIMIT]

    assert bill(MOST) == [MOST]
    assert refused(bill, MOST + 1, UnreadableFile) == "unclosed_quote"


def test_a_portfolio_read_in_the_middle_of_a_bill_leaves_the_bill_its_limit(monkeypatch):
    monkeypatch.setattr("projects.sources.readers.careful._ROWS_AT_ONCE", 1)
    begun = bills(2 * CELL_LIMIT, 2 * CELL_LIMIT)
    first = next(begun)

    portfolio(CELL_LIMIT)

    assert (first, next(begun)) == (2 * CELL_LIMIT, 2 * CELL_LIMIT)


def test_no_reader_changes_the_limit_that_holds_for_the_whole_process():
    before = csv.field_size_limit()

    bill(10)
    portfolio(10)

    assert csv.field_size_limit() == before
    assert before > MOST


def test_a_record_that_is_as_long_as_allowed_may_go_on_to_one_more_line():
    bounded = BoundedLines(iter(["aaaaa\n", "b\n"]), 6)

    assert [next(bounded), next(bounded)] == ["aaaaa\n", "b\n"]


def test_a_record_that_is_too_long_may_not_go_on():
    bounded = BoundedLines(iter(["aaaaaa\n", "b\n"]), 6)
    next(bounded)

    with pytest.raises(RecordTooLong):
        next(bounded)


def test_each_record_is_counted_by_itself():
    bounded = BoundedLines(iter(["aaaaaaa\n", "b\n"]), 3)

    next(bounded)
    bounded.begin_record()

    assert next(bounded) == "b\n"


@pytest.mark.parametrize(("cell", "is_long"), [("aaaa", True), ("aaa", False), ("", False)])
def test_a_cell_is_long_above_the_limit(cell, is_long):
    assert has_long_cell(["", cell], 3) is is_long


def test_a_long_record_of_short_cells_is_no_long_cell():
    bounded = BoundedLines(iter(["aaa,bbb,ccc\n"]), 3)
    next(bounded)

    bounded.require_short(["aaa", "bbb", "ccc"])
    with pytest.raises(RecordTooLong):
        bounded.require_short(["aaa", "bbbb", "ccc"])
