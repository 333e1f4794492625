"""Where the real files are and what an import of them must give."""

import json
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from projects.sources.readers.interface import ColumnMapping, Limits, Sums
from projects.sources.readers.reading import BatchReader, read_batches, recognise

ROOT = Path(__file__).parents[4]
FOCUS = ROOT / "fixtures" / "focus"
COSTS = ROOT / "fixtures" / "costs"
EXPECTED: dict[str, Any] = json.loads((COSTS / "expected_totals.json").read_text())


def read(
    path: Path, mapping: ColumnMapping | None = None, limits: Limits | None = None
) -> tuple[pl.DataFrame, BatchReader]:
    """Read a whole file into one frame of accepted rows."""
    reader = read_batches(path, recognise(path, mapping=mapping, limits=limits), limits=limits)
    frames = [batch.frame for batch in reader]
    return pl.concat(frames), reader


def evidence(path: Path) -> pl.DataFrame:
    """Read a whole file into one frame of evidence."""
    return pl.concat([batch.as_it_stood() for batch in read_batches(path, recognise(path))])


def money(texts: Iterator[str | None] | pl.Series) -> Decimal:
    """Add figures exactly, the slow and obvious way."""
    return sum((Decimal(text) for text in texts if text is not None), Decimal(0))


def grouped(frame: pl.DataFrame, keys: pl.Series) -> dict[str, dict[str, Any]]:
    """Group as the expected totals do."""
    groups: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for key, billed, effective in zip(keys.to_list(), frame["billed_cost"], frame["effective_cost"], strict=True):
        groups["(null)" if key is None else str(key)].append((billed, effective))
    return {
        key: {"rows": len(pairs), "billed": money(b for b, _ in pairs), "effective": money(e for _, e in pairs)}
        for key, pairs in groups.items()
    }


def as_decimals(groups: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Read the expected figures as decimals."""
    return {
        key: {name: value if name == "rows" else Decimal(value) for name, value in figures.items()}
        for key, figures in groups.items()
    }


def sums(rows: int, billed: str, effective: str) -> Sums:
    """Write expected sums."""
    return Sums(rows, Decimal(billed), Decimal(effective))
