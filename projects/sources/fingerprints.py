"""Tell whether two deliveries say the same, whatever their files were called, packed in or written as."""

import hashlib
import io

import polars as pl

from projects.sources.readers.numbers import shortest
from projects.sources.readers.schema import COSTS, COUNTS

MONEY = (*COSTS, "pricing_currency_effective_cost")
_PRINTED = ("key_print", "charge_period_start", "billing_period_start", "billing_currency", *MONEY, "counts")


class Fingerprint:
    """A hash that grows row by row: of what was charged, when, how much, and the tokens and calls of it.

    It knows neither the source nor the file: 1.50 of a CSV and 1.5000 of a Parquet file are one figure.
    """

    def __init__(self) -> None:
        """Begin with no row."""
        self._digest = hashlib.sha256()

    def add(self, rows: pl.DataFrame, key_prints: pl.Series) -> None:
        """Take canonical rows with the print of what each was charged for."""
        text = io.BytesIO()
        printed = rows.with_columns(
            key_prints.alias("key_print"),
            pl.col("charge_period_start").dt.date().to_physical(),  # days since 1970: they are printed fastest
            pl.col("billing_period_start").to_physical(),
            *(shortest(name) for name in MONEY),
            _counts(rows),
        )
        printed.select(_PRINTED).write_csv(text, include_header=False, quote_style="never")
        self._digest.update(text.getbuffer())

    def hexdigest(self) -> str:
        """Return the hash of the rows so far."""
        return self._digest.hexdigest()


def _counts(rows: pl.DataFrame) -> pl.Expr:
    """Write the counts of a row as one cell, empty where it has none: most bills have none in any row."""
    if all(rows[name].null_count() == rows.height for name in COUNTS):
        return pl.lit("").alias("counts")
    cell = pl.concat_str([pl.col(name).cast(pl.String).fill_null("") for name in COUNTS], separator="|")
    return pl.when(pl.all_horizontal(pl.col(COUNTS).is_null())).then(pl.lit("")).otherwise(cell).alias("counts")
