"""Read delimited text as frames of text: fast where it is regular, carefully where it is not."""

import io
from collections.abc import Iterator
from itertools import chain

import polars as pl
from polars.exceptions import PanicException, PolarsError

from projects.sources.readers.careful import lines_of, read_carefully, read_stray
from projects.sources.readers.chunks import RecordCutter, skip_lines, unwrapped_lines
from projects.sources.readers.containers import mend_encoding
from projects.sources.readers.interface import Limits
from projects.sources.readers.layouts import Layout
from projects.sources.readers.raw import LINE, RawFrame


def read_delimited(blocks: Iterator[bytes], layout: Layout, limits: Limits) -> Iterator[RawFrame]:
    """Give the rows of a table in frames. Raise UnreadableFile for a quote that is never closed."""
    body = skip_lines(_unix_line_ends(blocks), layout.header_lines)
    body = unwrapped_lines(body) if layout.wrapped else body
    cutter = RecordCutter(body, limits)
    line = layout.header_lines + 1
    while (read := cutter.lines()) is not None:
        data, mended = mend_encoding(read)
        frame = _fast(data, line, layout)
        if frame is None:
            chunk = cutter.records(read)
            if chunk.stray:
                yield from read_stray(chunk, cutter, line, layout, limits)
                return
            if len(chunk.data) != len(read):
                data, mended = mend_encoding(chunk.data)
                frame = _fast(data, line, layout)
        lines = frame.height if frame is not None else data.count(b"\n")
        if frame is None:
            frame = _multiline(data, line, lines, layout)
        if frame is None:
            yield from read_carefully(lines_of(iter([data]), limits), line, layout, limits, mended)
        else:
            raw = RawFrame(frame, (), mended, b"\0" in data)
            del read, data, frame
            yield raw
            del raw
        line += lines


def _unix_line_ends(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Turn the line ends of old Macintosh files, which know no line feed."""
    first = next(blocks, b"")
    has_others = b"\n" in first or b"\r" not in first[:-1]
    whole = chain((first,), blocks)
    del first
    yield from whole if has_others else (block.replace(b"\r", b"\n") for block in whole)


def _fast(data: bytes, first_line: int, layout: Layout) -> pl.DataFrame | None:
    """Parse regular text at full speed; None where a line is blank, short, long, or runs over several lines.

    As many rows as lines make every line a record of its own; where all last cells are filled, each is complete.
    """
    unix = _with_line_feeds(data)
    frame = None if unix is None else _parsed(unix, layout)
    if unix is None or frame is None or frame.height != _lines(unix):
        return None
    if (frame[layout.columns[-1]] == "").any() and not _is_complete(frame, unix, layout):
        return None
    return frame.with_row_index(LINE, offset=first_line).cast({LINE: pl.Int64})


def _multiline(data: bytes, first_line: int, lines: int, layout: Layout) -> pl.DataFrame | None:
    """Parse whole text whose cells run over several lines; None unless every separator and line end is accounted for."""
    unix = _with_line_feeds(data)
    frame = None if unix is None else _parsed(unix, layout)
    if unix is None or frame is None or not _is_complete(frame, unix, layout):
        return None
    breaks = frame.select(pl.sum_horizontal(pl.all().str.count_matches("\n", literal=True)).cast(pl.Int64)).to_series()
    if frame.height + breaks.sum() != lines:
        return None
    before = (breaks + 1).cum_sum().shift(1, fill_value=0)
    return frame.insert_column(0, (before + first_line).alias(LINE))


def _with_line_feeds(data: bytes) -> bytes | None:
    """Give text whose lines end in a line feed alone; None where other carriage returns stand in it."""
    if b"\r" not in data:
        return data
    data = data.replace(b"\r\n", b"\n")
    return None if b"\r" in data else data


def _lines(data: bytes) -> int:
    """Count lines that all have an end: half as long as counting their ends takes."""
    return sum(1 for _ in io.BytesIO(data))


def _is_complete(frame: pl.DataFrame, data: bytes, layout: Layout) -> bool:
    """Say whether the text has all separators that full rows need: a parser fills up short ones and does not tell."""
    between = data.count(layout.separator.encode()) - frame.height * (len(layout.columns) - 1)
    if b'"' not in data:
        return between == 0
    inside = pl.sum_horizontal(pl.all().str.count_matches(layout.separator, literal=True)).sum()
    return bool(frame.select(inside).item() == between)


def _parsed(data: bytes, layout: Layout) -> pl.DataFrame | None:
    try:
        return pl.read_csv(
            io.BytesIO(data),
            has_header=False,
            schema=dict.fromkeys(layout.columns, pl.String),
            separator=layout.separator,
            empty_string_is_null=False,
        )
    except (PolarsError, PanicException):
        return None
