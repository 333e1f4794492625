"""Read Parquet as frames of text, times kept as moments; maps and structures become JSON text."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
from polars.exceptions import PanicException, PolarsError

from projects.sources.readers.interface import Limits, UnreadableFile
from projects.sources.readers.raw import LINE, RawFrame
from projects.sources.readers.times import MOMENT

ROWS_AT_ONCE = 30_000
_FIRST = 20

# What comes out of a damaged file; a panic of the reader is one of them.
FAILURES = (PolarsError, PanicException, OSError, ValueError)


def parquet_columns(path: Path, limits: Limits) -> tuple[str, ...]:
    """Give the columns. Raise UnreadableFile for a damaged file or one with too many rows, before reading any."""
    try:
        schema = pl.read_parquet_schema(path)
        rows = int(pl.scan_parquet(path).select(pl.len()).collect().item())
    except FAILURES as error:
        raise damaged() from error
    if rows > limits.max_rows:
        raise UnreadableFile(
            "too_large", f"The file has {rows:,} rows; at most {limits.max_rows:,} are read at once. Split it by month."
        )
    if rows == 0:
        raise UnreadableFile("no_rows", "The file has columns but no rows.")
    return tuple(schema)


def first_words(path: Path, column: str) -> str:
    """Give the first values of a column, to tell a file by what is written in it. Raise UnreadableFile."""
    try:
        values = pl.scan_parquet(path).select(column).head(_FIRST).collect().to_series()
    except FAILURES as error:
        raise damaged() from error
    return "\n".join(as_text(values).cast(pl.String).drop_nulls().to_list())


def read_parquet(path: Path) -> Iterator[RawFrame]:
    """Give the rows in frames. Raise UnreadableFile where a page is damaged."""
    lazy, line = pl.scan_parquet(path), 1
    while (frame := parquet_rows(lazy, line, ROWS_AT_ONCE)).height:
        yield RawFrame(frame, (), 0, True)
        line += frame.height


def parquet_rows(lazy: pl.LazyFrame, line: int, count: int) -> pl.DataFrame:
    """Give rows as text with their number, from one on, which counts from 1. Raise UnreadableFile."""
    try:
        part = lazy.slice(line - 1, count).collect()
    except FAILURES as error:
        raise damaged() from error
    frame = pl.DataFrame([as_text(column) for column in part.get_columns()])
    return frame.with_row_index(LINE, offset=line).cast({LINE: pl.Int64})


def as_text(values: pl.Series) -> pl.Series:
    """Give a column as text without rounding; dates and times become moments in UTC."""
    dtype = values.dtype
    if dtype == pl.String:
        return values
    if dtype == pl.Date:
        return values.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    if isinstance(dtype, pl.Datetime):
        micros = values.dt.cast_time_unit("us")
        return micros.dt.convert_time_zone("UTC") if dtype.time_zone else micros.dt.replace_time_zone("UTC")
    if dtype == pl.Binary:
        return _words(values)
    if dtype in (pl.Object, pl.Null):
        return pl.Series(values.name, [None], dtype=pl.String).new_from_index(0, len(values))
    if dtype.is_nested():
        plain = _object if _is_map(dtype) else _filled if dtype == pl.Struct else _itself
        texts = [None if value is None else json.dumps(plain(value), default=str) for value in values.to_list()]
        return pl.Series(values.name, texts, dtype=pl.String)
    if dtype.is_numeric() or dtype in (pl.Boolean, pl.Categorical, pl.Enum):
        return values.cast(pl.String)
    return pl.Series(values.name, [None if value is None else str(value) for value in values], dtype=pl.String)


def _is_map(dtype: pl.DataType) -> bool:
    """Say whether a list is one of keys and values, which is how a map is stored."""
    inner = dtype.inner if isinstance(dtype, pl.List) else None
    return isinstance(inner, pl.Struct) and {field.name.lower() for field in inner.fields} == {"key", "value"}


def _object(pairs: list[dict[str, Any]]) -> dict[str, Any]:
    """Turn keys and values into an object; of no pairs into an empty one."""
    named = [{name.lower(): part for name, part in pair.items()} for pair in pairs if pair]
    return {str(pair["key"]): pair["value"] for pair in named}


def _filled(fields: dict[str, Any]) -> dict[str, Any]:
    """Leave out fields without a value: a structure has every field in every row, whether it was given or not."""
    return {name: value for name, value in fields.items() if value is not None}


def _words(values: pl.Series) -> pl.Series:
    """Read text that a writer did not mark as text; bytes that are none are nothing."""
    try:
        return values.cast(pl.String)
    except PolarsError:
        return pl.Series(values.name, [_word(value) for value in values.to_list()], dtype=pl.String)


def _word(value: bytes | None) -> str | None:
    try:
        return None if value is None else value.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _itself(value: Any) -> Any:
    return value


def text_of_moments(frame: pl.DataFrame) -> pl.DataFrame:
    """Write moments back as ISO text, for the evidence."""
    return frame.with_columns(_iso(frame[name]) for name, dtype in frame.schema.items() if dtype == MOMENT)


def _iso(moments: pl.Series) -> pl.Series:
    """Write moments, each distinct one once: a batch has few hours and fewer periods."""
    distinct = moments.unique()
    texts = distinct.dt.strftime("%Y-%m-%dT%H:%M:%S%.fZ")
    return moments.replace_strict(distinct, texts, return_dtype=pl.String)


def damaged() -> UnreadableFile:
    """Say that a Parquet file cannot be read."""
    return UnreadableFile("damaged_file", "The Parquet file is damaged or encrypted. Export it again.")
