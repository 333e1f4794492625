"""Opening tranches: the budget that a portfolio tells of each initiative, taken over by its opening decision."""

from collections.abc import Sequence
from datetime import date, timedelta

from projects.common.money import ZERO
from projects.funding.services import OpeningBudget
from projects.initiatives.models import Initiative, OpeningDecision
from projects.intake.import_spend_writes import EARLIEST, charged_on
from projects.intake.import_writes import Placed

ONE_DAY = timedelta(days=1)
WINDOW_WITHOUT_END = timedelta(days=365)


def budgets_to_open(
    placed: Sequence[Placed], initiatives: Sequence[Initiative], opening: OpeningDecision | None, *, on: date
) -> list[OpeningBudget]:
    """Return the budgets that two people signed for. One of zero or less gives nothing to release."""
    if opening is None:
        return []
    pairs = [(row, new) for row, new in zip(placed, initiatives, strict=True) if row.is_funded]
    return [budget for row, new in pairs if (budget := _budget(row, new, on)).can_stand]


def budgets_told(placed: Sequence[Placed], budgets: Sequence[OpeningBudget]) -> dict[str, int]:
    """Count the budgets that are taken over and those that stay beside their initiatives."""
    told = sum(row.record.budget is not None for row in placed)
    return {"taken_over": len(budgets), "beside": told - len(budgets)}


def window(placed: Placed, today: date) -> tuple[date, date]:
    """Return the days that a budget pays for, half-open: as the file names them, holding the day of its actual cost.

    Without an end it pays for a year from the import.
    """
    charged = charged_on(placed.record, today)
    start, end = placed.record.start_on, placed.record.end_on
    starts_on = min(start, charged) if start is not None and start >= EARLIEST else charged
    last = end if end is not None and end >= charged else charged if end is not None else today + WINDOW_WITHOUT_END
    return starts_on, last + ONE_DAY


def _budget(placed: Placed, initiative: Initiative, today: date) -> OpeningBudget:
    starts_on, ends_on = window(placed, today)
    return OpeningBudget(initiative, placed.record.budget or ZERO, starts_on, ends_on)
