"""Keep what a person chose to leave out of a delivery: every refused row with its reasons, and its money."""

from collections.abc import Sequence
from typing import Any

from projects.sources.models import Delivery, RefusedRow
from projects.sources.readers.interface import RowProblem, Totals, UnreadableFile
from projects.sources.readers.reading import BatchReader
from projects.spend.rules import exact_text

MOST_REFUSALS = 100_000
SHOWN_REFUSALS = 1_000


def require_few(reader: BatchReader) -> None:
    """Raise UnreadableFile where more is wrong with a file than can be kept with its reasons."""
    if len(reader.problems) >= MOST_REFUSALS:
        raise UnreadableFile(
            "too_many_bad_rows",
            f"{reader.totals.refused_rows:,} of {reader.totals.rows:,} rows cannot be read, more than can be kept with "
            "their reasons, so nothing was imported. Correct the export.",
            tuple(reader.problems[:SHOWN_REFUSALS]),
            reader.totals,
        )


def keep_refused(delivery: Delivery, problems: Sequence[RowProblem]) -> None:
    """Keep what was wrong, in the order of the file. Called only inside an import's transaction."""
    RefusedRow.objects.bulk_create(
        [
            RefusedRow(
                delivery=delivery,
                line=problem.line,
                column=_storable(problem.column),
                value=_storable(problem.value),
                reason=problem.reason,
            )
            for problem in problems
        ],
        batch_size=1_000,
    )


def _storable(text: str | None) -> str:
    return (text or "").replace("\0", "\N{REPLACEMENT CHARACTER}")


def refused_totals(totals: Totals) -> dict[str, dict[str, Any]]:
    """Return rows and exact sums of what was refused, by currency; "" stands for rows without a readable one."""
    return {
        currency: {
            "rows": sums.rows,
            "unreadable": sums.unreadable,
            "billed_cost": exact_text(sums.billed_cost),
            "effective_cost": exact_text(sums.effective_cost),
        }
        for currency, sums in totals.refused.items()
        if sums.rows
    }
