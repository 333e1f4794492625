"""Find a table's header and what separates its cells."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace

from projects.sources.readers.interface import UnreadableFile

_SEPARATORS = ",;\t|"
_MOST_TITLES = 30
_FEWEST_COLUMNS = 4  # of a header below titles: with fewer, any line of two words would do


@dataclass(frozen=True)
class Layout:
    """Where a table's header stands and how its cells are separated; `wrapped` has each line whole in quotes."""

    columns: tuple[str, ...]
    separator: str
    header_lines: int
    wrapped: bool = False


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
    if len(cells) == 1 and text.startswith('"'):
        inner = max((_first_record(cells[0], candidate) for candidate in candidates), key=lambda found: len(found[0]))
        if len(inner[0]) >= _FEWEST_COLUMNS:
            return Layout(tuple(inner[0]), inner[2], skipped + lines, wrapped=True)
    return Layout(tuple(cells), best, skipped + lines)


def layouts_below(head: str, layout: Layout, separator: str | None) -> Iterator[Layout]:
    """Read each of the next lines as a header: the titles of a spreadsheet may stand above it."""
    rest = head[:262_144].split("\n")
    for line in range(layout.header_lines, min(layout.header_lines + _MOST_TITLES, len(rest))):
        if not rest[line].strip():
            continue
        below = find_layout("\n".join(rest[line:]), separator)
        if len(below.columns) >= _FEWEST_COLUMNS:
            yield replace(below, header_lines=line + below.header_lines)


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
