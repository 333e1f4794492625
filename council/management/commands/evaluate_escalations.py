"""Evaluate the rules of escalation at the end of a day."""

from argparse import ArgumentParser
from collections.abc import Mapping
from datetime import date
from typing import Any

from council.escalations.sweeps import as_json, sweep
from projects.common.clock import now
from projects.common.commands import InputRefused, JsonCommand


class Command(JsonCommand):
    """Today is written; a past day is only told, unless ``--write`` asks for more."""

    help = "Evaluate the rules of escalation at the end of a day; a past day writes only with --write."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Accept a day and whether to write it."""
        super().add_arguments(parser)
        parser.add_argument("--on", default="", help="the day, as YYYY-MM-DD; default today")
        parser.add_argument("--write", action="store_true", help="write a past day's escalations, too")

    def answer(self, **options: Any) -> Mapping[str, Any]:
        """Sweep every initiative. Raise InputRefused for a day that is none or has not come."""
        at = now()
        on = _day(options["on"], at.date())
        return as_json(sweep(on=on, at=at, write=options["write"] or on == at.date()))


def _day(text: str, today: date) -> date:
    if not text:
        return today
    try:
        on = date.fromisoformat(text)
    except ValueError as wrong:
        raise InputRefused("not_a_day", f"--on takes a day as YYYY-MM-DD, not {text}.") from wrong
    if on > today:
        raise InputRefused("day_in_future", f"{on.isoformat()} has not ended; today is {today.isoformat()}.")
    return on
