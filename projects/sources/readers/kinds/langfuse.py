"""Langfuse's trace export: generations with tokens under free names and the cost its own price table gives."""

import json
from collections.abc import Iterator
from typing import Any

from projects.sources.readers.documents import text_of
from projects.sources.readers.interface import ColumnMapping
from projects.sources.readers.pages import whole
from projects.sources.readers.plans import Header, Kind, Plan

FIELDS = (
    "id",
    "traceId",
    "type",
    "name",
    "startTime",
    "endTime",
    "model",
    "totalCost",
    "userId",
    "sessionId",
    "environment",
    "level",
    "trace_name",
    "tags",
    "usageDetails",
    "input_tokens",
    "output_tokens",
    "cached_read_tokens",
    "cached_write_tokens",
    "reasoning_tokens",
)
USED = ("GENERATION", "EMBEDDING")
COMPUTED = "Costs are what Langfuse computed with its own price table, in US dollars; they are no bill."
READ = ("input_cache_read", "input_cached_tokens", "cache_read_input_tokens", "prompt_details.cache_read")
WRITTEN = ("input_cache_creation", "cache_creation_input_tokens", "prompt_details.cache_creation")
THOUGHT = ("output_reasoning", "output_reasoning_tokens", "completion_details.reasoning", "reasoning")


def claims(document: Any) -> bool:
    """Know a trace with its observations, a list of them, or a list of observations."""
    record = document[0] if isinstance(document, list) and document else document
    if not isinstance(record, dict):
        return False
    return isinstance(record.get("observations"), list) or {"traceId", "usageDetails", "startTime"} <= record.keys()


def records(document: Any) -> Iterator[dict[str, str | None]]:
    """Give one record a generation; spans and tools around them carry no tokens of their own."""
    for entry in document if isinstance(document, list) else [document]:
        if not isinstance(entry, dict):
            continue
        trace = entry.get("trace") if isinstance(entry.get("trace"), dict) else entry
        observed = entry["observations"] if isinstance(entry.get("observations"), list) else [entry]
        for observation in observed:
            if isinstance(observation, dict) and observation.get("type") in USED:
                yield _record(trace or {}, observation)


def _record(trace: dict[str, Any], observation: dict[str, Any]) -> dict[str, str | None]:
    usage = observation.get("usageDetails")
    usage = usage if isinstance(usage, dict) else {}
    return {
        **{name: text_of(observation.get(name)) for name in FIELDS},
        "userId": text_of(trace.get("userId")),
        "sessionId": text_of(trace.get("sessionId")),
        "trace_name": text_of(trace.get("name")),
        "environment": text_of(observation.get("environment") or trace.get("environment")),
        "totalCost": text_of(observation.get("totalCost")) or "0",
        "tags": _tags(trace, observation),
        **tokens(usage),
    }


def tokens(usage: dict[str, Any]) -> dict[str, str | None]:
    """Give tokens in buckets that do not overlap; the total tells whether input and output include the details."""
    read, written, thought = (sum(whole(usage.get(name)) for name in names) for names in (READ, WRITTEN, THOUGHT))
    given, answered = whole(usage.get("input")), whole(usage.get("output"))
    total = whole(usage.get("total"))
    rest = total - given - answered
    inside = "total" in usage and rest < read + written + thought
    thought_inside = inside and rest != thought
    return {
        "input_tokens": str(max(0, given - (read + written if inside else 0))),
        "output_tokens": str(max(0, answered - (thought if thought_inside else 0))),
        "cached_read_tokens": str(read),
        "cached_write_tokens": str(written),
        "reasoning_tokens": str(thought),
    }


def _tags(trace: dict[str, Any], observation: dict[str, Any]) -> str | None:
    listed = trace.get("tags")
    pairs = [str(tag).partition(":") for tag in listed] if isinstance(listed, list) else []
    tags: dict[str, Any] = {key: value if colon else True for key, colon, value in pairs}
    for name in ("environment", "release", "version"):
        value = observation.get(name) or trace.get(name)
        if isinstance(value, str):
            tags.setdefault(name, value)
    return json.dumps(tags, ensure_ascii=False) if tags else None


def plan(header: Header, mapping: ColumnMapping) -> Plan:
    """Pair the flattened fields with ours."""
    columns = {
        "charge_period_start": "startTime",
        "charge_period_end": "endTime",
        "billed_cost": "totalCost",
        "effective_cost": "totalCost",
        "charge_description": "name",
        "service_name": "trace_name",
        "model": "model",
        "resource_id": "id",
        "resource_name": "name",
        "user_id": "userId",
        "tags": "tags",
        **{name: name for name in FIELDS if name.endswith("_tokens")},
    }
    constants = {
        "billing_currency": mapping.values.get("currency", "USD"),
        "charge_category": "Usage",
        "charge_frequency": "Usage-Based",
        "service_category": "AI and Machine Learning",
        "service_subcategory": "Generative AI",
        "calls": "1",
    }
    return Plan(columns, constants, notes=(COMPUTED,))


KIND = Kind(
    "langfuse",
    "Langfuse traces",
    "detail",
    plan,
    containers=frozenset({"json", "jsonl"}),
    fields=FIELDS,
    claims=claims,
    records=records,
)
