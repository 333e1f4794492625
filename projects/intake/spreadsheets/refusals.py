"""What cannot be read, by line and column, and the error that refuses a whole file."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Refusal:
    """One place of a file that was refused: where, what stood there, why and what to do."""

    line: int
    column: str
    value: str
    reason: str


class FileRefused(Exception):
    """A file that is refused as a whole; ``code`` is stable, ``rows`` name the places."""

    def __init__(self, code: str, message: str, rows: Sequence[Refusal] = ()) -> None:
        """Keep the code, the sentence with its remedy, and the places."""
        self.code, self.message, self.rows = code, message, tuple(rows)
        super().__init__(message)
