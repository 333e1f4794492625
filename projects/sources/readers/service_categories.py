"""Give a provider's own product or resource type its FOCUS ServiceCategory, by the converters' published tables."""

import csv
from functools import cache
from pathlib import Path
from typing import Literal

import polars as pl

_FOLDER = Path(__file__).parents[3] / "fixtures" / "costs"


@cache
def _table(provider: Literal["aws", "azure"]) -> dict[str, str]:
    with (_FOLDER / f"mapping_{provider}_service_category.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.reader(file) if len(row) == 2]
    return {product.strip().lower(): category.strip() for product, category in rows[1:]}


def category_of(products: pl.Expr, provider: Literal["aws", "azure"]) -> pl.Expr:
    """Give the category of each product code or resource type, ignoring case; null where the table has none."""
    return products.str.to_lowercase().replace_strict(_table(provider), default=None, return_dtype=pl.String)
