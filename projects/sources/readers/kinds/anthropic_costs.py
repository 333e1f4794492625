"""Anthropic's cost report: days of cost by workspace; amounts are decimal text in CENTS."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from projects.sources.readers.documents import text_of
from projects.sources.readers.interface import ColumnMapping
from projects.sources.readers.numbers import NotANumber, read_number
from projects.sources.readers.pages import first_result, remarks, results_of
from projects.sources.readers.plans import Header, Kind, Plan

FIELDS = (
    "starting_at",
    "ending_at",
    "amount_in_cents",
    "amount",
    "currency",
    "cost_type",
    "token_type",
    "description",
    "model",
    "workspace_id",
    "service_tier",
    "context_window",
    "inference_geo",
)
CENTS = "Amounts are written in cents and were divided by 100. The cost of the priority tier is never in this report."
DEFAULT_WORKSPACE = "default"


def claims(document: Any) -> bool:
    """Know the report by an amount with its currency in buckets that start and end."""
    result = first_result(document)
    return {"amount", "currency"} <= result.keys() and not isinstance(result["amount"], dict)


def records(document: Any) -> Iterator[dict[str, str | None]]:
    """Give one record a result, its amount in units of the currency."""
    for bucket, result in results_of(document):
        yield {
            **{name: text_of(result.get(name)) for name in FIELDS},
            "starting_at": text_of(bucket.get("starting_at")),
            "ending_at": text_of(bucket.get("ending_at")),
            "amount_in_cents": text_of(result.get("amount")),
            "amount": from_cents(text_of(result.get("amount"))),
            "workspace_id": text_of(result.get("workspace_id")) or DEFAULT_WORKSPACE,
        }


def from_cents(text: str | None) -> str | None:
    """Move the decimal point by two places, exactly, however the figure is written; other text is left to be refused."""
    if text is None:
        return None
    try:
        sign, digits, exponent = Decimal(read_number(text)).as_tuple()
    except NotANumber:
        return text
    return format(Decimal((sign, digits, int(exponent) - 2)), "f")


def plan(header: Header, mapping: ColumnMapping) -> Plan:
    """Pair the flattened fields with ours."""
    columns = {
        "charge_period_start": "starting_at",
        "charge_period_end": "ending_at",
        "billed_cost": "amount",
        "effective_cost": "amount",
        "billing_currency": "currency",
        "charge_description": "description",
        "sku_meter": "token_type",
        "model": "model",
        "sub_account_id": "workspace_id",
        "region_id": "inference_geo",
    }
    constants = {
        "provider_name": "Anthropic",
        "publisher_name": "Anthropic",
        "invoice_issuer_name": "Anthropic",
        "service_name": "Claude API",
        "service_category": "AI and Machine Learning",
        "service_subcategory": "Generative AI",
        "charge_category": "Usage",
        "charge_frequency": "Usage-Based",
    }
    return Plan(columns, constants, notes=(CENTS,), by_day=True)


KIND = Kind(
    "anthropic_costs",
    "Anthropic cost report",
    "fact",
    plan,
    containers=frozenset({"json", "jsonl"}),
    fields=FIELDS,
    claims=claims,
    records=records,
    remarks=remarks,
)
