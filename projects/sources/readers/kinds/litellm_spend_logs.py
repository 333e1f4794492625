"""LiteLLM's spend log: a row a request, as CSV or JSON lines; what it costs is computed by the proxy."""

import json
from collections.abc import Iterator
from decimal import Context, Decimal
from typing import Any

import polars as pl

from projects.sources.readers.documents import text_of
from projects.sources.readers.interface import ColumnMapping
from projects.sources.readers.numbers import BEYOND_COUNTS, NotANumber, read_number
from projects.sources.readers.plans import Header, Kind, Plan

FIELDS = (
    "request_id",
    "call_type",
    "api_key",
    "spend",
    "total_tokens",
    "prompt_tokens",
    "completion_tokens",
    "startTime",
    "endTime",
    "model",
    "model_group",
    "custom_llm_provider",
    "user",
    "end_user",
    "team_id",
    "organization_id",
    "request_tags",
    "status",
    "cache_hit",
    "session_id",
    "usage",
    "team_alias",
)
CERTAIN_DIGITS = Context(prec=15)
COMPUTED = "Costs are computed by the gateway in US dollars; digits beyond the fifteenth are binary noise and rounded."


def version(header: Header) -> str | None:
    """Know the log by its request id, key and start."""
    return "" if header.has("request_id", "spend", "startTime", "api_key") else None


def claims(document: Any) -> bool:
    """Know a record of the log, or a list of them."""
    record = document[0] if isinstance(document, list) and document else document
    return isinstance(record, dict) and {"request_id", "spend", "startTime"} <= record.keys()


def records(document: Any) -> Iterator[dict[str, str | None]]:
    """Give each record's accounting fields; messages and answers are left where they are."""
    for record in document if isinstance(document, list) else [document]:
        if not isinstance(record, dict):
            continue
        metadata = _object(record.get("metadata"))
        plain = {name: text_of(record.get(name)) for name in FIELDS}
        plain["usage"] = text_of(metadata.get("usage_object") or metadata.get("additional_usage_values"))
        plain["team_alias"] = text_of(metadata.get("user_api_key_team_alias"))
        yield plain


def plan(header: Header, mapping: ColumnMapping) -> Plan:
    """Pair the log's columns with ours."""
    columns = header.take(
        {
            "billed_cost": ("spend",),
            "effective_cost": ("spend",),
            "list_cost": ("spend",),
            "charge_period_start": ("startTime",),
            "charge_period_end": ("endTime",),
            "provider_name": ("custom_llm_provider",),
            "service_name": ("model_group", "model"),
            "model": ("model",),
            "resource_name": ("model",),
            "api_key_id": ("api_key",),
            "user_id": ("user",),
            "session_id": ("session_id",),
            "sub_account_id": ("team_id",),
            "sub_account_name": ("team_alias",),
            "billing_account_id": ("organization_id",),
            "charge_description": ("call_type",),
        }
    )
    constants = {
        "billing_currency": mapping.values.get("currency", "USD"),
        "charge_category": "Usage",
        "charge_frequency": "Usage-Based",
        "service_category": "AI and Machine Learning",
        "service_subcategory": "Generative AI",
        "consumed_quantity": "1",
        "consumed_unit": "Requests",
        "calls": "1",
    }
    return Plan(columns, constants, derive, (COMPUTED,), by_day=True)


