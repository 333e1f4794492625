"""LiteLLM's daily spend tables: a row a day, key and model, by team, user or tag."""

from collections.abc import Iterator
from typing import Any

import polars as pl

from projects.sources.readers.documents import text_of
from projects.sources.readers.interface import ColumnMapping, Container, UnreadableFile
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


FIELDS = (
    "date",
    "api_key",
    "team_id",
    "user_id",
    "model",
    "model_group",
    "custom_llm_provider",
    "prompt_tokens",
    "completion_tokens",
    "cache_read_input_tokens",
    "cache_creation_input_tokens",
    "spend",
    "api_requests",
)
DOUBLE = (
    "In LiteLLM's tag table a request counts once for each of its tags, so its sum is no spend. "
    "Import the team table or the spend log."
)
KNOWN_BY = frozenset({"date", "api_key", "spend", "api_requests"})


def claims(document: Any) -> bool:
    """Know a row of the tables, or a list of them."""
    return _first(document).keys() >= KNOWN_BY and not claims_tags(document)


def claims_tags(document: Any) -> bool:
    """Know a row of the tag table, or a list of them."""
    return {*KNOWN_BY, "tag"} <= _first(document).keys()


def _first(document: Any) -> dict[str, Any]:
    record = document[0] if isinstance(document, list) and document else document
    return record if isinstance(record, dict) else {}


def records(document: Any) -> Iterator[dict[str, str | None]]:
    """Give each row's fields."""
    for record in document if isinstance(document, list) else [document]:
        if isinstance(record, dict):
            yield {name: text_of(record.get(name)) for name in FIELDS}


def version(header: Header) -> str | None:
    """Know the tables by date, key, spend and requests."""
    return "" if header.has(*KNOWN_BY) else None


def plan(header: Header, mapping: ColumnMapping) -> Plan:
    """Pair the table's columns with ours. Raise UnreadableFile for the tag table, which counts requests repeatedly."""
    if header.has("tag"):
        raise UnreadableFile("double_counts", DOUBLE)
    constants = {
        "billing_currency": mapping.values.get("currency", "USD"),
        "charge_category": "Usage",
        "charge_frequency": "Usage-Based",
        "service_category": "AI and Machine Learning",
        "service_subcategory": "Generative AI",
        "consumed_unit": "Requests",
    }
    ends = frozenset({"charge_period_end"})
    return Plan(header.take(WANTED), constants, derive, (COMPUTED,), inclusive_ends=ends, by_day=True)


def derive(rows: pl.DataFrame) -> pl.DataFrame:
    """Read spend, and take cached tokens out of the input."""
    cached = [
        _whole(name).fill_null(0) for name in ("cache_read_input_tokens", "cache_creation_input_tokens") if name in rows
    ]
    asked = _whole("prompt_tokens") if "prompt_tokens" in rows else pl.lit(None, pl.Int64)
    fresh = asked - pl.sum_horizontal(cached) if cached else asked
    spend = certain(rows["spend"])
    return rows.with_columns(
        *(spend.alias(name) for name in ("billed_cost", "effective_cost", "list_cost")),
        fresh.clip(0).cast(pl.String).alias("input_tokens"),
    )


def _whole(name: str) -> pl.Expr:
    return pl.col(name).str.replace(r"\.0+$", "").cast(pl.Int64, strict=False)


def refuse_tags(header: Header, mapping: ColumnMapping) -> Plan:
    """Raise UnreadableFile: the tag table is no spend."""
    raise UnreadableFile("double_counts", DOUBLE)


IN_JSON = frozenset[Container]({"json", "jsonl"})
KINDS = (
    Kind(
        "litellm_daily",
        "LiteLLM daily spend",
        "detail",
        plan,
        version,
        containers=frozenset({"table", "parquet", *IN_JSON}),
        rank=70,
        fields=FIELDS,
        claims=claims,
        records=records,
    ),
    Kind(
        "litellm_daily_tags",
        "LiteLLM daily spend by tag",
        "detail",
        refuse_tags,
        containers=IN_JSON,
        rank=71,
        claims=claims_tags,
        records=records,
    ),
)
