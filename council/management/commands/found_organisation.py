"""Found the organisation from the command line, by who holds the machine."""

from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from council.seats.founding import FoundedAlready, Founder, FoundingRefused, found_organisation
from projects.common.clock import now
from projects.common.commands import InputRefused, JsonCommand


class Command(JsonCommand):
    """Only in an empty database; each password is printed once and kept nowhere."""

    help = "Found the organisation with its first administrators in an empty database, and print their first passwords."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Accept the organisation and its administrators."""
        super().add_arguments(parser)
        parser.add_argument("name", help="the organisation's name")
        parser.add_argument("--currency", required=True, help="in which policy amounts are, such as EUR")
        parser.add_argument(
            "--time-zone", default="UTC", help="in which days begin, such as Europe/Berlin; default UTC"
        )
        parser.add_argument(
            "--administrator",
            nargs=3,
            action="append",
            required=True,
            metavar=("LOGIN", "NAME", "EMAIL"),
            help="give it twice or more: what one administrator grants, another confirms",
        )

    def answer(self, **options: Any) -> Mapping[str, Any]:
        """Return the organisation and the first passwords by login. Raise InputRefused with the reasons."""
        try:
            passwords = found_organisation(
                name=options["name"],
                currency=options["currency"],
                time_zone=options["time_zone"],
                administrators=[Founder(*told) for told in options["administrator"]],
                at=now(),
            )
        except (FoundedAlready, FoundingRefused) as refused:
            raise InputRefused(refused.code, str(refused)) from refused
        return {"organisation": options["name"].strip(), "passwords": passwords}
