"""LiteLLM's daily spend tables: a row a day, key and model, by team, user or tag."""

import polars as pl

from projects.sources.readers.interface import ColumnMapping, UnreadableFile
from projects.sources.readers.kinds.litellm_spend_logs import COMPUTED, certain
from projects.sources.readers.plans import Header, Kind, Plan

WANTED: dict[str, tuple[str, ...]] = {
    "charge_period_start": ("date",),
    "charge_period_end": ("date",),
    "provider_name": ("custom_llm_provider",),
    "model": ("model",),
    "resource_name": ("model",),
    "service_name": ("model_group", "model"),
    "api_key_id": ("api_key",),
    "user_id": ("user_id",),
    "sub_account_id": ("team_id",),
    "calls": ("api_requests",),
    "consumed_quantity": ("api_requests",),
    "cached_read_tokens": ("cache_read_input_tokens",),
    "cached_write_tokens": ("cache_creation_input_tokens",),
    "output_tokens": ("completion_tokens",),
}


def version(header: Header) -> str | None:
    """Know the tables by date, key, spend and requests."""
    return "" if header.has("date", "api_key", "spend", "api_requests") else None


def plan(header: Header, mapping: ColumnMapping) -> Plan:
    """Pair the table's columns with ours. Raise UnreadableFile for the tag table, which counts requests repeatedly."""
    if header.has("tag"):
        raise UnreadableFile(
            "double_counts",
            "In LiteLLM's tag table a request counts once for each of its tags, so its sum is no spend. "
            "Import the team table or the spend log.",
        )
    constants = {
        "billing_currency": mapping.values.get("currency", "USD"),
        "charge_category": "Usage",
        "charge_frequency": "Usage-Based",
        "service_category": "AI and Machine Learning",
        "service_subcategory": "Generative AI",
        "consumed_unit": "Requests",
    }
    return Plan(header.take(WANTED), constants, derive, (COMPUTED,), inclusive_ends=frozenset({"charge_period_end"}))


def derive(rows: pl.DataFrame) -> pl.DataFrame:
    """Read spend, and take cached tokens out of the input."""
    cached = [
        _whole(name).fill_null(0) for name in ("cache_read_input_tokens", "cache_creation_input_tokens") if name in rows
    ]
    fresh = _whole("prompt_tokens") - pl.sum_horizontal(cached) if cached else _whole("prompt_tokens")
    spend = certain(rows["spend"])
    return rows.with_columns(
        *(spend.alias(name) for name in ("billed_cost", "effective_cost", "list_cost")),
        fresh.clip(0).cast(pl.String).alias("input_tokens"),
    )


def _whole(name: str) -> pl.Expr:
    return pl.col(name).str.replace(r"\.0+$", "").cast(pl.Int64, strict=False)


KIND = Kind("litellm_daily", "LiteLLM daily spend", "detail", plan, version, rank=70)
