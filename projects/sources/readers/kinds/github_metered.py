"""GitHub's metered usage report of before 2025: quantity, price and multiplier, and no amount."""

from decimal import Context, Decimal

import polars as pl

from projects.sources.readers.interface import ColumnMapping
from projects.sources.readers.kinds.github_copilot import DOLLARS
from projects.sources.readers.numbers import NotANumber, read_number
from projects.sources.readers.plans import Header, Kind, Plan

PRICE, MULTIPLIER = "Price Per Unit ($)", "Multiplier"
WANTED: dict[str, tuple[str, ...]] = {
    "charge_period_start": ("Date",),
    "charge_period_end": ("Date",),
    "service_name": ("Product",),
    "charge_description": ("SKU",),
    "sku_id": ("SKU",),
    "resource_name": ("Repository Slug",),
    "user_id": ("Username",),
    "sub_account_id": ("Owner",),
    "consumed_quantity": ("Quantity",),
    "consumed_unit": ("Unit Type",),
    "pricing_quantity": ("Quantity",),
    "pricing_unit": ("Unit Type",),
}
COMPUTED = "The report names no amounts: they are quantity times price times multiplier."
EXACT = Context(prec=100)


def version(header: Header) -> str | None:
    """Know the report by its price a unit and its multiplier."""
    return "" if header.has("Date", "Product", "SKU", "Quantity", PRICE, MULTIPLIER) else None


def plan(header: Header, mapping: ColumnMapping) -> Plan:
    """Pair the report's columns with ours and multiply."""
    factors = [str(header.find(name)) for name in ("Quantity", PRICE, MULTIPLIER)]

    def derive(rows: pl.DataFrame) -> pl.DataFrame:
        amounts = pl.Series([_product(values) for values in rows.select(factors).iter_rows()], dtype=pl.String)
        return rows.with_columns(amounts.alias(name) for name in ("billed_cost", "effective_cost", "list_cost"))

    constants = {
        "billing_currency": mapping.values.get("currency", "USD"),
        "provider_name": "GitHub",
        "publisher_name": "GitHub",
        "invoice_issuer_name": "GitHub",
        "charge_category": "Usage",
        "charge_frequency": "Usage-Based",
        "service_category": "Developer Tools",
    }
    return Plan(
        header.take(WANTED),
        constants,
        derive,
        (DOLLARS, COMPUTED),
        inclusive_ends=frozenset({"charge_period_end"}),
        date_order="mdy",
        by_day=True,
    )


def _product(values: tuple[str | None, ...]) -> str | None:
    """Multiply exactly; the first text that is no figure is left to be refused."""
    amount = Decimal(1)
    for value in values:
        try:
            amount = EXACT.multiply(amount, Decimal(read_number(value or "")))
        except NotANumber:
            return value
    return format(amount, "f")


KIND = Kind("github_metered", "GitHub metered usage report", "fact", plan, version, rank=60)
