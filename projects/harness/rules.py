"""What a harness line must be, and how much of the full cost the bills show."""

from datetime import date
from decimal import Decimal

from projects.common.money import is_decided_amount
from projects.common.outcomes import Blocker


def line_blockers(*, month: date, amount: Decimal, currency: str, note: str, on: date) -> list[Blocker]:
    """Say what keeps a line from being entered on a day: its amount, its month or its note."""
    blockers = []
    if not amount.is_finite() or amount <= 0:
        blockers.append(
            Blocker(
                "amount_not_positive", "A line costs more than zero. To correct one, take it back and enter it anew."
            )
        )
    elif not is_decided_amount(amount, currency):
        blockers.append(Blocker("amount_too_fine", f"{amount} is finer than {currency} has coins."))
    if month > on.replace(day=1):
        blockers.append(Blocker("month_not_begun", f"{month:%B %Y} has not begun. Enter what has been worked."))
    if not note.strip():
        blockers.append(Blocker("note_missing", "Say what the line pays for, and how the figure was found."))
    return blockers


def bill_share(model_usage: Decimal, full_cost: Decimal) -> Decimal | None:
    """Return model usage ÷ full cost, the share that the visible bill shows; None where there is no cost."""
    return None if full_cost <= 0 else model_usage / full_cost
