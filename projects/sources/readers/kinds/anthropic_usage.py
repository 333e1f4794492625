"""Anthropic's usage report for messages: counts without money; its input leaves out what was cached."""

from collections.abc import Iterator
from typing import Any

from projects.sources.readers.documents import text_of
from projects.sources.readers.interface import ColumnMapping
from projects.sources.readers.kinds.anthropic_costs import DEFAULT_WORKSPACE
from projects.sources.readers.pages import first_result, remarks, results_of, whole
from projects.sources.readers.plans import Header, Kind, Plan

FIELDS = (
    "starting_at",
    "ending_at",
    "model",
    "workspace_id",
    "api_key_id",
    "service_tier",
    "context_window",
    "uncached_input_tokens",
    "cache_read_input_tokens",
    "cache_5m_input_tokens",
    "cache_1h_input_tokens",
    "cache_written_tokens",
    "output_tokens",
    "web_search_requests",
)


def claims(document: Any) -> bool:
    """Know the report by its uncached input."""
    return "uncached_input_tokens" in first_result(document)


def records(document: Any) -> Iterator[dict[str, str | None]]:
    """Give one record a result, both lives of the cache added up beside themselves."""
    for bucket, result in results_of(document):
        written = result.get("cache_creation")
        written = written if isinstance(written, dict) else {}
        tools = result.get("server_tool_use")
        short, long = written.get("ephemeral_5m_input_tokens"), written.get("ephemeral_1h_input_tokens")
        yield {
            **{name: text_of(result.get(name)) for name in FIELDS},
            "starting_at": text_of(bucket.get("starting_at")),
            "ending_at": text_of(bucket.get("ending_at")),
            "workspace_id": text_of(result.get("workspace_id")) or DEFAULT_WORKSPACE,
            "cache_5m_input_tokens": text_of(short),
            "cache_1h_input_tokens": text_of(long),
            "cache_written_tokens": str(whole(short) + whole(long)),
            "web_search_requests": text_of(tools.get("web_search_requests")) if isinstance(tools, dict) else None,
        }


def plan(header: Header, mapping: ColumnMapping) -> Plan:
    """Pair the flattened fields with ours; there is no money in them."""
    columns = {
        "charge_period_start": "starting_at",
        "charge_period_end": "ending_at",
        "model": "model",
        "sub_account_id": "workspace_id",
        "api_key_id": "api_key_id",
        "sku_meter": "service_tier",
        "input_tokens": "uncached_input_tokens",
        "cached_read_tokens": "cache_read_input_tokens",
        "cached_write_tokens": "cache_written_tokens",
        "output_tokens": "output_tokens",
    }
    constants = {
        "provider_name": "Anthropic",
        "service_name": "Claude API",
        "service_category": "AI and Machine Learning",
        "service_subcategory": "Generative AI",
        "charge_category": "Usage",
    }
    return Plan(columns, constants, has_money=False)


KIND = Kind(
    "anthropic_usage",
    "Anthropic usage report",
    "detail",
    plan,
    containers=frozenset({"json", "jsonl"}),
    fields=FIELDS,
    claims=claims,
    records=records,
    remarks=remarks,
)
