"""Langfuse's traces and observations: tokens under free names and the cost its own price table gives."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from projects.sources.readers.documents import parse, text_of
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
AROUND = ("SPAN", "EVENT", None)
COMPUTED = "Costs are what Langfuse computed with its own price table, in US dollars; they are no bill."
READ = ("input_cache_read", "input_cached_tokens", "cache_read_input_tokens", "prompt_details.cache_read")
WRITTEN = ("input_cache_creation", "cache_creation_input_tokens", "prompt_details.cache_creation")
THOUGHT = ("output_reasoning", "output_reasoning_tokens", "completion_details.reasoning", "reasoning")


OBSERVED = {"traceId", "startTime", "type"}
MEASURED = ("usageDetails", "usage", "promptTokens", "totalCost", "calculatedTotalCost")


def claims(document: Any) -> bool:
    """Know a trace with its observations, a list of them, or a list of observations."""
    record = document[0] if isinstance(document, list) and document else document
    if not isinstance(record, dict):
        return False
    observed = record.get("observations")
    has_own = isinstance(observed, list) and not any(isinstance(one, str) for one in observed)  # not their names alone
    return has_own or _is_observation(record)


def _is_observation(record: Mapping[str, Any]) -> bool:
    return record.keys() >= OBSERVED and any(name in record for name in MEASURED)


def version(header: Header) -> str | None:
    """Know the table of observations by their trace, type and cost."""
    return "" if header.has(*OBSERVED) and header.find("totalCost", "calculatedTotalCost") else None


def records(document: Any) -> Iterator[dict[str, str | None]]:
    """Give one record a generation; spans and tools around them carry no tokens of their own."""
    for entry in document if isinstance(document, list) else [document]:
        if not isinstance(entry, dict):
            continue
        trace = entry.get("trace") if isinstance(entry.get("trace"), dict) else entry
        observed = entry["observations"] if isinstance(entry.get("observations"), list) else [entry]
        for observation in observed:
            if isinstance(observation, dict) and _is_charged(observation):
                yield _record(trace or {}, observation)


def _is_charged(observation: Mapping[str, Any]) -> bool:
    """Say whether an observation is charged: generations, and whatever else has a cost that is not that of its parts."""
    kind = observation.get("type")
    return kind in USED or (kind not in AROUND and _cost(observation).strip("0.") != "")


def _record(trace: Mapping[str, Any], observation: Mapping[str, Any]) -> dict[str, str | None]:
    return {
        **{name: text_of(observation.get(name)) for name in FIELDS},
        "model": text_of(observation.get("model") or observation.get("providedModelName")),
        "userId": text_of(trace.get("userId")),
        "sessionId": text_of(trace.get("sessionId")),
        "trace_name": text_of(trace.get("traceName") or trace.get("name")),
        "environment": text_of(observation.get("environment") or trace.get("environment")),
        "totalCost": _cost(observation),
        "tags": _tags(trace, observation),
        **tokens(_usage(observation)),
    }


def _cost(observation: Mapping[str, Any]) -> str:
    """Give the cost under the name that this version of the export uses; nothing is said to be 0."""
    details = observation.get("costDetails")
    total = details.get("total") if isinstance(details, dict) else None
    said = (observation.get("totalCost"), observation.get("calculatedTotalCost"), total)
    return next((text for value in said if (text := text_of(value))), "0")


def _usage(observation: Mapping[str, Any]) -> dict[str, Any]:
    """Give the counts under the names of the newest export, whichever place this one has them in."""
    details, older = observation.get("usageDetails"), observation.get("usage")
    if isinstance(details, dict) and details:
        return details
    places = (older if isinstance(older, dict) else {}, observation)
    found = {
        name: next((place[key] for place in places for key in keys if place.get(key) is not None), None)
        for name, keys in OLDER_USAGE.items()
    }
    return {name: count for name, count in found.items() if isinstance(count, str)}


OLDER_USAGE = {
    "input": ("promptTokens", "inputUsage", "input"),
    "output": ("completionTokens", "outputUsage", "output"),
    "total": ("totalTokens", "totalUsage", "total"),
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


def _tags(trace: Mapping[str, Any], observation: Mapping[str, Any]) -> str | None:
    listed = trace.get("tags") or trace.get("traceTags")
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
        "session_id": "traceId",
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
    if header.columns == FIELDS:
        return Plan(columns, constants, notes=(COMPUTED,), by_day=True)
    return _table_plan(header, columns, constants)


def _table_plan(header: Header, columns: dict[str, str], constants: dict[str, str]) -> Plan:
    """Read a table of observations row by row as if each were a document of its own."""
    names = {column: column for column in header.columns}
    names |= {column: name for name in IN_TABLE if (column := header.find(name))}
    labels = {"charge_period_start": "startTime", "billed_cost": "totalCost", "effective_cost": "totalCost"}
    shown = header.take({ours: (said, "calculatedTotalCost") for ours, said in labels.items()})

    def derive(rows: pl.DataFrame) -> pl.DataFrame:
        kept: list[int] = []
        found: list[dict[str, str | None]] = []
        for place, values in enumerate(rows.select(header.columns).iter_rows()):
            observation = {name: _read(name, value) for name, value in zip(names.values(), values, strict=True)}
            if _is_charged(observation):
                kept.append(place)
                found.append(_record(observation, observation))
        flat = pl.DataFrame(found, schema=dict.fromkeys(FIELDS, pl.String))
        return rows[kept].with_columns(flat[source].alias(ours) for ours, source in columns.items())

    return Plan(shown, constants, derive, (COMPUTED,), by_day=True)


IN_TABLE = (*FIELDS, "providedModelName", "traceName", "traceTags", "costDetails", "calculatedTotalCost", "usage", "release", "version",
            *(name for names in OLDER_USAGE.values() for name in names if name not in ("input", "output")))  # fmt: skip
STRUCTURED = ("usageDetails", "costDetails", "usage", "tags", "traceTags")


def _read(name: str, cell: str | None) -> Any:
    """Read a cell; structures stand in it as JSON."""
    if name not in STRUCTURED or not cell:
        return cell or None
    try:
        return parse(cell)
    except ValueError:
        return [tag.strip() for tag in cell.split(",")] if name in ("tags", "traceTags") else None


KIND = Kind(
    "langfuse",
    "Langfuse traces",
    "detail",
    plan,
    version,
    containers=frozenset({"table", "parquet", "json", "jsonl"}),
    rank=60,
    fields=FIELDS,
    claims=claims,
    records=records,
)
