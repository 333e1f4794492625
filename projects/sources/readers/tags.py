"""Read tags as one canonical JSON object, original keys kept."""

import json
import re
from typing import Any

import polars as pl

from projects.sources.readers.numbers import NO_FIGURE
from projects.sources.readers.schema import is_blank
from projects.sources.readers.tag_texts import pairs_in_list, pairs_in_text

LONGEST_TAGS = 65_536
KEPT_TEXTS = 20_000
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


class TagBook:
    """The tags of one file, each text read once: a month repeats its resources' tags in every batch."""

    def __init__(self) -> None:
        """Begin with no text read."""
        self._forget()

    def _forget(self) -> None:
        self._read = pl.DataFrame(schema={"text": pl.String, "tags": pl.String, "is_read": pl.Boolean})
        self._reasons: dict[str, str] = {}
        self._repeated: set[str] = set()

    def normalise(self, texts: pl.Series) -> tuple[pl.Series, dict[str, str], frozenset[str]]:
        """Give canonical tags (null where empty or unreadable), the reasons, and the texts in which a key stands twice.

        Reasons and texts may be of rows before these, too.
        """
        asked = texts.cast(pl.String).alias("text").to_frame()
        found = self._found(asked)
        new = asked.filter(found["is_read"].is_null() & texts.is_not_null())
        if new.height:
            if self._read.height > KEPT_TEXTS:
                self._forget()
                new = asked.drop_nulls()
            self._learn(new.to_series().unique())
            found = self._found(asked)
        return found["tags"], self._reasons, frozenset(self._repeated)

    def _found(self, asked: pl.DataFrame) -> pl.DataFrame:
        return asked.join(self._read, on="text", how="left", maintain_order="left")

    def _learn(self, texts: pl.Series) -> None:
        tags = pl.Series("tags", [self._tags_of(text) for text in texts.to_list()], dtype=pl.String)
        new = pl.DataFrame([texts, tags]).with_columns(pl.lit(True).alias("is_read"))
        self._read = pl.concat([self._read, new], rechunk=True)

    def _tags_of(self, text: str) -> str | None:
        """Give the tags of a cell, if it has any, and remember what is wrong with it."""
        if is_blank(text) or text.strip().lower() in NO_FIGURE:
            return None
        try:
            tags, is_repeated = read_tags(text)
        except NotTags as error:
            self._reasons[text] = str(error)
            return None
        if is_repeated:
            self._repeated.add(text)
        return tags
