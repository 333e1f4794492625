"""Read tags as one canonical JSON object, original keys kept."""

import json
import re
from functools import lru_cache
from typing import Any

import polars as pl

from projects.sources.readers.numbers import NO_FIGURE
from projects.sources.readers.schema import is_blank
from projects.sources.readers.tag_texts import pairs_in_list, pairs_in_text

LONGEST_TAGS = 65_536
KEPT_TEXTS = 20_000  # a month repeats its resources' tags in every batch
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class NotTags(ValueError):
    """Text that is no JSON object of tags; the message is the reason shown for the row."""


class _Pairs(dict[str, Any]):
    """A JSON object that remembers whether a key stood in it twice."""

    repeated = False


def _object(pairs: list[tuple[str, Any]]) -> _Pairs:
    found = _Pairs(pairs)
    found.repeated = len(found) != len(pairs)
    return found


def read_tags(text: str) -> tuple[str, bool]:
    """Give the tags as compact JSON with sorted keys, and whether a key stood twice. Raise NotTags with the reason.

    A fraction becomes the text it was written as: a version 1.10 stays one, and 1e400 is no figure of JSON's.
    """
    if len(text) > LONGEST_TAGS:
        raise NotTags(f"is longer than {LONGEST_TAGS:,} characters")
    bare = text.strip()
    bare = "{" + bare + "}" if bare.startswith('"') else bare
    try:
        tags = _parsed(bare)
        canonical = json.dumps(tags, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    except RecursionError as error:
        raise NotTags("is nested too deep") from error
    except ValueError as error:
        if isinstance(error, NotTags):
            raise
        raise NotTags("is not a JSON object") from error
    if not isinstance(tags, _Pairs):
        raise NotTags("is not a JSON object")
    if "\\u0000" in canonical:
        raise NotTags("contains the NUL character")
    if _LONE_SURROGATE.search(canonical):
        raise NotTags("contains half a character (a lone surrogate)")
    return canonical, tags.repeated


def _parsed(text: str) -> Any:
    """Parse JSON, or else one of the other ways to write keys and values."""
    try:
        tags = json.loads(text, object_pairs_hook=_object, parse_constant=_refuse_constant, parse_float=str)
    except NotTags:
        raise
    except ValueError:
        tags = _object(pairs_in_text(text))
    return _object(pairs) if isinstance(tags, list) and (pairs := pairs_in_list(tags)) is not None else tags


def _refuse_constant(name: str) -> Any:
    raise NotTags(f"contains {name}, which is no JSON value")


@lru_cache(maxsize=KEPT_TEXTS)
def _read(text: str) -> tuple[str | None, bool, str]:
    """Give the tags of a cell, if it has any, whether a key stood twice, and the reason why they cannot be read."""
    if is_blank(text) or text.strip().lower() in NO_FIGURE:
        return None, False, ""
    try:
        return *read_tags(text), ""
    except NotTags as error:
        return None, False, str(error)


def normalise_tags(texts: pl.Series) -> tuple[pl.Series, dict[str, str], frozenset[str]]:
    """Give canonical tags (null where empty or unreadable), the reasons, and the texts in which a key stands twice."""
    read: dict[str, str | None] = {}
    reasons: dict[str, str] = {}
    repeated: set[str] = set()
    for text in texts.unique().drop_nulls().to_list():
        read[text], twice, reason = _read(text)
        if reason:
            reasons[text] = reason
        if twice:
            repeated.add(text)
    if not read:
        return texts, {}, frozenset()
    canonical = texts.replace_strict(list(read), pl.Series(list(read.values()), dtype=pl.String), default=None)
    return canonical.cast(pl.String), reasons, frozenset(repeated)
