"""GitHub's usage reports for Copilot, in the header sets since 2025: gross, what the quota covers, and net."""

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from projects.sources.readers.documents import text_of
from projects.sources.readers.interface import ColumnMapping
from projects.sources.readers.plans import Header, Kind, Plan

# One name a meaning over the header sets: snake case, spoken words, and the early reports.
WANTED: Mapping[str, tuple[str, ...]] = {
    "charge_period_start": ("date", "usage_at", "usage at"),
    "charge_period_end": ("date", "usage_at", "usage at"),
    "billed_cost": ("net_amount", "net amount"),
    "effective_cost": ("net_amount", "net amount"),
    "list_cost": ("gross_amount", "gross amount"),
    "service_name": ("product",),
    "charge_description": ("sku",),
    "sku_id": ("sku",),
    "model": ("model",),
    "resource_name": ("model", "repository", "repository_name"),
    "user_id": ("username", "user"),
    "sub_account_id": ("organization", "organization_name"),
    "x_cost_center": ("cost_center_name", "cost center name", "cost_center"),
    "consumed_quantity": ("quantity",),
    "consumed_unit": ("unit_type", "unit type"),
    "pricing_quantity": ("quantity",),
    "pricing_unit": ("unit_type", "unit type"),
    "input_tokens": ("input_tokens", "input"),
    "output_tokens": ("output_tokens", "output"),
    "cached_read_tokens": ("cached_input_tokens", "cache_read_tokens", "cache_read"),
    "cached_write_tokens": ("cache_write_tokens", "cache_write"),
}
# The same as the interface answers it, in camel case.
FIELDS = {
    "date": "date",
    "product": "product",
    "sku": "sku",
    "model": "model",
    "quantity": "quantity",
    "unit_type": "unitType",
    "gross_amount": "grossAmount",
    "net_amount": "netAmount",
    "organization": "organizationName",
    "repository": "repositoryName",
    "username": "user",
}
DOLLARS = "The report names no currency: its amounts are US dollars."
QUOTA = "BilledCost and EffectiveCost are the net amount, ListCost the gross amount before the included quota."


def version(header: Header) -> str | None:
    """Know the reports by product, SKU and net amount."""
    known = header.has("product", "sku") and header.find("net_amount", "net amount")
    return "" if known and header.find("gross_amount", "gross amount") else None


def claims(document: Any) -> bool:
    """Know an answer of the billing interface by its items."""
    items = document.get("usageItems") if isinstance(document, dict) else None
    return isinstance(items, list) and any(isinstance(item, dict) and "netAmount" in item for item in items)


def records(document: Any) -> Iterator[dict[str, str | None]]:
    """Give one record an item; what an answer says once of all its items holds for each."""
    asked = document.get("timePeriod")
    day = _day(asked) if isinstance(asked, dict) else None
    whole = {"organizationName": document.get("organization"), "user": document.get("user"), "date": day}
    for item in document["usageItems"]:
        if isinstance(item, dict):
            yield {name: text_of(item.get(said, whole.get(said))) for name, said in FIELDS.items()}


def _day(asked: dict[str, Any]) -> str:
    year, month, day = (text_of(asked.get(part)) for part in ("year", "month", "day"))
    return f"{year}-{month or '1':0>2}-{day or '1':0>2}"


def plan(header: Header, mapping: ColumnMapping) -> Plan:
    """Pair the report's columns with ours."""
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
        (DOLLARS, QUOTA),
        inclusive_ends=frozenset({"charge_period_end"}),
        date_order="mdy",
        by_day=True,
    )


def derive(rows: pl.DataFrame) -> pl.DataFrame:
    """Name the product as people do, so that rules by service name find it."""
    product = pl.col("service_name")
    named = pl.when(product.str.to_lowercase().str.contains("copilot|spark|models")).then(
        pl.format("GitHub {}", product.str.replace("^copilot$", "Copilot").str.replace("^spark$", "Spark"))
    )
    return rows.with_columns(named.otherwise(product).alias("service_name"))


KIND = Kind(
    "github_copilot",
    "GitHub Copilot usage report",
    "fact",
    plan,
    version,
    containers=frozenset({"table", "parquet", "json", "jsonl"}),
    rank=60,
    fields=tuple(FIELDS),
    claims=claims,
    records=records,
)
