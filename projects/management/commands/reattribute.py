"""Give history out again by the attribution rules in force."""

from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from projects.common.clock import now
from projects.common.commands import JsonCommand
from projects.people.services import import_service
from projects.spend.reattribution import preview_reattribution, reattribute


class Command(JsonCommand):
    """Say what moves between initiatives and purposes, in rows and money, and move it unless it is a dry run."""

    help = "Attribute the charges of current deliveries again by the rules in force."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Accept a dry run."""
        super().add_arguments(parser)
        parser.add_argument("--dry-run", action="store_true", help="only say what would move")

    def answer(self, **options: Any) -> Mapping[str, Any]:
        """Return what moves, from and to which initiative, and what of a log an earlier rule takes; null is nobody."""
        by = import_service()
        moved = preview_reattribution(by=by) if options["dry_run"] else reattribute(by=by, at=now(), tells_of_logs=True)
        return {
            "dry_run": options["dry_run"],
            "rows": moved.rows,
            "moves": moved.moves,
            "initiatives": moved.initiatives,
            "closed_rows": moved.closed_rows,
            "purposes": moved.purposes,
            "taken_before": moved.taken_before,
            "unmatched": moved.unmatched,
        }
