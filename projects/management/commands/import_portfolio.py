"""Import initiatives from somebody else's spreadsheet and answer for every row."""

from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from projects.common.clock import now
from projects.common.commands import BadRow, InputRefused, JsonCommand, read_input
from projects.common.outcomes import Refused
from projects.intake.import_mapping import load_mapping
from projects.intake.selectors import person_called, signers
from projects.intake.services import Delivered, Order, import_portfolio, preview_portfolio
from projects.intake.spreadsheets.refusals import FileRefused
from projects.people.models import User


class Command(JsonCommand):
    """Answer rows, accepted, merged, refused, by_stage and every refusal; fixtures/portfolio/README.md explains them."""

    help = "Import initiatives, and their milestones, from CSV, CSV.gz or XLSX. The same file again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Accept the files, the mapping and the people."""
        super().add_arguments(parser)
        parser.add_argument("file", help="CSV, CSV.gz or XLSX; one row an initiative")
        parser.add_argument("--mapping", help="TOML; what it leaves out is proposed from the header")
        parser.add_argument("--milestones", help="CSV, CSV.gz or XLSX; one row a milestone of these initiatives")
        parser.add_argument("--by", help="user who imports; default the first who may")
        parser.add_argument("--second", help="user who signs the opening decision too; default the first who may")
        parser.add_argument("--owner", help="user who owns the initiatives whose rows name nobody")
        parser.add_argument("--unsigned", action="store_true", help="sign no opening decision: all begin in Concept")
        parser.add_argument("--preview", action="store_true", help="say what would happen and write nothing")

    def answer(self, **options: Any) -> Mapping[str, Any]:
        """Return the report. Raise InputRefused for a file, mapping or person that is not accepted."""
        try:
            order = self._order(options)
            if options["preview"]:
                return preview_portfolio(order=order, at=now()).as_dict()
            by, second = self._people(options)
            report = import_portfolio(order=order, by=by, second=second, at=now())
        except FileRefused as refused:
            rows = [BadRow(row.line, row.column, row.value, row.reason) for row in refused.rows]
            raise InputRefused(refused.code, refused.message, rows) from refused
        except Refused as refused:
            raise InputRefused(refused.code, str(refused)) from refused
        return report.as_dict()

    def _order(self, options: Mapping[str, Any]) -> Order:
        mapping = load_mapping(read_input(options["mapping"])) if options["mapping"] else {}
        return Order(
            file=_delivered(options["file"]),
            mapping=mapping,
            milestones=_delivered(options["milestones"]) if options["milestones"] else None,
            owner=_person(options["owner"]),
        )

    def _people(self, options: Mapping[str, Any]) -> tuple[User | None, User | None]:
        first, second = signers(_person(options["by"]))
        if options["unsigned"]:
            return first, None
        return first, _person(options["second"]) or second


def _delivered(path: str) -> Delivered:
    return Delivered(Path(path).name, read_input(path))


def _person(name: str | None) -> User | None:
    if not name:
        return None
    if (person := person_called(name)) is None:
        raise InputRefused("person_unknown", f'There is no active user "{name}", or there are several.')
    return person
