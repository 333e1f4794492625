"""How one kind of file is known and how its columns become canonical ones."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import polars as pl

from projects.sources.readers.interface import ColumnMapping, Container, DateOrder, Role


@dataclass(frozen=True)
class Header:
    """The columns of a table as the file writes them, looked up ignoring case and surrounding space."""

    columns: tuple[str, ...]

    @cached_property
    def by_key(self) -> dict[str, str]:
        """Map each folded name to the column as written."""
        return {column.strip().lower(): column for column in reversed(self.columns)}

    @cached_property
    def by_letters(self) -> dict[str, str]:
        """Map each folded name to the column as written, spaces, hyphens, underscores and slashes inside it left out."""
        return {_letters(column): column for column in reversed(self.columns)}

    def has(self, *names: str) -> bool:
        """Say whether all these columns are there."""
        return all(self.find(name) is not None for name in names)

    def find(self, *names: str) -> str | None:
        """Give the first of these columns that is there, as the file writes it; "billed_cost" is BilledCost."""
        for known, fold in ((self.by_key, str.lower), (self.by_letters, _letters)):
            found = next((known[fold(name)] for name in names if fold(name) in known), None)
            if found is not None:
                return found
        return None

    def take(self, wanted: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
        """Pair each canonical column with the first of its names that is there."""
        found = {canonical: self.find(*names) for canonical, names in wanted.items()}
        return {canonical: column for canonical, column in found.items() if column is not None}


_BETWEEN = re.compile(r"[ _/-]")


def _letters(name: str) -> str:
    return _BETWEEN.sub("", name.strip().lower())


@dataclass(frozen=True)
class Plan:
    """How the columns of one file become canonical text, before it is checked.

    `columns` names the source of each canonical column, `constants` a fixed text, `derive` adds canonical columns that
    need more than a copy. Ends in `inclusive_ends` name the last day itself. `notes` are said once for the file.
    With `by_day` each day is a billing period of its own where the file names none: it may hold any stretch of days.
    """

    columns: Mapping[str, str]
    constants: Mapping[str, str] = field(default_factory=dict)
    derive: Callable[[pl.DataFrame], pl.DataFrame] | None = None
    notes: tuple[str, ...] = ()
    inclusive_ends: frozenset[str] = frozenset()
    date_order: DateOrder | None = None
    has_money: bool = True
    by_day: bool = False


@dataclass(frozen=True)
class Clues:
    """What there is to tell a table by, beside its columns: the file's name and its first megabyte."""

    file_name: str = ""
    head: str = ""

    def carry(self, kind: "Kind") -> bool:
        """Say whether the words that a kind asks for are there."""
        named = any(word in self.file_name.lower() for word in kind.file_words)
        written = any(word in self.head for word in kind.text_words)
        if kind.either:
            return named or written
        return (named or not kind.file_words) and (written or not kind.text_words)


@dataclass(frozen=True)
class Kind:
    """One sort of file. `version` answers None for "not mine"; the highest `rank` that answers is believed.

    A kind of JSON file also says which documents it `claims` and flattens each into `records` of the given `fields`;
    `remarks` are notes that the document calls for. With `file_words` one of them must stand in the file's name,
    with `text_words` in its first megabyte; where `either` is said, one of the two is enough.
    """

    name: str
    title: str
    role: Role
    plan: Callable[[Header, ColumnMapping], Plan]
    version: Callable[[Header], str | None] = lambda header: None
    containers: frozenset[Container] = frozenset({"table", "parquet"})
    rank: int = 50
    fields: tuple[str, ...] = ()
    claims: Callable[[Any], bool] = lambda document: False
    records: Callable[[Any], Iterator[dict[str, str | None]]] = lambda document: iter(())
    remarks: Callable[[Any], tuple[str, ...]] = lambda document: ()
    file_words: tuple[str, ...] = ()
    text_words: tuple[str, ...] = ()
    either: bool = False
