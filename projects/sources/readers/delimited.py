"""Read delimited text as frames of text: fast where it is regular, carefully where it is not."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import polars as pl
from polars.exceptions import PanicException, PolarsError

from projects.sources.readers.chunks import Chunk, skip_lines, whole_records
from projects.sources.readers.containers import mend_encoding
from projects.sources.readers.interface import Limits, RowProblem, UnreadableFile

LINE = "row_number"
_END = "\x01"
_END_COLUMN = "\x01end"
_SEPARATORS = ",;\t|"
_ROWS_AT_ONCE = 20_000


@dataclass(frozen=True)
class Layout:
    """Where a table's header stands and how its cells are separated."""

    columns: tuple[str, ...]
    separator: str
    header_lines: int


@dataclass(frozen=True)
class RawFrame:
    """Rows as they stood: text columns and `row_number`; `problems` are rows that do not fit the header."""

    frame: pl.DataFrame
    problems: tuple[RowProblem, ...]
    mended_lines: int
    has_nul: bool


def find_layout(head: str, separator: str | None) -> Layout:
    """Read the header: the separator that gives most cells wins. Raise UnreadableFile if there is no header."""
    skipped, text = _skip_blank(head)
    if text[:4].lower() == "sep=" and len(text) > 4:
        separator = separator or text[4]
        more, text = _skip_blank(text.partition("\n")[2])
        skipped += more + 1
    if not text.strip():
        raise UnreadableFile("empty_file", "The file holds only blank lines. Export it again.")
    candidates = [separator] if separator else list(_SEPARATORS)
    read = [_first_record(text, candidate) for candidate in candidates]
    cells, lines, best = max(read, key=lambda found: len(found[0]))
    return Layout(tuple(cells), best, skipped + lines)


def _skip_blank(text: str) -> tuple[int, str]:
    lines = 0
    while text and not text.partition("\n")[0].strip():
        text = text.partition("\n")[2]
        lines += 1
    return lines, text


def _first_record(text: str, separator: str) -> tuple[list[str], int, str]:
    reader = csv.reader(io.StringIO(text[:262_144], newline=""), delimiter=separator)
    try:
        cells = next(reader, [])
    except csv.Error:
        cells = []
    return cells, reader.line_num, separator


def unique_names(columns: tuple[str, ...]) -> tuple[str, ...]:
    """Number repeated and empty names, so that every column of the file keeps a name of its own."""
    seen: dict[str, int] = {}
    names: list[str] = []
    for position, column in enumerate(columns, start=1):
        name = column.strip("\ufeff") or f"column {position}"
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(names)


def read_delimited(blocks: Iterator[bytes], layout: Layout, limits: Limits) -> Iterator[RawFrame]:
    """Give the rows of a table in frames. Raise UnreadableFile for a quote that is never closed."""
    body = skip_lines(_unix_line_ends(blocks), layout.header_lines)
    chunks = whole_records(body, limits)
    line = layout.header_lines + 1
    for chunk in chunks:
        if chunk.stray:
            yield from _careful_rest(chunk, chunks, line, layout, limits)
            return
        data, mended = mend_encoding(chunk.data)
        frame = _fast(data, line, layout)
        if frame is not None:
            yield RawFrame(frame, (), mended, b"\0" in data)
            line += frame.height
        else:
            yield from _careful(_lines(iter([data]), limits), line, layout, limits, mended)
            line += data.count(b"\n")


def _unix_line_ends(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Turn the line ends of old Macintosh files, which know no line feed."""
    first = next(blocks, b"")
    if b"\n" in first or b"\r" not in first:
        yield first
        yield from blocks
        return
    for block in chain([first], blocks):
        yield block.replace(b"\r", b"\n")


def _fast(data: bytes, first_line: int, layout: Layout) -> pl.DataFrame | None:
    """Parse regular text at full speed; None where a line is blank, short, long, or runs over several lines.

    Each line gets one more cell with a mark in it: only where all marks come back in their own column was every row
    complete and every line a record of its own.
    """
    data = data.replace(b"\r\n", b"\n") if b"\r" in data else data
    if b"\r" in data:
        return None
    mark = (layout.separator + _END + "\n").encode()
    marked = data.replace(b"\n", mark)
    lines = (len(marked) - len(data)) // (len(mark) - 1)
    schema = {**dict.fromkeys(layout.columns, pl.String), _END_COLUMN: pl.String}
    try:
        frame = pl.read_csv(
            io.BytesIO(marked),
            has_header=False,
            schema=schema,
            separator=layout.separator,
            empty_string_is_null=False,
        )
    except (PolarsError, PanicException):
        return None
    if frame.height != lines or not (frame[_END_COLUMN] == _END).all():
        return None
    return frame.drop(_END_COLUMN).with_row_index(LINE, offset=first_line).cast({LINE: pl.Int64})


def _lines(blocks: Iterator[bytes], limits: Limits) -> Iterator[str]:
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


def _careful_rest(first: Chunk, rest: Iterator[Chunk], line: int, layout: Layout, limits: Limits) -> Iterator[RawFrame]:
    def blocks() -> Iterator[bytes]:
        yield first.data
        for chunk in rest:
            yield chunk.data

    yield from _careful(_lines(blocks(), limits), line, layout, limits, 0, odd_quotes=True)


def _careful(
    lines: Iterator[str], first_line: int, layout: Layout, limits: Limits, mended: int, odd_quotes: bool = False
) -> Iterator[RawFrame]:
    """Parse record by record, naming the rows that do not fit the header.

    With `odd_quotes` a last record that runs over several lines is a quote left open.
    """
    csv.field_size_limit(limits.max_record_bytes)
    reader = csv.reader(lines, delimiter=layout.separator)
    rows: list[list[str | int]] = []
    problems: list[RowProblem] = []
    width = len(layout.columns)
    open_since = 0
    while True:
        line = first_line + reader.line_num
        try:
            record = next(reader, None)
        except csv.Error as error:
            raise _unclosed(line) from error
        if record is None:
            break
        open_since = line if first_line + reader.line_num - line > 1 else 0
        if len(record) == width:
            rows.append([line, *record])
        elif record and record != [""]:
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
    reason = f"has {len(record)} cells where the header has {width}"
    if any("\n" in cell for cell in record):
        reason += "; a quote may be missing"
    return RowProblem(line, None, record[0][:80], reason)


def _unclosed(line: int) -> UnreadableFile:
    return UnreadableFile(
        "unclosed_quote",
        f"A quote opened in line {line} is never closed, so the rest of the file cannot be told apart.",
        (RowProblem(line, None, None, "opens a quote that is never closed"),),
    )
