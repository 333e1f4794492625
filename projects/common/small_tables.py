"""Read a small delimited file that a person uploads, such as readings: text cells with the lines they stand on."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from projects.common.form_fields import clean_text
from projects.common.outcomes import Refused

LARGEST_BYTES = 1_000_000
MOST_ROWS = 2_000
MOST_TOLD = 50
FIGURE = re.compile(r"[-+]?\d{1,12}(?:\.\d{1,6})?", re.ASCII)


class TableRefused(Refused):
    """The file is no table of the columns asked for, or some of its cells cannot be read."""

    code = "table_refused"


@dataclass(frozen=True)
class Row:
    """One record: the line it begins on, and its cells by column."""

    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


def read_small_table(content: bytes, *, needed: Sequence[str], optional: Sequence[str] = ()) -> list[Row]:
    """Return the records of a CSV with these columns, in any order. Raise TableRefused for the file as a whole."""
    if len(content) > LARGEST_BYTES:
        raise TableRefused(f"The file is larger than {LARGEST_BYTES:,} bytes. Split it.")
    text = _decoded(content)
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        header = [clean_text(cell).lower() for cell in next(reader, [])]
        _refuse_header(header, needed, optional)
        rows = []
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append(_row(reader.line_num, header, cells))
    except csv.Error as error:
        raise TableRefused(f"Line {reader.line_num} is not readable as CSV: {error}.") from error
    if not rows:
        raise TableRefused("The file holds a header and no rows.")
    if len(rows) > MOST_ROWS:
        raise TableRefused(f"The file holds {len(rows):,} rows, at most {MOST_ROWS:,} are read at once. Split it.")
    return rows


def _decoded(content: bytes) -> str:
    if b"\x00" in content:
        raise TableRefused("This is no CSV: it holds NUL bytes. Save the sheet as CSV in UTF-8.")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise TableRefused("The file is neither UTF-8 nor Windows text. Save it as CSV in UTF-8.")


def _refuse_header(header: Sequence[str], needed: Sequence[str], optional: Sequence[str]) -> None:
    missing = [name for name in needed if name not in header]
    unknown = [name for name in header if name and name not in {*needed, *optional}]
    doubled = sorted({name for name in header if name and header.count(name) > 1})
    known = ", ".join((*needed, *optional))
    if missing:
        raise TableRefused(f"The first line lacks {', '.join(missing)}. Its columns are {known}.")
    if unknown or doubled:
        raise TableRefused(f"The first line has {', '.join(unknown or doubled)[:200]}. Its columns are {known}.")


def _row(line: int, header: Sequence[str], cells: Sequence[str]) -> Row:
    if len(cells) > len(header):
        raise TableRefused(f"Line {line} has {len(cells)} cells under {len(header)} columns.")
    return Row(line, {name: clean_text(cell) for name, cell in zip(header, cells, strict=False) if name})


def figure_of(text: str) -> Decimal | None:
    """Read a figure of at most 12 digits and 6 decimals; None for anything else."""
    return Decimal(text) if FIGURE.fullmatch(text) else None


def day_of(text: str) -> date | None:
    """Read a day written as 2026-10-31, between 2000 and 2100; None for anything else."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2100 else None
