"""Compare tags although exports spell their keys in many ways."""

import json
from functools import lru_cache

TAG_PREFIXES = ("resourcetags/", "user:", "aws:")
ENVIRONMENT_TAGS = ("environment", "env", "deploymentenvironment")


@lru_cache(maxsize=10_000)  # a file's resources share a few keys
def comparable_key(key: str) -> str:
    """Return a tag key as rules compare it: trimmed, lower case, without prefix, hyphen, underscore and space."""
    bare = key.strip().lower()
    while prefix := next((prefix for prefix in TAG_PREFIXES if bare.startswith(prefix)), ""):
        bare = bare[len(prefix) :].strip()
    return bare.replace("-", "").replace("_", "").replace(" ", "")


def tag_index(tags: dict[str, object]) -> dict[str, str]:
    """Return tags under comparable keys with trimmed text values; of several spellings the first that is not empty."""
    index: dict[str, str] = {}
    for key in sorted(tags):
        comparable = comparable_key(key)
        if not index.get(comparable):
            index[comparable] = _text(tags[key])
    return index


def environment_of(index: dict[str, str]) -> str | None:
    """Return the environment that comparable tags name, in lower case, or None."""
    return next((index[key].lower() for key in ENVIRONMENT_TAGS if index.get(key)), None)


def _text(value: object) -> str:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return "" if value is None else str(value).strip()
