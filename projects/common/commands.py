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
from django.db import ProgrammingError
from psycopg.errors import UndefinedColumn, UndefinedTable

REFUSED, FAILED = 2, 1


@dataclass(frozen=True)
class BadRow:
    """One place in the input that is refused, and why."""

    line: int | None
    column: str
    value: str
    reason: str


class InputRefused(Exception):
    """Input that a command does not accept: a stable code, a sentence, the rows at fault, and figures where there are some."""

    def __init__(
        self, code: str, message: str, rows: Sequence[BadRow] = (), details: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.rows = list(rows)
        self.details = dict(details or {})


class JsonCommand(BaseCommand):
    """A command whose answer is one object: as JSON with ``--json``, else as lines. Refused input exits with 2."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Accept ``--json``."""
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def answer(self, **options: Any) -> Mapping[str, Any]:
        """Do the work and return the answer. Raise InputRefused for input that is not accepted."""
        raise NotImplementedError

    has_answered = False

    def run_from_argv(self, argv: list[str]) -> None:
        """Run from the command line; one that cannot be understood is answered with an object too, if one was asked for."""
        try:
            super().run_from_argv(argv)
        except SystemExit as ended:
            if ended.code == REFUSED and not self.has_answered and "--json" in argv:
                self._print(_error("usage", f"The command line cannot be understood; see {argv[1]} --help."), True)
            raise

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the answer, or the refusal."""
        as_json = bool(options["json"])
        try:
            answer = self.answer(**options)
        except InputRefused as refused:
            self._print(_error(refused.code, str(refused), refused.rows, refused.details), as_json)
            raise SystemExit(REFUSED) from refused
        except UnicodeEncodeError as broken:
            self._print(_error("not_text", "An argument holds bytes that are no text. Write it in UTF-8."), as_json)
            raise SystemExit(REFUSED) from broken
        except ProgrammingError as unready:
            if not isinstance(unready.__cause__, UndefinedColumn | UndefinedTable):
                raise
            message = "The database is not of this version. Run python manage.py migrate, then this command again."
            self._print(_error("database_not_prepared", message), as_json)
            raise SystemExit(FAILED) from unready
        self._print(answer, as_json)

    def _print(self, answer: Mapping[str, Any], as_json: bool) -> None:
        self.has_answered = True
        if as_json:
            in_ascii = (getattr(self.stdout, "encoding", None) or "utf-8").lower() not in ("utf-8", "utf8")
            self._say(json.dumps(answer, default=plain, ensure_ascii=in_ascii))
            return
        for name, value in answer.items():
            self._say(f"{name}: {_line(value)}")

    def _say(self, line: str) -> None:
        """Write a line; what no encoding can spell, as in a file name of loose bytes, is spelled out."""
        self.stdout.write(line.encode("utf-8", "backslashreplace").decode("utf-8"))


def _error(
    code: str, message: str, rows: Sequence[BadRow] = (), details: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "rows": [asdict(row) for row in rows], **(details or {})}}


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
