"""A table: one header, lines under it; how a grid becomes one and how it is turned."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from projects.intake.spreadsheets.delimited import Record, find_separator, read_records, separator_named
from projects.intake.spreadsheets.refusals import FileRefused
from projects.intake.spreadsheets.text import Text, decode, unpack
from projects.intake.spreadsheets.workbook import is_workbook, read_sheet

LINE_LIMIT = 100_000
COLUMN_LIMIT = 2_000


@dataclass(frozen=True)
class Grid:
    """Records as they stand in a file, before anybody says which of them is the header."""

    records: tuple[Record, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Line:
    """One line of a table: its number in the file, a cell for each column, and cells beyond the last column."""

    number: int
    cells: tuple[str, ...]
    beyond: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """A header of distinct names and the lines under it."""

    header: tuple[str, ...]
    lines: tuple[Line, ...]
    notes: tuple[str, ...] = ()


def read_grid(content: bytes, *, separator: str = "", encoding: str = "", sheet: str = "") -> Grid:
    """Return the grid of a CSV, CSV.gz or XLSX file. Raise FileRefused for what is none, is empty or is too large."""
    content = unpack(content)
    if not content.strip():
        raise FileRefused("file_empty", "The file is empty.")
    if is_workbook(content):
        found = read_sheet(content, sheet=sheet)
        records, notes = found.records, found.notes
    else:
        text = decode(content, encoding=encoding)
        mark = separator_named(separator) if separator else find_separator(text.value)
        records = tuple(read_records(text.value, mark))
        notes = _reading_notes(text, mark)
    if len(records) > LINE_LIMIT or max((len(record.cells) for record in records), default=0) > COLUMN_LIMIT:
        raise FileRefused(
            "file_too_large", f"At most {LINE_LIMIT:,} lines of {COLUMN_LIMIT:,} cells are read: split it."
        )
    return Grid(records, notes)


def turned(grid: Grid) -> Grid:
    """Return the grid with rows and columns exchanged; lines then count the columns of the file."""
    width = max((len(record.cells) for record in grid.records), default=0)
    columns = (
        Record(number + 1, tuple(_cell(record.cells, number) for record in grid.records)) for number in range(width)
    )
    kept = tuple(record for record in columns if any(cell.strip() for cell in record.cells))
    return Grid(kept, (*grid.notes, "The table was turned: a line number counts the columns of the file."))


def table_of(grid: Grid, *, header_line: int = 0) -> Table:
    """Return the table under the first record, or under ``header_line``. Raise FileRefused where no row follows."""
    records = [record for record in grid.records if record.line >= header_line]
    if len(records) < 2:
        raise FileRefused("no_rows", "The file holds a header and no row, or nothing: there is nothing to import.")
    header, repeated = _distinct(_trimmed(records[0].cells))
    lines = tuple(_line(record, len(header)) for record in records[1:])
    notes = [
        f'The header "{name}" stands {count} times; the later ones are called "{name} (2)" and on.'
        for name, count in repeated.items()
    ]
    return Table(header, lines, (*grid.notes, *notes))


def _line(record: Record, width: int) -> Line:
    cells = record.cells[:width] + ("",) * (width - len(record.cells))
    return Line(record.line, cells, tuple(cell for cell in record.cells[width:] if cell.strip()))


def _trimmed(cells: Sequence[str]) -> list[str]:
    names = [" ".join(cell.split()) for cell in cells]
    while names and not names[-1]:
        names.pop()
    return names


def _distinct(names: Sequence[str]) -> tuple[tuple[str, ...], dict[str, int]]:
    seen: Counter[str] = Counter()
    distinct = []
    for position, name in enumerate(names, start=1):
        label = name or f"column {position}"
        seen[label] += 1
        distinct.append(label if seen[label] == 1 else f"{label} ({seen[label]})")
    return tuple(distinct), {name: count for name, count in seen.items() if count > 1}


def _cell(cells: Sequence[str], position: int) -> str:
    return cells[position] if position < len(cells) else ""


def _reading_notes(text: Text, separator: str) -> tuple[str, ...]:
    notes = []
    if text.encoding != "utf-8":
        notes.append(f"The file is not UTF-8: it was read as {text.encoding}.")
    if text.note:
        notes.append(text.note)
    if separator != ",":
        notes.append(f"The columns are separated by {'tabs' if separator == chr(9) else separator}.")
    return tuple(notes)
