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

    help = "Import a cost file of a source; the same file again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Accept the file, its source and a mapping."""
        super().add_arguments(parser)
        parser.add_argument("file", help="CSV, CSV.gz, Parquet, JSON or JSON lines")
        parser.add_argument("--source", required=True, help="who delivers it; made on the first import")
        parser.add_argument("--mapping", help="a TOML or JSON file that names columns, values and ways of writing")

    def answer(self, **options: Any) -> Mapping[str, Any]:
        """Return what was imported. Raise InputRefused with the reason and the rows."""
        path = Path(options["file"])
        if not path.is_file():
            raise InputRefused("file_unreadable", f"{path} is not a file that can be read.")
        file = CostFile(path, path.name, options["source"], _mapping(options["mapping"]), same_content_confirmed=True)
        try:
            imported = import_costs(file=file, by=import_service(), at=now())
        except ImportRefused as refused:
            rows = [BadRow(row.line, row.column or "", row.value or "", row.reason) for row in refused.rows]
            raise InputRefused(refused.code, str(refused), rows) from refused
        except Refused as refused:
            raise InputRefused(refused.blockers[0].code, str(refused)) from refused
        except OSError as failed:
            raise InputRefused("file_unreadable", f"{path} cannot be read: {failed.strerror}.") from failed
        return _answer(imported)


def _mapping(path: str | None) -> ColumnMapping:
    if path is None:
        return NO_MAPPING
    if not Path(path).is_file():
        raise InputRefused("file_unreadable", f"{path} is not a file that can be read.")
    try:
        return load_mapping(Path(path))
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
        "notes": imported.notes,
    }
