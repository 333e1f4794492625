import csv
import io

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projects.sources.readers import delimited
from projects.sources.readers.careful import lines_of, read_carefully
from projects.sources.readers.delimited import read_delimited
from projects.sources.readers.interface import Limits
from projects.sources.readers.layouts import Layout

LIMITS = Limits(max_record_bytes=50_000, block_bytes=64)
THREE = Layout(("a", "b", "c"), ",", 1)


def rows_of(data: bytes, size: int = 64, layout: Layout = THREE) -> list[tuple[object, ...]]:
    blocks = iter([data[start : start + size] for start in range(0, len(data), size)])
    return [row for raw in read_delimited(blocks, layout, LIMITS) for row in raw.frame.rows()]


def carefully(data: bytes, layout: Layout = THREE) -> list[tuple[object, ...]]:
    body = data.split(b"\n", layout.header_lines)[layout.header_lines]
    lines = lines_of(iter([body]), LIMITS)
    return [
        row for raw in read_carefully(lines, layout.header_lines + 1, layout, LIMITS, 0) for row in raw.frame.rows()
    ]


cells = st.text(st.sampled_from("ab1,;\"\n '\\|é"), max_size=6)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=12),
    st.sampled_from(["\n", "\r\n"]),
    st.integers(5, 200),
)
def test_the_fast_way_and_the_careful_way_read_the_same(
    written: list[tuple[str, str, str]], end: str, size: int
) -> None:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator=end)
    writer.writerow("abc")
    writer.writerows(written)
    data = buffer.getvalue().encode()

    found = rows_of(data, size)

    assert [row[1:] for row in found] == written
    assert found == carefully(data)


def test_a_line_end_cut_between_blocks_is_one_line_end() -> None:
    assert rows_of(b"a,b,c\r\n1,2,3\r\n", 6) == [(2, "1", "2", "3")]


def test_old_macintosh_line_ends_are_line_ends() -> None:
    assert rows_of(b"a,b,c\r1,2,3\r4,5,6\r", 1000) == [(2, "1", "2", "3"), (3, "4", "5", "6")]


def test_regular_text_goes_the_fast_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(delimited, "read_carefully")

    assert rows_of(b'h,h,h\n1,"2,2",3\r\n4,,"6 ""x"""\n') == [(2, "1", "2,2", "3"), (3, "4", "", '6 "x"')]


def test_cells_of_several_lines_go_a_fast_way_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(delimited, "read_carefully")

    found = rows_of(b'h,h,h\n1,"2\n\n2",3\n4,5,6\n"7\n",8,"9\n"\n1,1,1\n', 1000)

    assert [row[0] for row in found] == [2, 5, 6, 9]
    assert found[0][2] == "2\n\n2"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("1,2", "has 2 cells where the header has 3"),
        ("1", "has 1 cell where the header has 3"),
        ("1,2,3,4", "has 4 cells where the header has 3"),
        ("1,2,3,4,5,6", "has 6 cells where the header has 3"),
        ('1,"2\n2"', "has 2 cells where the header has 3; a quote may be missing"),
    ],
)
def test_a_row_that_does_not_fit_is_named_and_the_others_are_read(line: str, reason: str) -> None:
    data = f"h,h,h\n1,2,3\n{line}\n4,5,6\n".encode()

    (raw,) = read_delimited(iter([data]), THREE, LIMITS)

    assert raw.frame.height == 2
    assert [(problem.line, problem.reason) for problem in raw.problems] == [(3, reason)]


def test_a_short_and_a_long_row_do_not_make_up_for_each_other() -> None:
    (raw,) = read_delimited(iter([b"h,h,h\n1,2\n1,2,3,4\n"]), THREE, LIMITS)

    assert raw.frame.height == 0
    assert [problem.line for problem in raw.problems] == [2, 3]


@pytest.mark.parametrize("before", ['1,"2,2",3', '"a,b,c",2,', '1,"2\n,2",3'])
def test_separators_inside_cells_do_not_make_up_for_those_that_a_short_row_lacks(before: str) -> None:
    (raw,) = read_delimited(iter([f"h,h,h\n{before}\n1,2\n".encode()]), THREE, LIMITS)

    assert raw.frame.height == 1
    assert [problem.reason for problem in raw.problems] == ["has 2 cells where the header has 3"]


def test_rows_whose_last_cell_is_empty_go_the_fast_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(delimited, "read_carefully")

    found = rows_of(b'h,h,h\n1,"2,2",\n4,,\n,,""\n')

    assert found == [(2, "1", "2,2", ""), (3, "4", "", ""), (4, "", "", "")]


def test_row_numbers_go_on_across_chunks_of_every_sort() -> None:
    body = "1,2,3\n" * 20 + '1,"2\n2",3\n' + "\n" + "1,2,3\n" * 20 + "short\n" + "1,2,3\n"

    numbers = [row[0] for row in rows_of(f"h,h,h\n{body}".encode(), 50)]

    assert numbers == [*range(2, 23), *range(25, 45), 46]


def test_lines_in_the_old_encoding_are_mended_line_by_line() -> None:
    data = "h,h,h\né,1,1\n".encode() + "é,2,2\n".encode("windows-1252") + b"a,3,3\n"

    raws = list(read_delimited(iter([data]), THREE, LIMITS))

    assert [cell for raw in raws for cell in raw.frame["a"]] == ["é", "é", "a"]
    assert sum(raw.mended_lines for raw in raws) == 1


def test_text_with_nul_is_marked_for_a_closer_look() -> None:
    plain, marked = (list(read_delimited(iter([data]), THREE, LIMITS)) for data in (b"h\n1,2,3\n", b"h\n1,\0,3\n"))

    assert (plain[0].has_nul, marked[0].has_nul) == (False, True)


def test_frames_hold_text_and_line_numbers_only() -> None:
    (raw,) = read_delimited(iter([b"h\n1,2,3\n"]), THREE, LIMITS)

    assert raw.frame.schema == {"row_number": pl.Int64, "a": pl.String, "b": pl.String, "c": pl.String}
