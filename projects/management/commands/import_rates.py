"""Bring monthly rates of exchange in from the command line, as the import service."""

from argparse import ArgumentParser
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from projects.common.clock import now
from projects.common.commands import BadRow, InputRefused, JsonCommand, read_input
from projects.people.services import import_service
from projects.rates.services import RatesRefused, import_rates


class Command(JsonCommand):
    """Take one table whole, or refuse it whole with the lines at fault."""

    help = "Bring in a table of monthly rates of exchange; the same table again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Accept the table and what its source is called."""
        super().add_arguments(parser)
        parser.add_argument(
            "file", help="CSV with Date, Country, Exchange rate, or month, currency, dollars_per_unit, in UTF-8"
        )
        parser.add_argument("--source", default="", help="who says so; default the file's name")

    def answer(self, **options: Any) -> Mapping[str, Any]:
        """Return what became of the table. Raise InputRefused with the reason and the lines."""
        path = options["file"]
        try:
            taken = import_rates(
                content=read_input(path), source=options["source"] or Path(path).name, by=import_service(), at=now()
            )
        except RatesRefused as refused:
            rows = [BadRow(bad.line, bad.column, bad.value, bad.reason) for bad in refused.lines]
            raise InputRefused(refused.code, str(refused), rows) from refused
        return {**asdict(taken), "months": [f"{month:%Y-%m}" for month in taken.months]}
