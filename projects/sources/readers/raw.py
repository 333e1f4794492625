"""Rows as a file gives them, before anything is believed: text and line numbers."""

from dataclasses import dataclass

import polars as pl

from projects.sources.readers.interface import RowProblem

LINE = "row_number"


@dataclass(frozen=True)
class RawFrame:
    """Rows as they stood: text columns and `row_number`; `problems` are rows that do not fit the header."""

    frame: pl.DataFrame
    problems: tuple[RowProblem, ...]
    mended_lines: int
    has_nul: bool
