"""Import a cost file from the command line, as the import service."""

from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from projects.common.clock import now
from projects.common.commands import BadRow, InputRefused, JsonCommand
from projects.common.outcomes import Refused
from projects.people.services import import_service
from projects.sources.readers.interface import NO_MAPPING, ColumnMapping, UnreadableFile
from projects.sources.readers.mapping import load_mapping
from projects.spend.services import CostFile, Imported, ImportRefused, import_costs


class Command(JsonCommand):
    """Take one file whole, or refuse it whole with the rows at fault."""

    help = (
        "Import a cost file of a source; the same file again changes nothing. What another source delivered already is "
        "refused until it is confirmed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Accept the file, its source and a mapping."""
        super().add_arguments(parser)
        parser.add_argument("file", help="CSV, JSON or JSON lines, as it is, gzipped or alone in a zip, or Parquet")
        parser.add_argument("--source", required=True, help="who delivers it; made on the first import")
        parser.add_argument(
            "--good-rows",
            action="store_true",
            help="load the rows that can be read, keep the others with their reasons",
        )
        parser.add_argument("--mapping", help="a TOML or JSON file that names columns, values and ways of writing")

        parser.add_argument(
            "--confirm-same-content",
            action="store_true",
            help="import it although another source delivered the same content",
        )

    def answer(self, **options: Any) -> Mapping[str, Any]:
        """Return what was imported. Raise InputRefused with the reason and the rows."""
        path = _file(options["file"])
        name = path.name.encode("utf-8", "replace").decode("utf-8")
        confirmed = bool(options["confirm_same_content"])
        file = CostFile(path, name, options["source"], _mapping(options["mapping"]), confirmed, options["good_rows"])
        try:
            imported = import_costs(file=file, by=import_service(), at=now())
        except ImportRefused as refused:
            rows = [BadRow(row.line, row.column or "", row.value or "", row.reason) for row in refused.rows]
            raise InputRefused(refused.code, str(refused), rows) from refused
        except Refused as refused:
            raise InputRefused(refused.blockers[0].code, str(refused), details=refused.details) from refused
        except OSError as failed:
            raise InputRefused("file_unreadable", f"{path} cannot be read: {failed.strerror}.") from failed
        return _answer(imported)


def _file(path: str) -> Path:
    try:
        if Path(path).is_file():
            return Path(path)
    except OSError:  # a name that no file can have
        pass
    raise InputRefused("file_unreadable", f"{path[:300]} is not a file that can be read.")


def _mapping(path: str | None) -> ColumnMapping:
    if path is None:
        return NO_MAPPING
    try:
        return load_mapping(_file(path))
    except UnreadableFile as bad:
        raise InputRefused(bad.code, bad.message) from bad


def _answer(imported: Imported) -> Mapping[str, Any]:
    delivery = imported.delivery
    return {
        "delivery": delivery.key,
        "kind": delivery.kind,
        "version": delivery.version or None,
        "rows": delivery.rows,
        "accepted": delivery.accepted,
        "refused": delivery.refused,
        "unchanged": imported.unchanged,
        "totals": delivery.totals,
        "refused_totals": delivery.refused_totals,
        "notes": imported.notes,
    }
