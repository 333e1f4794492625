"""Anthropic's cost export from its console: days of dollars by workspace, key, model and sort of token."""

import polars as pl

from projects.sources.readers.interface import ColumnMapping
from projects.sources.readers.plans import Header, Kind, Plan
from projects.sources.readers.schema import TEXT

WANTED: dict[str, tuple[str, ...]] = {
    "charge_period_start": ("usage_date_utc",),
    "charge_period_end": ("usage_date_utc",),
    "billed_cost": ("cost_usd",),
    "effective_cost": ("cost_usd",),
    "list_cost": ("list_price_usd",),
    "charge_description": ("cost_type",),
    "sku_meter": ("token_type",),
    "model": ("model",),
    "resource_name": ("model",),
    "api_key_id": ("api_key_id", "api_key"),
    "sub_account_id": ("workspace",),
    "sub_account_name": ("workspace",),
    "region_id": ("inference_geo",),
}


def version(header: Header) -> str | None:
    """Know the export by its day and its cost in dollars."""
    return "" if header.has("usage_date_utc", "cost_usd") else None


def plan(header: Header, mapping: ColumnMapping) -> Plan:
    """Pair the export's columns with ours; unlike the interface's report its amounts are dollars."""
    constants = {
        "billing_currency": "USD",
        "provider_name": "Anthropic",
        "publisher_name": "Anthropic",
        "invoice_issuer_name": "Anthropic",
        "service_name": "Claude API",
        "service_category": "AI and Machine Learning",
        "service_subcategory": "Generative AI",
        "charge_category": "Usage",
        "charge_frequency": "Usage-Based",
    }
    ends = frozenset({"charge_period_end"})
    return Plan(header.take(WANTED), constants, without_dashes, inclusive_ends=ends, by_day=True)


def without_dashes(rows: pl.DataFrame) -> pl.DataFrame:
    """Read the two dashes that the console writes where a charge has no key, model or place as nothing."""
    names = [name for name in WANTED if name in rows.columns and name in TEXT]
    return rows.with_columns(pl.when(pl.col(name) != "--").then(name).alias(name) for name in names)


KIND = Kind("anthropic_console", "Anthropic console cost export", "fact", plan, version, rank=60)
