"""The LiteLLM proxy's FOCUS exports: a row a day, key and model, or a sort of token; the team is a sub-account."""

import json
from dataclasses import replace

import polars as pl

from projects.sources.readers.documents import text_of
from projects.sources.readers.interface import ColumnMapping
from projects.sources.readers.kinds import focus
from projects.sources.readers.plans import Header, Kind, Plan

# What every sort of the export has, and what a bill has and the proxy never knows: commitments, SKUs, capacity.
_PRESENT = ("BilledCost", "ChargePeriodStart", "ServiceName", "ConsumedUnit", "Tags")
_ABSENT = ("SkuId", "SkuPriceId", "CommitmentDiscountId", "CommitmentDiscountStatus", "CapacityReservationId")
DOLLARS = "The export names no currency: the gateway computes in US dollars."

# Counts that one sort of the export writes among the tags, another as rows of tokens of one sort.
_IN_TAGS = {
    "calls": "litellm:api_requests",
    "input_tokens": "litellm:prompt_tokens",
    "output_tokens": "litellm:completion_tokens",
    "cached_read_tokens": "litellm:cache_read_tokens",
    "cached_write_tokens": "litellm:cache_creation_tokens",
}
_IN_ROWS = {
    "input_tokens": "prompt_token",
    "output_tokens": "completion_token",
    "cached_read_tokens": "cache_read_token",
    "cached_write_tokens": "cache_creation_token",
}
_INCLUDED = ("cached_read_tokens", "cached_write_tokens")  # in the gateway's count of what was asked


def version(header: Header) -> str | None:
    """Know the export by what it leaves out of FOCUS; its tags tell the rest."""
    return focus.version(header) if header.has(*_PRESENT) and not header.find(*_ABSENT) else None


def plan(header: Header, mapping: ColumnMapping) -> Plan:
    """Take FOCUS's plan and read key, model and calls beside it."""
    in_dollars = header.find("BillingCurrency") is None and "currency" not in mapping.values
    if in_dollars:
        mapping = replace(mapping, values={**mapping.values, "currency": "USD"})
    base = focus.plan(header, mapping)
    columns = {name: column for name, column in base.columns.items() if name != "billing_account_name"}
    notes = (*base.notes, DOLLARS) if in_dollars else base.notes
    return Plan(columns, base.constants, derive, notes, by_day=True)  # an account is a key, its name a person's alias


def derive(rows: pl.DataFrame) -> pl.DataFrame:
    """Read the key from the account, the model and counts from the tags, and counts where the unit is what they count."""
    texts = rows["tags"].unique().drop_nulls().to_list()
    told = {text: _told(text) for text in texts}
    unit, quantity = _column(rows, "consumed_unit"), _column(rows, "consumed_quantity")
    sort = _column(rows, "service_subcategory")
    added = [
        pl.coalesce(_column(rows, "billing_account_id"), _of_tags(told, "api_key_id")).alias("api_key_id"),
        pl.coalesce(_of_tags(told, "model"), _column(rows, "service_name")).alias("model"),
        pl.coalesce(pl.when(unit == "Requests").then(quantity), _of_tags(told, "calls")).alias("calls"),
    ]
    for name, word in _IN_ROWS.items():
        counted = pl.when((unit == "token") & (sort == word)).then(quantity)
        added.append(pl.coalesce(counted, _of_tags(told, name)).alias(name))
    return rows.with_columns(added)


def _column(rows: pl.DataFrame, name: str) -> pl.Expr:
    """Give a column that an export may leave out."""
    return pl.col(name) if name in rows.columns else pl.lit(None, pl.String)


def _of_tags(told: dict[str, dict[str, str | None]], name: str) -> pl.Expr:
    values = {text: found.get(name) for text, found in told.items()}
    return pl.col("tags").replace_strict(values, default=None, return_dtype=pl.String)


def _told(text: str) -> dict[str, str | None]:
    """Give what the tags say of key, model and counts, cached tokens out of what was asked."""
    try:
        tags = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(tags, dict):
        return {}
    model = tags.get("model", tags.get("litellm:model"))
    counts = {name: text_of(tags.get(tag)) for name, tag in _IN_TAGS.items()}
    asked = counts["input_tokens"]
    if asked is not None and asked.isdigit():
        cached = sum(int(count) for name in _INCLUDED if (count := counts[name] or "").isdigit())
        counts["input_tokens"] = str(max(0, int(asked) - cached))
    return {
        "model": model if isinstance(model, str) else None,
        "api_key_id": text_of(tags.get("litellm:api_key_prefix")),
        **counts,
    }


KIND = Kind(
    "litellm_focus",
    "LiteLLM FOCUS export",
    "detail",
    plan,
    version,
    rank=80,
    text_words=("custom_llm_provider", "api_key_alias", "litellm:model"),
)
