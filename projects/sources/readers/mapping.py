"""Read what a person says about a file: a mapping in TOML or JSON."""

import codecs
import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast, get_args

from projects.sources.readers.interface import ColumnMapping, DateOrder, DecimalMark, Role, UnreadableFile

_OF_SOURCE_CODE = ("unicode-escape", "raw-unicode-escape")
_WORDS = {"kind", "columns", "values", "separator", "encoding", "decimal_mark", "date_order", "role"}


def load_mapping(path: Path) -> ColumnMapping:
    """Read a mapping file. Raise UnreadableFile with code `bad_mapping` and what is wrong with it."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        said = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        raise _bad(f"it is neither TOML nor JSON ({error})") from error
    return mapping_of(said)


def mapping_of(said: Any) -> ColumnMapping:
    """Check a mapping that was read from anywhere. Raise UnreadableFile with code `bad_mapping`."""
    if not isinstance(said, Mapping):
        raise _bad("it is not a table of names and values")
    if unknown := sorted(set(map(str, said)) - _WORDS):
        raise _bad(f"'{unknown[0]}' is not one of {', '.join(sorted(_WORDS))}")
    _check_word(said, "date_order", get_args(DateOrder))
    _check_word(said, "decimal_mark", get_args(DecimalMark))
    _check_word(said, "role", get_args(Role))
    mapping = ColumnMapping(
        kind=_text(said, "kind"),
        columns=_texts(said, "columns"),
        values=_texts(said, "values"),
        separator=_text(said, "separator"),
        encoding=_text(said, "encoding"),
        decimal_mark=cast("DecimalMark | None", said.get("decimal_mark")),
        date_order=cast("DateOrder | None", said.get("date_order")),
        role=cast("Role | None", said.get("role")),
    )
    require_usable(mapping)
    return mapping


def require_usable(mapping: ColumnMapping) -> None:
    """Raise UnreadableFile with code `bad_mapping` if no file can be read with this separator or encoding."""
    separator = mapping.separator
    if separator is not None and (len(separator) != 1 or not separator.isascii() or separator in '"\n\r\0'):
        raise _bad("the separator must be one character")
    if mapping.encoding is not None and not _is_text_encoding(mapping.encoding):
        raise _bad(f"the encoding '{mapping.encoding}' does not exist")


def _check_word(said: Mapping[str, Any], name: str, words: tuple[str, ...]) -> None:
    if said.get(name) not in (None, *words):
        raise _bad(f"{name} must be one of {', '.join(words)}")


def _text(said: Mapping[str, Any], name: str) -> str | None:
    value = said.get(name)
    if value is not None and not isinstance(value, str):
        raise _bad(f"{name} must be text")
    return value


def _texts(said: Mapping[str, Any], name: str) -> dict[str, str]:
    table = said.get(name, {})
    if not isinstance(table, Mapping) or not all(isinstance(value, str) for value in table.values()):
        raise _bad(f"{name} must pair names with text")
    return {str(key): value for key, value in table.items()}


def _is_text_encoding(name: str) -> bool:
    """Say whether plain text comes back from this encoding, and a backslash stands for itself."""
    try:
        if codecs.lookup(name).name in _OF_SOURCE_CODE:
            return False
        decoder = codecs.getincrementaldecoder(name)("replace")
        return decoder.decode("a,1\n".encode(name), final=True) == "a,1\n"
    except (LookupError, ValueError, TypeError, AssertionError):
        return False


def _bad(what: str) -> UnreadableFile:
    return UnreadableFile("bad_mapping", f"The mapping cannot be used: {what}.")
