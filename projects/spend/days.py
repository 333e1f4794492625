"""Add up charges by day while they are loaded, so that the day rollup need not read them again."""

import polars as pl

from projects.sources.readers.numbers import most_digits
from projects.spend.cells import Cells

COSTS = ("billed_cost", "effective_cost")
FOLDED_ROWS = 150_000  # rows kept apart until they are added up: many, because few of one batch fall together
_DIGITS = 38
_MOST_ROWS_DIGITS = 8
_SUMS = pl.col("rows", *COSTS).sum()


class DayBook:
    """Exact sums of what was added, by part, group, initiative, currency and day.

    `is_exact` turns False for good where figures need more digits than a fixed decimal has, or ids more room than cells:
    the facts must be read then.
    """

    def __init__(self) -> None:
        """Begin with nothing."""
        self.is_exact = True
        self._whole = self._places = 0
        self._cells = Cells()
        self._kept: list[pl.DataFrame] = []
        self._rows = 0

    def add(self, rows: pl.DataFrame) -> None:
        """Take charges with the columns of a day and both costs as plain decimal text."""
        if rows.is_empty():
            return
        self._measure(rows)
        if not self.is_exact:
            self._kept.clear()
            return
        money = pl.Decimal(_DIGITS, self._places)
        self._kept.append(
            rows.select(self._cells.number(), pl.lit(1, pl.Int64).alias("rows"), pl.col(COSTS).cast(money))
        )
        self._rows += rows.height
        if self._rows >= FOLDED_ROWS:
            self.fold()

    def fold(self) -> None:
        """Add up what is kept apart so far."""
        if self._rows and self._kept:
            self._kept, self._rows = [self._folded()], 0

    def days(self) -> pl.DataFrame:
        """Return one row a day and group with `rows` and both sums as plain text, in order. Only where `is_exact`."""
        return _in_plain_text(self._added_up())

    def months(self) -> pl.DataFrame:
        """Return the same by `month` in place of part and day. Only where `is_exact`."""
        month = pl.col("charge_on").dt.truncate("1mo").alias("month")
        sums = self._added_up().group_by("group_id", "initiative_id", "currency", month).agg(_SUMS)
        return _in_plain_text(sums.sort("group_id", "initiative_id", "currency", "month"))

    def parts(self) -> pl.DataFrame:
        """Return the same by part and currency, with the `first` and the `last` day. Only where `is_exact`."""
        ends = (pl.col("charge_on").min().alias("first"), pl.col("charge_on").max().alias("last"))
        sums = self._added_up().group_by("part_id", "currency").agg(*ends, _SUMS)
        return _in_plain_text(sums.sort("part_id", "currency"))

    def _measure(self, rows: pl.DataFrame) -> None:
        whole, places = most_digits(rows.select(COSTS))
        self._whole, self._places = max(self._whole, whole), max(self._places, places)
        has_digits = self._whole + self._places + _MOST_ROWS_DIGITS <= _DIGITS
        self.is_exact = self.is_exact and has_digits and self._cells.hold(rows)

    def _folded(self) -> pl.DataFrame:
        money = pl.Decimal(_DIGITS, self._places)
        whole = pl.concat([frame.with_columns(pl.col(COSTS).cast(money)) for frame in self._kept])
        return whole.lazy().group_by("cell").agg(_SUMS).collect()

    def _added_up(self) -> pl.DataFrame:
        self.fold()
        return self._cells.apart(self._kept[0].sort("cell"))


def _in_plain_text(sums: pl.DataFrame) -> pl.DataFrame:
    text = pl.col(COSTS).cast(pl.String)
    return sums.with_columns(
        pl.when(text.str.contains(".", literal=True)).then(text.str.replace(r"\.?0+$", "")).otherwise(text)
    )


def printed(days: pl.Series) -> pl.Series:
    """Write days as text, each once: there are few days and many rows."""
    distinct = days.unique().sort()
    return distinct.cast(pl.String).gather(distinct.search_sorted(days))
