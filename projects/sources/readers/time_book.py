"""Read the days and times of a file's columns, each text once: a month writes a few of them many times."""

from functools import partial
from typing import NamedTuple

import polars as pl

from projects.sources.readers.interface import DateOrder
from projects.sources.readers.schema import PERIODS, is_constant
from projects.sources.readers.times import days_of_periods, exclusive, normalise_times

KEPT_TEXTS = 20_000
_REPEATED = 4  # from how many rows a text on, each distinct text is read once


class Moments(NamedTuple):
    """What a column says, which of its rows are worth a note, and why texts of it cannot be read."""

    values: pl.Series
    is_noted: pl.Series
    reasons: dict[str, str]


class TimeBook:
    """The days and times of one file, by canonical column.

    An end that is a last second, or a last day by the file's kind, becomes the moment after it, because periods are
    half-open. Of billing periods the days are given. Worth a note are last seconds, and first days that were midnight in
    another time zone.
    """

    def __init__(self, order: DateOrder | None = None) -> None:
        """Begin with nothing read."""
        self._order = order
        self._constant: dict[tuple[str, object], Moments] = {}
        self._texts: dict[str, pl.DataFrame] = {}
        self._reasons: dict[str, dict[str, str]] = {}

    def read(self, name: str, values: pl.Series, *, ends_with_day: bool = False) -> Moments:
        """Give what the texts or moments of a column say. Reasons may be of rows before these, too."""
        understood = partial(self._understood, name, ends_with_day)
        if is_constant(values):
            key = (name, values[0])
            read = self._constant.get(key) or self._constant.setdefault(key, understood(values.head(1)))
            everywhere = [column.new_from_index(0, len(values)) for column in (read.values, read.is_noted)]
            return Moments(everywhere[0], everywhere[1], read.reasons)
        if values.dtype != pl.String:
            return understood(values)
        known = self._texts.get(name)
        found = None if known is None else _looked_up(values, known)
        new = values if found is None else values.filter(found["is_noted"].is_null())
        new = new.drop_nulls().unique()
        if found is None or len(new):
            if len(new) * _REPEATED >= len(values):
                return understood(values)
            if known is not None and known.height > KEPT_TEXTS:
                known, new = None, values.drop_nulls().unique()
            known = self._learn(name, known, new, understood(new))
            found = _looked_up(values, known)
        return Moments(found["value"], found["is_noted"], self._reasons[name])

    def _learn(self, name: str, known: pl.DataFrame | None, new: pl.Series, read: Moments) -> pl.DataFrame:
        """Remember what new texts say, and return all that is known of the column then."""
        texts = pl.DataFrame([new.alias("text"), read.values.alias("value"), read.is_noted.alias("is_noted")])
        self._texts[name] = texts if known is None else pl.concat([known, texts], rechunk=True)
        self._reasons[name] = read.reasons if known is None else {**self._reasons[name], **read.reasons}
        return self._texts[name]

    def _understood(self, name: str, ends_with_day: bool, values: pl.Series) -> Moments:
        moments, reasons = normalise_times(values, self._order) if values.dtype == pl.String else (values, {})
        is_noted = pl.Series([False]).new_from_index(0, len(values))
        if name.endswith("_end"):
            moments, is_noted = exclusive(moments, always=ends_with_day)
        if name in PERIODS:
            moments, is_moved = days_of_periods(moments)
            is_noted = is_moved if name == "billing_period_start" else is_noted
        return Moments(moments, is_noted, reasons)


def _looked_up(texts: pl.Series, known: pl.DataFrame) -> pl.DataFrame:
    return texts.alias("text").to_frame().join(known, on="text", how="left", maintain_order="left")
