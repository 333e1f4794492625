"""The one canonical schema that every kind of file becomes."""

from collections.abc import Mapping
from types import MappingProxyType

import polars as pl

TEXT = (
    "billing_account_id",
    "billing_account_name",
    "billing_currency",
    "pricing_currency",
    "charge_category",
    "charge_class",
    "charge_frequency",
    "charge_description",
    "provider_name",
    "publisher_name",
    "invoice_issuer_name",
    "invoice_id",
    "service_name",
    "service_category",
    "service_subcategory",
    "sku_id",
    "sku_meter",
    "resource_id",
    "resource_name",
    "resource_type",
    "region_id",
    "sub_account_id",
    "sub_account_name",
    "commitment_discount_status",
    "consumed_unit",
    "pricing_unit",
    "x_cost_center",
    "model",
    "api_key_id",
    "user_id",
    "session_id",
)
COSTS = ("billed_cost", "effective_cost")
NUMBERS = (
    *COSTS,
    "list_cost",
    "contracted_cost",
    "pricing_currency_effective_cost",
    "consumed_quantity",
    "pricing_quantity",
)
COUNTS = (
    "calls",
    "input_tokens",
    "output_tokens",
    "cached_read_tokens",
    "cached_write_tokens",
    "reasoning_tokens",
)
PERIODS = ("billing_period_start", "billing_period_end")
TIMES = ("charge_period_start", "charge_period_end")

# Text that means "no value" in one export or another.
NULL_WORDS = ("", "NULL", "null", "N/A", " ", "Null", "None", "n/a", "\\N")

# Longest text in bytes: what an index of PostgreSQL still takes, and a generous description.
LONGEST_TEXT = 2_048
LONGEST_DESCRIPTION = 16_384

CANONICAL: Mapping[str, pl.DataType] = MappingProxyType(
    {
        "row_number": pl.Int64(),
        **dict.fromkeys(PERIODS, pl.Date()),
        **dict.fromkeys(TIMES, pl.Datetime("us", "UTC")),
        **dict.fromkeys(NUMBERS, pl.String()),
        **dict.fromkeys(TEXT, pl.String()),
        "tags": pl.String(),
        **dict.fromkeys(COUNTS, pl.Int64()),
    }
)


_GLANCE = 64  # rows that tell most columns of several values


def is_blank(text: str) -> bool:
    """Say whether a cell holds nothing but space."""
    return not text.strip()


def constant_columns(frame: pl.DataFrame) -> list[str]:
    """Tell which columns of text are constant, asking of all at once."""
    names = [name for name, kind in frame.schema.items() if kind == pl.String]
    for rows in (frame.head(_GLANCE), frame):
        if names and frame.height > 1:
            same = rows.select((pl.col(names) == pl.col(names).first()).all(ignore_nulls=False)).row(0)
            names = [name for name, is_same in zip(names, same, strict=True) if is_same]
    return names if frame.height > 1 else []


def is_constant(values: pl.Series) -> bool:
    """Say whether a column of more than one row has one value throughout: many columns do, and are then read once."""
    if len(values) < 2 or values[0] is None:
        return False
    first = values[0]
    return bool((values.head(_GLANCE) == first).all(ignore_nulls=False) and (values == first).all(ignore_nulls=False))
