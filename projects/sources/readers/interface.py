"""What a reader takes and gives: limits, mapping, what was recognised, batches, problems and totals."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

import polars as pl

Role = Literal["fact", "detail"]
Container = Literal["table", "parquet", "json", "jsonl"]
Compression = Literal["gzip", "zip"]
DateOrder = Literal["mdy", "dmy"]
DecimalMark = Literal[".", ","]


@dataclass(frozen=True)
class RowProblem:
    """One thing that is wrong in one row; `line` is the physical line where the record starts (1 is the first)."""

    line: int | None
    column: str | None
    value: str | None
    reason: str


@dataclass(frozen=True)
class Sums:
    """Rows and exact money of one currency; `unreadable` counts those of the rows whose amount cannot be read."""

    rows: int = 0
    billed_cost: Decimal = Decimal(0)
    effective_cost: Decimal = Decimal(0)
    unreadable: int = 0


@dataclass(frozen=True)
class Totals:
    """What was accepted and what was refused, by ISO currency ("" where a row has none that can be read)."""

    accepted: Mapping[str, Sums] = field(default_factory=dict)
    refused: Mapping[str, Sums] = field(default_factory=dict)

    @property
    def accepted_rows(self) -> int:
        """Count the rows that were accepted."""
        return sum(sums.rows for sums in self.accepted.values())

    @property
    def refused_rows(self) -> int:
        """Count the rows that were refused."""
        return sum(sums.rows for sums in self.refused.values())

    @property
    def rows(self) -> int:
        """Count all rows of the file."""
        return self.accepted_rows + self.refused_rows


class UnreadableFile(Exception):
    """A file that cannot be taken as it is. `code` is stable, `message` says what to do next, `columns` what a mapping may name."""

    def __init__(
        self,
        code: str,
        message: str,
        rows: tuple[RowProblem, ...] = (),
        totals: Totals | None = None,
        columns: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.rows = rows
        self.totals = totals or Totals()
        self.columns = columns


@dataclass(frozen=True)
class Limits:
    """How much a reader reads before it says that a file is too large."""

    max_rows: int = 10_000_000
    max_unpacked_bytes: int = 16 * 1024**3
    max_document_bytes: int = 64 * 1024**2
    max_columns: int = 1_000
    max_record_bytes: int = 4 * 1024**2
    max_problems: int = 1_000
    block_bytes: int = 20 * 1024**2


@dataclass(frozen=True)
class ColumnMapping:
    """What a person said about a file: which columns to take, fixed values, how to read figures and dates."""

    kind: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    separator: str | None = None
    encoding: str | None = None
    decimal_mark: DecimalMark | None = None
    date_order: DateOrder | None = None
    role: Role | None = None


NO_MAPPING = ColumnMapping()


@dataclass(frozen=True)
class Recognised:
    """What a file is, before any row of it is believed; columns that are `blank` count as missing."""

    kind: str
    version: str | None
    title: str
    role: Role
    container: Container
    columns: tuple[str, ...]
    notes: tuple[str, ...] = ()
    compression: Compression | None = None
    encoding: str | None = None
    separator: str | None = None
    header_lines: int = 1
    wrapped: bool = False
    date_order: DateOrder | None = None
    decimal_mark: DecimalMark = "."
    has_money: bool = True
    mapping: ColumnMapping = NO_MAPPING
    blank: tuple[str, ...] = ()


@dataclass(frozen=True)
class Batch:
    """Some rows of a file.

    `frame` holds the accepted rows in the canonical schema, `as_it_stood` gives every row as evidence (text; content
    columns dropped) to who keeps it, `problems` what is wrong in the refused ones. `refused_rows` counts rows, not problems, and is complete
    even where the list of problems has reached its limit. `bytes_read` is the position in the file, for progress.
    """

    frame: pl.DataFrame
    as_it_stood: Callable[[], pl.DataFrame]
    problems: tuple[RowProblem, ...]
    refused_rows: int
    bytes_read: int
