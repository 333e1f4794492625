"""Recognise a file and read it in batches: the two calls that the rest of the product makes."""

from collections.abc import Generator, Iterator
from functools import partial
from pathlib import Path

import polars as pl

from projects.sources.readers import canonical
from projects.sources.readers.ahead import one_ahead
from projects.sources.readers.blanks import require_still_blank
from projects.sources.readers.containers import text_blocks
from projects.sources.readers.content import without_content
from projects.sources.readers.delimited import read_delimited
from projects.sources.readers.documents import load_document, read_document, read_lines
from projects.sources.readers.interface import Batch, Limits, Recognised, RowProblem, Totals, UnreadableFile
from projects.sources.readers.observations import Observations, plural
from projects.sources.readers.parquet import read_parquet, text_of_moments
from projects.sources.readers.raw import RawFrame
from projects.sources.readers.recognition import layout_of, plan_for, read_flat, recognise
from projects.sources.readers.registry import kind_named
from projects.sources.readers.schema import COUNTS
from projects.sources.readers.spare import without_spare_rows
from projects.sources.readers.sum_rows import name_sum_rows
from projects.sources.readers.tally import Tally
from projects.sources.readers.time_book import TimeBook

__all__ = ["BatchReader", "read_batches", "recognise"]


def read_batches(path: Path, recognised: Recognised, *, limits: Limits | None = None) -> "BatchReader":
    """Read a recognised file in batches; totals, notes and problems are complete when the last batch was taken."""
    return BatchReader(path, recognised, limits or Limits())


class BatchReader(Iterator[Batch]):
    """An iterator of batches that adds up and observes as it goes. Raises UnreadableFile where the file breaks."""

    def __init__(self, path: Path, recognised: Recognised, limits: Limits) -> None:
        self.recognised = recognised
        self.problems: list[RowProblem] = []
        self._limits = limits
        self._plan = plan_for(recognised)
        self._style = canonical.Style(self._plan, recognised.decimal_mark, times=TimeBook(recognised.date_order))
        self._figures = frozenset(self._plan.columns[name] for name in COUNTS if name in self._plan.columns)
        self._tally = Tally()
        self._observations = Observations(self._plan.has_money)
        self._batches = self._read(path)
        self._seen_rows = 0

    def __iter__(self) -> "BatchReader":
        return self

    def __next__(self) -> Batch:
        return next(self._batches)

    def close(self) -> None:
        """Stop reading before the end and let the file go."""
        self._batches.close()

    @property
    def tells_a_stretch(self) -> bool:
        """Say whether the file is of days without billing periods: what it leaves out between them was not charged."""
        return self._plan.by_day and "billing_period_start" not in self._plan.columns

    @property
    def totals(self) -> Totals:
        """Give the exact sums so far, accepted and refused, by currency."""
        return self._tally.totals

    @property
    def notes(self) -> list[str]:
        """Say what is worth knowing about the file, as far as it was read."""
        return [*self.recognised.notes, *self._observations.notes()]

    def raise_for_problems(self) -> None:
        """Raise UnreadableFile with code `bad_rows` if any row was refused."""
        totals = self.totals
        if totals.refused_rows:
            raise UnreadableFile(
                "bad_rows",
                f"{plural(totals.refused_rows, 'row')} of {totals.rows:,} cannot be read, so nothing was imported. "
                "Correct them in the export, or import the good rows only.",
                tuple(self.problems),
                totals,
            )

    def _read(self, path: Path) -> Generator[Batch, None, None]:
        position = [0]
        for raw in one_ahead(_raw_frames(path, self.recognised, self._limits, position)):
            yield self._batch(raw, position[0])
        if not self._seen_rows:
            raise UnreadableFile("no_rows", "The file has a header but no rows.")
        if not self.totals.rows:
            raise UnreadableFile(
                "no_rows", "No row of the file is a charge. Ask for a period in which there were some."
            )

    def _batch(self, raw: RawFrame, bytes_read: int) -> Batch:
        if self.recognised.container == "table":
            raw, headers = without_spare_rows(raw, self._plan)
            self._observations.repeated(headers)
        if self.recognised.blank:
            require_still_blank(raw.frame, self.recognised.blank)
        self._seen_rows += raw.frame.height + len(raw.problems)
        if self._seen_rows > self._limits.max_rows:
            raise UnreadableFile(
                "too_large", f"The file has more than {self._limits.max_rows:,} rows. Split it by month or account."
            )
        checked = canonical.check(canonical.to_canonical_text(raw.frame, self._plan), self._style, raw.has_nul)
        accepted, refused, wrong = checked.rows, checked.rows.clear(), checked.problems
        if checked.refused.any():
            accepted, refused = checked.rows.filter(~checked.refused), checked.rows.filter(checked.refused)
            wrong = name_sum_rows(raw.frame, checked)
        self._tally.accept(accepted)
        self._tally.refuse(refused, len(raw.problems))
        self._observations.see(accepted, checked)
        self._observations.mended(raw.mended_lines)
        problems = sorted([*raw.problems, *wrong], key=lambda problem: problem.line or 0)
        room = self._limits.max_problems - len(self.problems)
        self.problems.extend(problems[:room])
        return Batch(
            accepted,
            partial(_as_it_stood, raw.frame, self._figures),
            tuple(problems[:room]),
            refused.height + len(raw.problems),
            bytes_read,
        )


def _as_it_stood(frame: pl.DataFrame, figures: frozenset[str]) -> pl.DataFrame:
    return without_content(text_of_moments(frame), figures)


def _raw_frames(path: Path, recognised: Recognised, limits: Limits, position: list[int]) -> Iterator[RawFrame]:
    if recognised.container == "parquet":
        yield from read_parquet(path)
        position[0] = path.stat().st_size
        return
    blocks = text_blocks(path, recognised.encoding or "utf-8", recognised.compression, limits, position)
    if recognised.container in ("json", "jsonl"):
        yield from _documents(blocks, recognised, limits)
        return
    yield from read_delimited(blocks, layout_of(recognised), limits)


def _documents(blocks: Iterator[bytes], recognised: Recognised, limits: Limits) -> Iterator[RawFrame]:
    kind = kind_named(recognised.kind)
    if kind is None:
        raise UnreadableFile("unknown_kind", f"There is no kind of file named {recognised.kind}.")
    if recognised.columns != kind.fields:
        yield from read_flat(blocks, recognised, limits)
    elif recognised.container == "jsonl":
        yield from read_lines(blocks, kind, limits)
    else:
        yield from read_document(load_document(blocks, limits), kind)
