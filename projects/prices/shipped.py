"""The price sheets and the catalogue that come with the product: snapshots of public prices, one file a day on which they were taken."""

import json
from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path

from projects.prices.genai import read_sheet
from projects.prices.sheets import Sheet

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "prices"
PATTERN = "genai-prices-*.json.gz"


@cache
def shipped_documents() -> tuple[tuple[Sheet, bytes], ...]:
    """Return the sheets of the product with their documents, oldest first; read once a process."""
    contents = [path.read_bytes() for path in FOLDER.glob(PATTERN)]
    return tuple(sorted(((read_sheet(one), one) for one in contents), key=lambda pair: pair[0].taken_on))


def shipped_sheets() -> list[Sheet]:
    """Return the sheets of the product, oldest first."""
    return [sheet for sheet, _ in shipped_documents()]


def shipped_catalogue() -> list[dict[str, str]]:
    """Return the models of the product's first catalogue as rows of text."""
    rows: list[dict[str, str]] = json.loads((FOLDER / "catalogue.json").read_text(encoding="utf-8"))
    return rows


def in_order_of_force(sheets: Sequence[Sheet], on: date) -> list[Sheet]:
    """Order sheets by what they know of a day: the last one taken by then, later ones, then earlier ones backwards."""
    known = sorted((one for one in sheets if one.taken_on <= on), key=lambda one: one.taken_on, reverse=True)
    later = sorted((one for one in sheets if one.taken_on > on), key=lambda one: one.taken_on)
    return [*known[:1], *later, *known[1:]]
