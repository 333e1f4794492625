"""The LiteLLM proxy's FOCUS export: a row a day, key and model; the period is the day and the team a sub-account."""

import json

import polars as pl

from projects.sources.readers.interface import ColumnMapping
from projects.sources.readers.kinds import focus
from projects.sources.readers.plans import Header, Kind, Plan

# The proxy writes the attribution columns of FOCUS 1.2 but none about commitments, SKUs or capacity.
_PRESENT = ("BillingAccountType", "PricingCurrency", "ServiceSubcategory", "SubAccountType", "AvailabilityZone", "Tags")
_ABSENT = ("SkuId", "SkuPriceId", "CommitmentDiscountId", "CommitmentDiscountStatus", "CapacityReservationId")


def version(header: Header) -> str | None:
    """Know the export by what it leaves out of FOCUS; its tags tell the rest."""
    if header.has(*_PRESENT) and not header.find(*_ABSENT):
        return focus.version(header)
    return None


def plan(header: Header, mapping: ColumnMapping) -> Plan:
    """Take FOCUS's plan and read key, model and calls beside it."""
    base = focus.plan(header, mapping)
    columns = {name: column for name, column in base.columns.items() if name != "billing_account_name"}
    return Plan(columns, base.constants, derive, base.notes)  # an account is a key, and its name a person's alias


def derive(rows: pl.DataFrame) -> pl.DataFrame:
    """Read the key from the account, the model from the tags, and calls where the unit is requests."""
    texts = rows["tags"].unique().drop_nulls().to_list()
    models = {text: _model(text) for text in texts}
    calls = pl.when(_column(rows, "consumed_unit") == "Requests").then(_column(rows, "consumed_quantity"))
    named = pl.col("tags").replace_strict(models, default=None, return_dtype=pl.String)
    return rows.with_columns(
        _column(rows, "billing_account_id").alias("api_key_id"),
        pl.coalesce(named, _column(rows, "service_name")).alias("model"),
        calls.alias("calls"),
    )


def _column(rows: pl.DataFrame, name: str) -> pl.Expr:
    """Give a column that an export may leave out."""
    return pl.col(name) if name in rows.columns else pl.lit(None, pl.String)


def _model(text: str) -> str | None:
    try:
        tags = json.loads(text)
    except (ValueError, RecursionError):
        return None
    model = tags.get("model") if isinstance(tags, dict) else None
    return model if isinstance(model, str) else None


KIND = Kind(
    "litellm_focus",
    "LiteLLM FOCUS export",
    "detail",
    plan,
    version,
    containers=frozenset({"table"}),
    rank=80,
    text_words=("custom_llm_provider", "api_key_alias"),
)