def derive(rows: pl.DataFrame) -> pl.DataFrame:
    """Read spend, tags and tokens, cached and reasoning tokens apart from the rest."""
    rows = rows.with_columns(
        certain(rows["spend"]).alias(name) for name in ("billed_cost", "effective_cost", "list_cost")
    )
    metadata = "usage" if "usage" in rows.columns else "metadata"
    usage = rows[metadata].to_list() if metadata in rows.columns else [None] * rows.height
    tokens = pl.DataFrame([_tokens(text) for text in usage], schema=dict.fromkeys(_PARTS, pl.Int64), orient="row")
    rows = _with_all_columns(rows.hstack(tokens))
    prompt, completion = _whole("prompt_tokens"), _whole("completion_tokens")
    tags = rows["request_tags"].to_list() if "request_tags" in rows.columns else [None] * rows.height
    return rows.with_columns(
        (prompt - pl.col("read") - pl.col("written")).clip(0).cast(pl.String).alias("input_tokens"),
        (completion - pl.col("thought")).clip(0).cast(pl.String).alias("output_tokens"),
        pl.col("read").cast(pl.String).alias("cached_read_tokens"),
        pl.col("written").cast(pl.String).alias("cached_write_tokens"),
        pl.col("thought").cast(pl.String).alias("reasoning_tokens"),
        pl.Series("tags", [_tags(text) for text in tags], dtype=pl.String),
        pl.coalesce(_filled("service_name"), _filled("model")).alias("service_name"),
        pl.coalesce(_filled("user_id"), _filled("end_user")).alias("user_id"),
    )


_PARTS = ("read", "written", "thought")
_OPTIONAL = ("prompt_tokens", "completion_tokens", "service_name", "model", "user_id", "end_user")


def _with_all_columns(rows: pl.DataFrame) -> pl.DataFrame:
    """Add the columns that a chosen set of columns left out, empty."""
    missing = [pl.lit(None, dtype=pl.String).alias(name) for name in _OPTIONAL if name not in rows.columns]
    return rows.with_columns(missing)


def _filled(name: str) -> pl.Expr:
    return pl.when(pl.col(name) != "").then(pl.col(name))


def _whole(name: str) -> pl.Expr:
    return pl.col(name).str.replace(r"\.0+$", "").cast(pl.Int64, strict=False)


def certain(texts: pl.Series) -> pl.Series:
    """Round computed binary figures to the fifteen digits that a double carries for certain."""
    long = texts.filter(texts.str.count_matches("[0-9]") > CERTAIN_DIGITS.prec).unique().drop_nulls().to_list()
    rounded = {text: _rounded(text) for text in long}
    return texts.replace(rounded) if rounded else texts


def _rounded(text: str) -> str:
    try:
        return str(CERTAIN_DIGITS.create_decimal(read_number(text)))
    except NotANumber:
        return text  # left to be refused as it stands


def _tokens(text: str | None) -> list[int]:
    """Give tokens read from the cache, written to it, and spent on reasoning."""
    usage = _object(text)
    usage = _object(usage.get("usage_object") or usage)
    prompt, answer = _object(usage.get("prompt_tokens_details")), _object(usage.get("completion_tokens_details"))
    read = usage.get("cache_read_input_tokens") or prompt.get("cached_tokens")
    return [_int(read), _int(usage.get("cache_creation_input_tokens")), _int(answer.get("reasoning_tokens"))]


def _int(value: Any) -> int:
    """Give a count, 0 where there is none; one that no request can have is left to be refused as too large."""
    try:
        return max(0, min(int(Decimal(read_number(str(value)))), BEYOND_COUNTS))
    except NotANumber:
        return 0


def _object(value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return {}
    return value if isinstance(value, dict) else {}


def _tags(text: str | None) -> str | None:
    """Turn the list "initiative:claims", "env:prod" into an object; a bare word becomes true."""
    try:
        listed = json.loads(text) if text else None
    except (ValueError, RecursionError):
        return text
    if isinstance(listed, dict):
        return text
    if not isinstance(listed, list) or not listed:
        return None
    pairs = [str(tag).partition(":") for tag in listed]
    return json.dumps({key: value if colon else True for key, colon, value in pairs}, ensure_ascii=False)


KIND = Kind(
    "litellm_spend_logs",
    "LiteLLM spend log",
    "detail",
    plan,
    version,
    containers=frozenset({"table", "parquet", "json", "jsonl"}),
    rank=70,
    fields=FIELDS,
    claims=claims,
    records=records,
)
