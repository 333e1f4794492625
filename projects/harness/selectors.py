"""What the page of harness lines shows."""

from dataclasses import dataclass
from decimal import Decimal

from projects.estimates.rules import LINES
from projects.harness.models import HarnessLine, LineState
from projects.initiatives.models import Initiative
from projects.spend.asking import LAYER_NAMES


@dataclass(frozen=True)
class LineRow:
    """One line with the cost layer of its kind, the tranche that funds it, and whether it was taken back or somebody wants it to be."""

    line: HarnessLine
    layer: str
    is_taken_back: bool
    funded_by: int | None
    waits_to_be_taken_back: bool

    @property
    def counts(self) -> bool:
        """Say whether it stands and counts."""
        return bool(self.line.state == LineState.CONFIRMED)

    @property
    def may_be_taken_back(self) -> bool:
        """Say whether a line that takes it back is possible."""
        taken = self.is_taken_back or self.waits_to_be_taken_back
        return self.counts and self.line.takes_back_id is None and not taken


def harness_rows(initiative: Initiative) -> list[LineRow]:
    """Return the lines of an initiative, the newest month first, each with the tranche that pays for it; two queries."""
    rows = list(
        initiative.harness_lines.select_related("proposed_by", "decided_by", "takes_back").order_by("-month", "-pk")
    )
    paying = initiative.tranches.filter(funds_harness=True, released_at__isnull=False)
    funding = list(paying.values_list("number", "starts_on", "ends_on"))
    backs = {row.takes_back_id: row.state for row in rows if row.takes_back_id and row.state != LineState.DECLINED}
    return [
        LineRow(
            row,
            LAYER_NAMES[LINES[row.kind][1]],
            funded_by=next((number for number, first, end in funding if first <= row.month < end), None),
            is_taken_back=backs.get(row.pk) == LineState.CONFIRMED,
            waits_to_be_taken_back=backs.get(row.pk) == LineState.PROPOSED,
        )
        for row in rows
    ]


def harness_total(rows: list[LineRow]) -> Decimal:
    """Return what the lines that count add up to; all are in the initiative's currency."""
    return sum((row.line.amount for row in rows if row.counts), Decimal(0))
