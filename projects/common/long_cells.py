"""Read delimited text with a limit of one's own: the csv module's holds for the whole process, and so for everybody.

It is lifted here, once. Who reads what somebody else wrote bounds the lines of a record, or looks at the cells.
"""

import csv
from collections.abc import Iterator, Sequence

csv.field_size_limit(2**31 - 1)


def has_long_cell(cells: Sequence[str], most: int) -> bool:
    """Say whether one of the cells is longer than its reader allows."""
    return any(len(cell) > most for cell in cells)


class RecordTooLong(Exception):
    """A record that takes more characters than its reader allows and is not at its end."""


class BoundedLines:
    """Lines for a csv reader that end where a record goes on although it is too long, as after a quote left open."""

    def __init__(self, lines: Iterator[str], most: int) -> None:
        self._lines = lines
        self._most = most
        self._taken = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        """Return the next line. Raise RecordTooLong."""
        if self._taken > self._most:
            raise RecordTooLong
        line = next(self._lines)
        self._taken += len(line)
        return line

    def begin_record(self) -> None:
        """Count anew: the record before is whole."""
        self._taken = 0

    def require_short(self, cells: Sequence[str]) -> None:
        """Raise RecordTooLong where one cell of the record that was read is longer than allowed."""
        if self._taken > self._most and has_long_cell(cells, self._most):
            raise RecordTooLong
