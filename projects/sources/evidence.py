"""Keep what was delivered, named by its own hash: each row as it stood, or a Parquet file as it came."""

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from io import BufferedReader
from pathlib import Path
from types import TracebackType
from typing import Self

import polars as pl
from django.conf import settings

from projects.common.alongside import Alongside
from projects.sources.readers.content import is_content
from projects.sources.readers.interface import Recognised
from projects.sources.readers.parquet import parquet_rows, text_of_moments
from projects.sources.readers.schema import constant_columns

ROWS_A_FILE = 15_000
ABANDONED_SECONDS = 24 * 3600
AS_DELIVERED = "delivered.parquet"
_BLOCK = 2**20
_FOLDER = "evidence"


class Evidence:
    """A draft folder that is filled beside the load; `keep` gives it its name, leaving discards it."""

    def __init__(self) -> None:
        """Make the draft folder."""
        root = Path(settings.MEDIA_ROOT) / _FOLDER
        root.mkdir(parents=True, exist_ok=True)
        _forget_abandoned(root)
        self._draft = Path(tempfile.mkdtemp(prefix="draft-", dir=root))
        self._name = ""
        self._digest = hashlib.sha256()
        self._writing = Alongside("evidence")

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop writing and remove the draft if it was not kept."""
        try:
            self._writing.__exit__(kind, error, trace)
        finally:
            shutil.rmtree(self._draft, ignore_errors=True)

    def take(self, rows: Callable[[], pl.DataFrame]) -> None:
        """Take some rows where they are what is kept; they are made only then."""

    def flush(self) -> None:
        """Begin to write what was taken so far; nobody waits for it yet."""

    def finish(self) -> str:
        """Write what is left, and return the hash of all of it."""
        if not self._name:
            self.flush()
            self._writing.wait()
            self._name = self._digest.hexdigest()
        return self._name

    @property
    def folder(self) -> str:
        """Return the folder under the media root that it has once it is kept. Only what is finished has one."""
        return f"{_FOLDER}/{self._name[:2]}/{self._name}"

    def keep(self) -> tuple[str, str]:
        """Finish, and return the folder under the media root and the hash of what is in it."""
        name = self.finish()
        final = Path(settings.MEDIA_ROOT) / self.folder
        final.parent.mkdir(exist_ok=True)
        try:
            self._draft.rename(final)
        except OSError:
            if not final.is_dir():
                raise
        return self.folder, name


class EvidenceWriter(Evidence):
    """Write frames of text as zstd Parquet: the same rows have the same hash, whatever packed or named them."""

    def __init__(self) -> None:
        """Begin with no row."""
        super().__init__()
        self._pending: list[pl.DataFrame] = []
        self._rows = self._files = 0

    def take(self, rows: Callable[[], pl.DataFrame]) -> None:
        """Take some rows."""
        self.add(rows())

    def add(self, frame: pl.DataFrame) -> None:
        """Take some rows."""
        self._pending.append(frame)
        self._rows += frame.height
        if self._rows >= ROWS_A_FILE:
            self.flush()

    def flush(self) -> None:
        """Begin to write what was taken so far; nobody waits for it yet."""
        if not self._pending:
            return
        path = self._draft / f"rows-{self._files:05d}.parquet"
        self._writing.start(self._write, self._pending, path)
        self._pending, self._rows, self._files = [], 0, self._files + 1

    def _write(self, frames: list[pl.DataFrame], path: Path) -> None:
        _write(frames, path)
        self._digest.update(path.name.encode())
        with path.open("rb") as file:
            self._digest.update(hashlib.file_digest(file, "sha256").digest())


class DeliveredParquet(Evidence):
    """Copy a Parquet file as it came: it is compressed, knows its columns, and its rows are found by their number."""

    def __init__(self, delivered: BufferedReader) -> None:
        """Begin to copy, wherever else the open file is being read."""
        super().__init__()
        self._writing.start(self._copy, delivered.fileno())

    def _copy(self, delivered: int) -> None:
        position = 0
        with (self._draft / AS_DELIVERED).open("wb") as file:
            while block := os.pread(delivered, _BLOCK, position):
                self._digest.update(block)
                position += file.write(block)


def evidence_of(recognised: Recognised, delivered: BufferedReader) -> EvidenceWriter | DeliveredParquet:
    """Begin the evidence of a file. One whose columns carry what people or models wrote is never kept as it came."""
    if recognised.container == "parquet" and not any(map(is_content, recognised.columns)):
        return DeliveredParquet(delivered)
    return EvidenceWriter()


def _forget_abandoned(root: Path) -> None:
    """Remove drafts that an import left behind when it was killed."""
    for draft in root.glob("draft-*"):
        if draft.stat().st_mtime < time.time() - ABANDONED_SECONDS:
            shutil.rmtree(draft, ignore_errors=True)


def _write(frames: list[pl.DataFrame], path: Path) -> None:
    frame = pl.concat(frames, how="vertical_relaxed")
    constant = set(constant_columns(frame))
    columns = [_cheap(column, column.name in constant) for column in frame.iter_columns()]
    pl.DataFrame(columns).write_parquet(path, compression="zstd", compression_level=1, statistics=False)


def _cheap(column: pl.Series, is_constant: bool) -> pl.Series:
    """Give a column of one text throughout as its one-word dictionary: the same file, found without looking at each row.

    A third of a bill's columns say one thing, or nothing, in all rows.
    """
    if is_constant:
        return pl.Series(column.name, [column[0]], dtype=pl.Enum([column[0]])).new_from_index(0, len(column))
    if column.null_count() == len(column):
        return pl.Series(column.name, [None]).new_from_index(0, len(column))
    return column


def evidence_rows(folder: str, lines: Sequence[int]) -> pl.DataFrame:
    """Return rows of a delivery's evidence by their line numbers, as they stood."""
    place = Path(settings.MEDIA_ROOT) / folder
    if (place / AS_DELIVERED).exists():
        lazy = pl.scan_parquet(place / AS_DELIVERED)
        frames = [text_of_moments(parquet_rows(lazy, line, 1)) for line in sorted(set(lines))]
    else:
        wanted = pl.col("row_number").is_in(list(lines))
        frames = [pl.scan_parquet(path).filter(wanted).collect() for path in sorted(place.glob("rows-*.parquet"))]
    found = [frame for frame in frames if frame.height]
    if not found:
        return pl.DataFrame()
    texts = [frame.with_columns(pl.exclude("row_number").cast(pl.String)) for frame in found]
    return pl.concat(texts, how="diagonal_relaxed")
