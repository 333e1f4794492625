"""Make the rollups of spend anew."""

from collections.abc import Mapping
from typing import Any

from projects.common.commands import JsonCommand
from projects.spend.verification import rebuild_rollups


class Command(JsonCommand):
    """Add up the facts of current deliveries by day and by month again."""

    help = "Make day and month rollups anew from the facts of current deliveries."

    def answer(self, **options: Any) -> Mapping[str, Any]:
        """Return the number of day rows."""
        return {"days": rebuild_rollups()}
