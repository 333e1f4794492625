"""Delimited text: find the separator, read records under the line number a person finds them at."""

import csv
import io
from collections import Counter
from dataclasses import dataclass
from itertools import islice

from projects.common.long_cells import has_long_cell
from projects.intake.spreadsheets.refusals import FileRefused

SEPARATORS = ",;\t|"
NAMED = {"comma": ",", "semicolon": ";", "tab": "\t", "\\t": "\t", "pipe": "|"}
SAMPLE = 60
CELL_LIMIT = 1_000_000


@dataclass(frozen=True)
class Record:
    """The cells of one record and the line it begins on."""

    line: int
    cells: tuple[str, ...]


def separator_named(name: str) -> str:
    """Return the separator a mapping names, as a character or a word. Raise FileRefused for anything else."""
    separator = NAMED.get(name.strip().lower(), name)
    if len(separator) != 1 or separator in '\r\n"':
        raise FileRefused("mapping_invalid", f'"{name}" is not a separator: write ",", ";", "tab" or "|".')
    return separator


def find_separator(text: str) -> str:
    """Return the separator under which most of the first records have one width above one; a comma if none does."""
    return max(SEPARATORS, key=lambda separator: _steadiness(text, separator))


def read_records(text: str, separator: str) -> list[Record]:
    """Return every record, blank ones left out. Raise FileRefused for an unclosed quote or an endless cell."""
    try:
        return _records(text, separator, strict=True)
    except _LooseQuote:
        return _records(text, separator, strict=False)


class _LooseQuote(Exception):
    """A quote inside a cell that is not doubled; tolerated."""


def _records(text: str, separator: str, *, strict: bool) -> list[Record]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=strict)
    records: list[Record] = []
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return records
        except csv.Error as error:
            _explain(str(error), line)
        if has_long_cell(cells, CELL_LIMIT):
            raise FileRefused(
                "cell_too_large", f"The record on line {line} holds a cell of more than {CELL_LIMIT:,} characters."
            )
        if any(cell.strip() for cell in cells):
            records.append(Record(line, tuple(cells)))


def _explain(error: str, line: int) -> None:
    if "unexpected end" in error:
        raise FileRefused("quote_unclosed", f"The record on line {line} opens a quote that is never closed.")
    raise _LooseQuote(error)


def _steadiness(text: str, separator: str) -> tuple[float, int]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        records = [cells for cells in islice(reader, SAMPLE) if any(cells)]
    except csv.Error:
        return (0.0, 0)
    widths = Counter(map(len, records))
    if not widths or any(has_long_cell(cells, CELL_LIMIT) for cells in records):
        return (0.0, 0)
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    return (count / widths.total() if width > 1 else 0.0, width)
