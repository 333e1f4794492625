"""What a cell says: a value, a note (words where a figure was expected), or a problem.

A problem refuses the row; a note keeps the words. What can be read in two ways is a problem, never a guess.
"""

import re
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
BLANKS = frozenset({"", "null", "n/a", "na", "none", "-", "–", "—", "nil", "nan", "#n/a"})


@dataclass(frozen=True)
class Read(Generic[T]):
    """What one cell gave: a value, words to keep, or the reason that refuses the row. All three empty is blank."""

    value: T | None = None
    note: str = ""
    problem: str = ""


def is_blank(text: str) -> bool:
    """Say whether a cell says nothing: empty, spaces, or one of the words that stand for nothing."""
    return text.strip().lower() in BLANKS


def one_line(text: str) -> str:
    """Return the text on one line, without control, zero-width and direction-changing characters."""
    return " ".join("".join(" " if character.isspace() else character for character in _visible(text)).split())


def many_lines(text: str) -> str:
    """Return the text with its line breaks as ``\\n`` and without control and direction-changing characters."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(_visible(line).rstrip() for line in lines).strip()


def read_days(text: str) -> Read[int]:
    """Return a whole number of days; words are a note, fractions a problem."""
    text = one_line(text)
    if is_blank(text):
        return Read()
    if re.fullmatch(r"[-−+]?[0-9]{1,6}(\.0+)?", text):
        return Read(int(text.replace("−", "-").partition(".")[0]))
    return Read(problem="is not a whole number of days") if re.match(r"[-+]?[0-9.,]", text) else Read(note=text)


def _visible(text: str) -> str:
    return "".join(character for character in text if character.isprintable() or character.isspace())
