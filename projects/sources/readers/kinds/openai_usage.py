"""OpenAI's organization usage: counts without money; its input includes what was cached."""

from collections.abc import Iterator
from typing import Any

from projects.sources.readers.documents import text_of
from projects.sources.readers.interface import ColumnMapping
from projects.sources.readers.pages import apart, first_result, moment_of, remarks, results_of
from projects.sources.readers.plans import Header, Kind, Plan

FIELDS = (
    "object",
    "start_time",
    "end_time",
    "model",
    "project_id",
    "api_key_id",
    "user_id",
    "batch",
    "service_tier",
    "num_model_requests",
    "fresh_input_tokens",
    "input_cached_tokens",
    "input_cache_write_tokens",
    "output_tokens",
    "amount",
    "unit",
)
# What other endpoints count, and what one of it is called.
UNITS = {
    "images": "Images",
    "characters": "Characters",
    "seconds": "Seconds",
    "num_sessions": "Sessions",
    "num_requests": "Requests",
    "usage_bytes": "Bytes",
}


def claims(document: Any) -> bool:
    """Know the reports by the object their results name."""
    return str(first_result(document).get("object")).startswith("organization.usage.")


def records(document: Any) -> Iterator[dict[str, str | None]]:
    """Give one record a result, the cached part taken out of the input."""
    for bucket, result in results_of(document):
        cached, written = result.get("input_cached_tokens"), result.get("input_cache_write_tokens")
        unit = next((name for name in UNITS if name in result), None)
        yield {
            **{name: text_of(result.get(name)) for name in FIELDS},
            "start_time": moment_of(bucket.get("start_time")),
            "end_time": moment_of(bucket.get("end_time")),
            "fresh_input_tokens": apart(result.get("input_tokens"), cached, written),
            "amount": text_of(result.get(unit)) if unit else None,
            "unit": UNITS[unit] if unit else None,
        }


def plan(header: Header, mapping: ColumnMapping) -> Plan:
    """Pair the flattened fields with ours; there is no money in them."""
    columns = {
        "charge_period_start": "start_time",
        "charge_period_end": "end_time",
        "charge_description": "object",
        "model": "model",
        "sub_account_id": "project_id",
        "api_key_id": "api_key_id",
        "user_id": "user_id",
        "calls": "num_model_requests",
        "input_tokens": "fresh_input_tokens",
        "cached_read_tokens": "input_cached_tokens",
        "cached_write_tokens": "input_cache_write_tokens",
        "output_tokens": "output_tokens",
        "consumed_quantity": "amount",
        "consumed_unit": "unit",
    }
    constants = {
        "provider_name": "OpenAI",
        "service_name": "OpenAI API",
        "service_category": "AI and Machine Learning",
        "service_subcategory": "Generative AI",
        "charge_category": "Usage",
    }
    return Plan(columns, constants, has_money=False)


KIND = Kind(
    "openai_usage",
    "OpenAI usage",
    "detail",
    plan,
    containers=frozenset({"json", "jsonl"}),
    fields=FIELDS,
    claims=claims,
    records=records,
    remarks=remarks,
)
