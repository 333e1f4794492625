"""Commands that answer with one JSON object: what they found, or why they refuse the input."""

import json
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

REFUSED = 2


@dataclass(frozen=True)
class BadRow:
    """One place in the input that is refused, and why."""

    line: int | None
    column: str
    value: str
    reason: str


class InputRefused(Exception):
    """Input that a command does not accept: a stable code, a sentence, and the rows at fault."""

    def __init__(self, code: str, message: str, rows: Sequence[BadRow] = ()) -> None:
        super().__init__(message)
        self.code = code
        self.rows = list(rows)


class JsonCommand(BaseCommand):
    """A command whose answer is one object: as JSON with ``--json``, else as lines. Refused input exits with 2."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Accept ``--json``."""
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def answer(self, **options: Any) -> Mapping[str, Any]:
        """Do the work and return the answer. Raise InputRefused for input that is not accepted."""
        raise NotImplementedError

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the answer, or the refusal."""
        as_json = bool(options["json"])
        try:
            answer = self.answer(**options)
        except InputRefused as refused:
            rows = [asdict(row) for row in refused.rows]
            self._print({"error": {"code": refused.code, "message": str(refused), "rows": rows}}, as_json)
            raise SystemExit(REFUSED) from refused
        self._print(answer, as_json)

    def _print(self, answer: Mapping[str, Any], as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(answer, default=plain, ensure_ascii=False))
            return
        for name, value in answer.items():
            self.stdout.write(f"{name}: {_line(value)}")


def _line(value: Any) -> str:
    if isinstance(value, str | int):
        return str(value)
    return plain(value) if isinstance(value, Decimal | date) else json.dumps(value, default=plain, indent=1)


def plain(value: Any) -> str:
    """Write decimals without exponent and dates as ISO 8601. Raise TypeError for anything else."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")


def read_input(path: str) -> bytes:
    """Return the bytes of a file named on the command line. Raise InputRefused if it cannot be read."""
    try:
        return Path(path).read_bytes()
    except OSError as failed:
        raise InputRefused("file_unreadable", f"{path} cannot be read: {failed.strerror}.") from failed
