"""Load the price sheets that come with the product, and a first catalogue of models if asked."""

from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from projects.common.clock import now
from projects.common.commands import JsonCommand
from projects.prices.services import load_catalogue, load_shipped_sheets
from projects.prices.shipped import shipped_catalogue


class Command(JsonCommand):
    """Say which sheets are loaded and how many models were entered; running it again changes nothing."""

    help = "Load the shipped price sheets; with --catalogue also a first catalogue of models."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Accept whether to enter the catalogue."""
        super().add_arguments(parser)
        parser.add_argument(
            "--catalogue", action="store_true", help="enter the models of fixtures/prices/catalogue.json"
        )

    def answer(self, **options: Any) -> Mapping[str, Any]:
        """Return the loaded sheets and the number of models entered."""
        at = now()
        sheets = load_shipped_sheets(at=at)
        rows = shipped_catalogue() if options["catalogue"] else []
        return {
            "sheets": [{"taken_on": one.taken_on, "source": one.source, "entries": one.entries} for one in sheets],
            "models_entered": len(load_catalogue(rows=rows, at=at)),
        }
