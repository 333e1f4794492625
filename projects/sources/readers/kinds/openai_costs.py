"""OpenAI's organization costs: days of dollars by project and line item."""

from collections.abc import Iterator
from typing import Any

import polars as pl

from projects.sources.readers.documents import text_of
from projects.sources.readers.interface import ColumnMapping
from projects.sources.readers.pages import first_result, moment_of, remarks, results_of
from projects.sources.readers.plans import Header, Kind, Plan

FIELDS = (
    "start_time",
    "end_time",
    "amount_value",
    "amount_currency",
    "line_item",
    "project_id",
    "project_name",
    "organization_id",
    "api_key_id",
    "quantity",
    "quantity_unit",
)
WANTED: dict[str, tuple[str, ...]] = {
    "charge_period_start": ("start_time_iso", "start_time"),
    "charge_period_end": ("end_time_iso", "end_time"),
    "billed_cost": ("amount_value",),
    "effective_cost": ("amount_value",),
    "billing_currency": ("amount_currency",),
    "charge_description": ("line_item",),
    "sku_meter": ("line_item",),
    "billing_account_id": ("organization_id",),
    "billing_account_name": ("organization_name",),
    "sub_account_id": ("project_id",),
    "sub_account_name": ("project_name",),
    "api_key_id": ("api_key_id",),
    "consumed_quantity": ("quantity",),
    "consumed_unit": ("quantity_unit",),
}


def version(header: Header) -> str | None:
    """Know the dashboard's CSV by its amounts and moments."""
    return "" if header.has("start_time_iso", "amount_value", "amount_currency") else None


def claims(document: Any) -> bool:
    """Know the report by the object its results name, or by an amount with value and currency."""
    result = first_result(document)
    amount = result.get("amount")
    bare = "object" not in result and isinstance(amount, dict) and {"value", "currency"} <= amount.keys()
    return bare or result.get("object") == "organization.costs.result"


def records(document: Any) -> Iterator[dict[str, str | None]]:
    """Give one record a result; the amount is in units of its currency, not in cents."""
    for bucket, result in results_of(document):
        amount = result.get("amount")
        amount = amount if isinstance(amount, dict) else {}
        yield {
            **{name: text_of(result.get(name)) for name in FIELDS},
            "start_time": moment_of(bucket.get("start_time")),
            "end_time": moment_of(bucket.get("end_time")),
            "amount_value": text_of(amount.get("value")),
            "amount_currency": text_of(amount.get("currency")),
        }


def plan(header: Header, mapping: ColumnMapping) -> Plan:
    """Pair the flattened fields, or the columns of the dashboard's CSV, with ours."""
    columns = header.take(WANTED)
    constants = {
        "provider_name": "OpenAI",
        "publisher_name": "OpenAI",
        "invoice_issuer_name": "OpenAI",
        "service_name": "OpenAI API",
        "service_category": "AI and Machine Learning",
        "service_subcategory": "Generative AI",
        "charge_category": "Usage",
        "charge_frequency": "Usage-Based",
    }
    derive = None if header.columns == FIELDS else without_empty_days
    return Plan(columns, constants, derive, by_day=True)


def without_empty_days(rows: pl.DataFrame) -> pl.DataFrame:
    """Leave out the days on which nothing was charged: the dashboard gives each a row with its moments alone."""
    charged = [name for name in ("billed_cost", "billing_currency", "charge_description") if name in rows.columns]
    return rows.filter(pl.any_horizontal(pl.col(charged).is_not_null()))


KIND = Kind(
    "openai_costs",
    "OpenAI costs",
    "fact",
    plan,
    version,
    containers=frozenset({"table", "json", "jsonl"}),
    fields=FIELDS,
    claims=claims,
    records=records,
    remarks=remarks,
)
