"""Know a column of costs that an export has and never fills: it is as good as missing, and the other stands for it."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from projects.sources.readers.delimited import read_delimited
from projects.sources.readers.documents import text_of
from projects.sources.readers.interface import Limits, RowProblem, UnreadableFile
from projects.sources.readers.layouts import Layout
from projects.sources.readers.parquet import FAILURES, damaged
from projects.sources.readers.plans import Header
from projects.sources.readers.raw import LINE
from projects.sources.readers.schema import NULL_WORDS

PAIR = ("BilledCost", "EffectiveCost")  # of which FOCUS files must fill one
EMPTY = "The column {} is empty, as if it were not there."


def blank_cost(frame: pl.DataFrame) -> str | None:
    """Name the one of both costs that has no value in any of these rows; None where both or neither have some."""
    return _one_of([name for name in _pair(tuple(frame.columns)) if not filled(frame, name).any()])


def _pair(columns: tuple[str, ...]) -> list[str]:
    """Return both costs as the file writes them; nothing where it lacks one."""
    found = [name for name in map(Header(columns).find, PAIR) if name is not None]
    return found if len(found) == len(PAIR) else []


def _one_of(empty: list[str]) -> str | None:
    return empty[0] if len(empty) == 1 else None


def filled(frame: pl.DataFrame, column: str) -> pl.Series:
    """Say of each row whether the column has a value."""
    values = frame[column]
    return ~values.is_in(list(NULL_WORDS)).fill_null(True) if values.dtype == pl.String else values.is_not_null()


def blank_cost_of_text(head: str, layout: Layout, limits: Limits) -> str | None:
    """Name such a column of a table by its beginning; that it stays empty is watched while the file is read."""
    places = [layout.columns.index(column) for column in _pair(layout.columns)]
    cells = _first_cells(head, layout)
    if all(place < len(cells) and cells[place] not in NULL_WORDS for place in places):
        return None
    whole = head[: head.rfind("\n") + 1] or head
    try:
        frames = [raw.frame for raw in read_delimited(iter([whole.encode()]), layout, limits)]
    except UnreadableFile:
        return None  # the reading of the whole file says what is wrong with it
    return blank_cost(pl.concat(frames)) if frames else None


def blank_cost_of_parquet(path: Path, columns: tuple[str, ...]) -> str | None:
    """Name such a column of a Parquet file, of which all rows are looked at where the first is empty."""
    names = _pair(columns)
    if not names:
        return None
    try:
        lazy = pl.scan_parquet(path).select(names)
        return blank_cost(lazy.collect()) if blank_cost(lazy.head(1).collect()) else None
    except FAILURES as error:
        raise damaged() from error


def blank_cost_of_records(records: list[dict[str, Any]], columns: tuple[str, ...]) -> str | None:
    """Name such a column of a table that is written as JSON."""
    nothing = (None, *NULL_WORDS)
    return _one_of([name for name in _pair(columns) if all(text_of(record.get(name)) in nothing for record in records)])


def _first_cells(head: str, layout: Layout) -> list[str]:
    """Give the cells of the first row, at no cost worth naming."""
    lines = iter(io.StringIO(head[:262_144], newline=""))
    for _ in range(layout.header_lines):
        next(lines, "")
    return _cells(lines, layout.separator)


def _cells(lines: Iterator[str], separator: str) -> list[str]:
    try:
        return next(csv.reader(lines, delimiter=separator), [])
    except csv.Error:
        return []


def require_still_blank(frame: pl.DataFrame, columns: tuple[str, ...]) -> None:
    """Raise UnreadableFile if a column that was empty so far has a value after all."""
    for column in columns:
        late = filled(frame, column)
        if late.any():
            line, value = frame.filter(late).select(LINE, column).row(0)
            reason = "is filled here and empty in every row before"
            raise UnreadableFile(
                "cost_filled_late",
                f"{column} is empty at the beginning of the file and filled from line {line} on. Export both parts "
                "apart, or with the cost in every row.",
                (RowProblem(line, column, str(value)[:80], reason),),
            )
