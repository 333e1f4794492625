"""Read the ways to write tags that are not JSON objects: lists of pairs, Python's own, and `key=value; key=value`."""

import ast
import re
from typing import Any

Pairs = list[tuple[str, Any]]

_NAMES = (("key", "value"), ("name", "value"), ("tagkey", "tagvalue"))
_PLAIN = (str, int, bool, type(None))
_PAIR = re.compile(r"\s*([^=;,{}\"]+?)\s*=\s*([^=;,{}\"]*?)\s*")


def pairs_in_list(items: list[Any]) -> Pairs | None:
    """Give the pairs of a list such as `[{"key": "app", "value": "claims"}]`; None where it is something else.

    What was inherited gives way to the thing's own of the same key.
    """
    own: Pairs = []
    inherited: Pairs = []
    for item in items:
        folded = {str(name).lower(): part for name, part in item.items()} if isinstance(item, dict) else {}
        names = next((names for names in _NAMES if folded.keys() >= set(names)), None)
        if names is None:
            return None
        pairs = inherited if folded.get("x_inherited", folded.get("inherited")) is True else own
        pairs.append((str(folded[names[0]]), folded[names[1]]))
    names_of_own = {key for key, _ in own}
    return [pair for pair in inherited if pair[0] not in names_of_own] + own


def pairs_in_text(text: str) -> Pairs:
    """Give the pairs of text that is no JSON. Raise ValueError where it holds none."""
    return _of_python(text) if text.startswith("{'") else _of_equals(text)


def _of_python(text: str) -> Pairs:
    """Read what printing a Python dictionary leaves behind; only plain words and figures are taken."""
    try:
        found = ast.literal_eval(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError, TypeError) as wrong:
        raise ValueError("no dictionary") from wrong
    if not isinstance(found, dict) or not all(isinstance(value, _PLAIN) for value in found.values()):
        raise ValueError("no dictionary of words")
    return [(str(key), value) for key, value in found.items()]


def _of_equals(text: str) -> Pairs:
    """Read `app=claims;env=prod`, separated by semicolons or commas, in braces or not."""
    bare = text.strip().removeprefix("{").removesuffix("}").strip().strip(";,")
    parts = bare.split(";") if ";" in bare else bare.split(",")
    found = [_PAIR.fullmatch(part) for part in parts]
    if not all(found):
        raise ValueError("no pairs")
    return [(pair[1], pair[2]) for pair in found if pair]
