"""One format: the usage block in a provider's answer, read by the sheet's own directions for that provider's API."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from projects.prices.sheets import Provider, matches
from projects.prices.units import UNITS


class NoUsage(ValueError):
    """The answer holds no usage in the shape of this API; the message names the missing place."""


def extract(provider: Provider, flavour: str, body: Mapping[str, Any]) -> tuple[str, dict[str, Decimal]]:
    """Return the model's name ("" if unnamed) and the reported counts by unit.

    Several places may add up to one unit. Raise NoUsage if the provider has no such API or the answer another shape.
    """
    directions = next((one for one in provider.extractors if one["api_flavor"] == flavour), None)
    if directions is None:
        raise NoUsage(f"{provider.id} has no API called {flavour}.")
    root = _steps(directions["root"])
    block = _walk(root, body)
    if not isinstance(block, Mapping):
        raise NoUsage(f"There is no usage at {_spoken(root)}.")
    counts: dict[str, Decimal] = {}
    for mapping in directions["mappings"]:
        count = _count(mapping, block)
        if count is not None and mapping["dest"] in UNITS:
            counts[mapping["dest"]] = counts.get(mapping["dest"], Decimal(0)) + count
    if not counts:
        raise NoUsage(f"The usage at {_spoken(root)} has no count that {provider.id} reports.")
    model = _walk(_steps(directions["model_path"]), body)
    return model if isinstance(model, str) else "", counts


def _steps(path: Any) -> list[Any]:
    return [path] if isinstance(path, str) else list(path)


def _spoken(steps: Sequence[Any]) -> str:
    return ".".join(step if isinstance(step, str) else step["field"] for step in steps)


def _count(mapping: Mapping[str, Any], block: Mapping[str, Any]) -> Decimal | None:
    steps = _steps(mapping["path"])
    value = _walk(steps, block)
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        count = Decimal(value)
        if count.is_finite() and count >= 0:
            return count
        raise NoUsage(f"{_spoken(steps)} is {value}; a count is finite and not negative.")
    if mapping.get("required", True):
        raise NoUsage(f"{_spoken(steps)} is missing.")
    return None


def _walk(steps: Sequence[Any], data: Any) -> Any:
    """Follow a path through objects; a step that is no name picks the first fitting item of a list."""
    for step in steps:
        if isinstance(step, str):
            data = data.get(step) if isinstance(data, Mapping) else None
        else:
            items = data if isinstance(data, list) else []
            data = next((item for item in items if _fits(step, item)), None)
        if data is None:
            return None
    return data


def _fits(step: Mapping[str, Any], item: Any) -> bool:
    value = item.get(step["field"]) if isinstance(item, Mapping) else None
    return isinstance(value, str) and matches(step["match"], value)


def served_as(body: Mapping[str, Any]) -> dict[str, str]:
    """Return how an answer says it was served, as price variants ask for it: its service tier, or as part of a batch."""
    usage = body.get("usage")
    said = body.get("service_tier") or (usage.get("service_tier") if isinstance(usage, Mapping) else None)
    if not isinstance(said, str):
        return {}
    return {"processing": "batch"} if said == "batch" else {"service_tier": said}
