"""Add up what current deliveries say, exactly."""

from argparse import ArgumentParser
from collections.abc import Mapping
from datetime import date
from typing import Any

from projects.common.commands import InputRefused, JsonCommand
from projects.sources.models import Source
from projects.spend.totals import GROUPS, TAG, UnknownGroup, Wanted, cost_totals


class Command(JsonCommand):
    """Totals by currency, and by group where one is named.

    Only sources that are bills count, unless a source that details them is named: then its own deliveries are added up.
    """

    help = "Add up the costs of current deliveries."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Accept source, group and days."""
        super().add_arguments(parser)
        parser.add_argument("--source", help="one source by name")
        parser.add_argument("--by", help=f"{', '.join(GROUPS)} or {TAG}KEY")
        parser.add_argument("--from", dest="since", help="first UTC charge day")
        parser.add_argument("--to", dest="until", help="first UTC charge day left out")

    def answer(self, **options: Any) -> Mapping[str, Any]:
        """Return the totals. Raise InputRefused for an unknown source or group or a day that is none."""
        source = options["source"]
        if source is not None and not Source.objects.filter(name=source).exists():
            raise InputRefused("unknown_source", f"There is no source named {source}.")
        wanted = Wanted(source, options["by"], _day(options["since"]), _day(options["until"]))
        try:
            return cost_totals(wanted)
        except UnknownGroup as unknown:
            raise InputRefused("unknown_group", str(unknown)) from unknown


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as wrong:
        raise InputRefused("bad_date", f"{text} is not a day. Write it as 2026-01-31.") from wrong
