"""Compare rollups of spend with the facts they add up."""

from collections.abc import Mapping
from typing import Any

from projects.common.commands import BadRow, InputRefused, JsonCommand
from projects.spend.verification import rollup_differences


class Command(JsonCommand):
    """Answer that all is equal, or name the rows that differ and exit with 2."""

    help = "Compare day and month rollups with the facts of current deliveries."

    def answer(self, **options: Any) -> Mapping[str, Any]:
        """Return the number of differences, which is 0. Raise InputRefused with the rows where it is not."""
        differences = rollup_differences()
        if differences:
            rows = [BadRow(None, row["rollup"], str(row), f"{row['what']} in the rollup") for row in differences]
            raise InputRefused("rollups_differ", "Rollups differ from their facts. Run rebuild_rollups.", rows)
        return {"differences": 0}
