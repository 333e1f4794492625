"""Decide whether 1,5 is one and a half: from the file, never by guessing."""

import re
from collections.abc import Iterable

from projects.sources.readers.interface import DecimalMark
from projects.sources.readers.numbers import NotANumber, read_number

# A figure with a comma that no point follows, in a cell of its own; where cells end at commas it must stand in quotes.
_COMMA = {"any": re.compile(r"[0-9],[0-9]+(?![0-9.,])"), ",": re.compile(r'"\s*-?\$?[0-9.]+,[0-9]+\s*"')}


def may_have_commas(head: str, separator: str) -> bool:
    """Say whether it is worth looking closer at the figures of a file that begins like this."""
    return bool((_COMMA.get(separator) or _COMMA["any"]).search(head))


def proved_mark(texts: Iterable[str]) -> DecimalMark | None:
    """Give the mark before decimals where the figures prove one; None where they do not, or prove both."""
    proved: set[DecimalMark] = set()
    for text in texts:
        as_point, as_comma = _is_figure(text, "."), _is_figure(text, ",")
        if as_point != as_comma:
            proved.add("." if as_point else ",")
    return proved.pop() if len(proved) == 1 else None


def _is_figure(text: str, mark: DecimalMark) -> bool:
    try:
        read_number(text, mark)
    except NotANumber:
        # 1,234 and 1.234 are figures either way and prove nothing
        return bool(mark == "." and re.fullmatch(r"-?[0-9]{1,3},[0-9]{3}", text.strip()))
    return True
