"""Find a table's header and what separates its cells."""

import csv
import io
from dataclasses import dataclass

from projects.sources.readers.interface import UnreadableFile

_SEPARATORS = ",;\t|"


@dataclass(frozen=True)
class Layout:
    """Where a table's header stands and how its cells are separated."""

    columns: tuple[str, ...]
    separator: str
    header_lines: int


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
