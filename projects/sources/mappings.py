"""Read what a person said about a file: which column is which, fixed values, how figures and dates are written."""

import json
from dataclasses import fields
from typing import Any

from projects.sources.readers.interface import ColumnMapping

_CHOICES = {"decimal_mark": (".", ","), "date_order": ("mdy", "dmy"), "role": ("fact", "detail")}
_TABLES = ("columns", "values")


class BadMapping(ValueError):
    """A mapping that cannot be followed; the message says why."""


def read_mapping(document: bytes) -> ColumnMapping:
    """Return a mapping from its JSON form. Raise BadMapping."""
    try:
        said: Any = json.loads(document)
    except (ValueError, RecursionError) as wrong:
        raise BadMapping("The mapping is not JSON.") from wrong
    if not isinstance(said, dict):
        raise BadMapping("The mapping must be one JSON object.")
    return mapping_of(said)


def mapping_of(said: dict[str, Any]) -> ColumnMapping:
    """Return a mapping from its parts. Raise BadMapping for an unknown or wrong one."""
    known = {field.name for field in fields(ColumnMapping)}
    if unknown := sorted(set(said) - known):
        raise BadMapping(f"A mapping has no {unknown[0]}; it has {', '.join(sorted(known))}.")
    for name, value in said.items():
        _check(name, value)
    return ColumnMapping(**said)


def _check(name: str, value: Any) -> None:
    if name in _TABLES:
        if not isinstance(value, dict) or not all(isinstance(text, str) for text in (*value, *value.values())):
            raise BadMapping(f"{name} must pair names with texts.")
    elif not isinstance(value, str):
        raise BadMapping(f"{name} must be a text.")
    elif name in _CHOICES and value not in _CHOICES[name]:
        raise BadMapping(f"{name} must be {' or '.join(_CHOICES[name])}, not {value}.")
