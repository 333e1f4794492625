"""Keep the prices of the installed genai-prices library as a dated sheet of the product."""

import gzip
from argparse import ArgumentParser
from collections.abc import Mapping
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

from projects.common.commands import InputRefused, JsonCommand
from projects.prices.genai import read_sheet, write_sheet
from projects.prices.shipped import FOLDER


class Command(JsonCommand):
    """Write one sheet file; a day that has a sheet already is refused, because sheets are never edited."""

    help = "Write the library's prices as the price sheet of a day."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Accept the day and the folder."""
        super().add_arguments(parser)
        parser.add_argument("--on", type=date.fromisoformat, required=True, help="the day they were taken")
        parser.add_argument("--folder", default=str(FOLDER), help="where sheets are kept")

    def answer(self, **options: Any) -> Mapping[str, Any]:
        """Return the file with its source, entries and checksum. Raise InputRefused if the day has a sheet."""
        from genai_prices.data import providers  # 1.6 MB of prices, needed here only

        path = Path(options["folder"]) / f"genai-prices-{options['on']}.json.gz"
        if path.exists():
            raise InputRefused("sheet_exists", f"{path.name} is there already, and a sheet is never edited.")
        document = write_sheet(f"genai-prices {version('genai-prices')}", options["on"], providers)
        sheet = read_sheet(document)
        path.write_bytes(gzip.compress(document, 9, mtime=0))
        return {"file": path.name, "source": sheet.source, "entries": sheet.entries, "sha256": sheet.sha256}
