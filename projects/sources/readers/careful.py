"""Read delimited text record by record where it is irregular: slower, and able to name each row that does not fit."""

import csv
import io
from collections.abc import Iterator

import polars as pl

from projects.common.long_cells import BoundedLines, RecordTooLong
from projects.sources.readers.chunks import Chunk, RecordCutter
from projects.sources.readers.containers import mend_encoding
from projects.sources.readers.interface import Limits, RowProblem, UnreadableFile
from projects.sources.readers.layouts import Layout
from projects.sources.readers.raw import LINE, RawFrame
from projects.sources.readers.sum_rows import NOT_A_CHARGE, says_sum

_ROWS_AT_ONCE = 20_000
_NOTHING = "\0\x1a \r\n"  # blank, or what old systems fill the end of a file with


def lines_of(blocks: Iterator[bytes], limits: Limits) -> Iterator[str]:
    """Split blocks into lines with their ends."""
    pending = b""
    for block in blocks:
        pending += block
        if len(pending) > limits.max_record_bytes and b"\n" not in pending:
            raise UnreadableFile("too_large", f"A line is longer than {limits.max_record_bytes:,} bytes.")
        cut = pending.rfind(b"\n") + 1
        yield from io.StringIO(mend_encoding(pending[:cut])[0].decode("utf-8"), newline="")
        pending = pending[cut:]
    yield from io.StringIO(mend_encoding(pending)[0].decode("utf-8"), newline="")


def read_stray(first: Chunk, rest: RecordCutter, line: int, layout: Layout, limits: Limits) -> Iterator[RawFrame]:
    """Read the rest of a table whose quotes do not pair, from the last line end that was certain."""

    def blocks() -> Iterator[bytes]:
        yield first.data
        while (data := rest.lines()) is not None:
            yield data

    yield from read_carefully(lines_of(blocks(), limits), line, layout, limits, 0, odd_quotes=True)


def read_carefully(
    lines: Iterator[str], first_line: int, layout: Layout, limits: Limits, mended: int, odd_quotes: bool = False
) -> Iterator[RawFrame]:
    """Parse record by record, naming the rows that do not fit the header.

    With `odd_quotes` a last record that runs over several lines is a quote left open.
    """
    bounded = BoundedLines(lines, limits.max_record_bytes)
    reader = csv.reader(bounded, delimiter=layout.separator)
    rows: list[list[str | int]] = []
    problems: list[RowProblem] = []
    width = len(layout.columns)
    open_since = 0
    while True:
        line = first_line + reader.line_num
        bounded.begin_record()
        try:
            record = next(reader, None)
            bounded.require_short(record or ())
        except (csv.Error, RecordTooLong) as error:
            raise _unclosed(line) from error
        if record is None:
            break
        open_since = line if first_line + reader.line_num - line > 1 else 0
        if len(record) > width and not any(cell.strip() for cell in record[width:]):
            record = record[:width]  # a separator too many at the end
        if len(record) == width:
            rows.append([line, *record])
        elif record and "".join(record).strip(_NOTHING):
            problems.append(_misfit(line, record, width))
        if len(rows) + len(problems) >= _ROWS_AT_ONCE:
            yield _raw(rows, problems, layout, mended)
            rows, problems, mended = [], [], 0
    if open_since and odd_quotes:
        raise _unclosed(open_since)
    if rows or problems:
        yield _raw(rows, problems, layout, mended)


def _raw(rows: list[list[str | int]], problems: list[RowProblem], layout: Layout, mended: int) -> RawFrame:
    schema = {LINE: pl.Int64, **dict.fromkeys(layout.columns, pl.String)}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    has_nul = any("\0" in str(cell) for row in rows for cell in row)
    return RawFrame(frame, tuple(problems), mended, has_nul)


def _misfit(line: int, record: list[str], width: int) -> RowProblem:
    if says_sum(next(filter(str.strip, record), "")):
        return RowProblem(line, None, record[0][:80], NOT_A_CHARGE)
    reason = f"has {len(record)} {'cell' if len(record) == 1 else 'cells'} where the header has {width}"
    if any("\n" in cell for cell in record):
        reason += "; a quote may be missing"
    return RowProblem(line, None, record[0][:80], reason)


def _unclosed(line: int) -> UnreadableFile:
    return UnreadableFile(
        "unclosed_quote",
        f"A quote opened in line {line} is never closed, so the rest of the file cannot be told apart.",
        (RowProblem(line, None, None, "opens a quote that is never closed"),),
    )
