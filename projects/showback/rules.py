"""Unit figures of a statement, each with both sides or with the reason why there is none, and when to charge back."""

from dataclasses import dataclass
from decimal import Decimal

from projects.common.outcomes import Blocker


@dataclass(frozen=True)
class UnitFigure:
    """A division with both its sides; `amount` is None where `reason` says why."""

    label: str
    amount: Decimal | None
    sides: str
    reason: str = ""


def per_unit(label: str, cost: Decimal, count: int | None, unit: str, unknown: str) -> UnitFigure:
    """Divide a cost by a count of things; without any the figure does not exist, and says so."""
    if count is None:
        return UnitFigure(label, None, "", unknown)
    if count <= 0:
        return UnitFigure(label, None, "", f"no {unit} in the month")
    return UnitFigure(label, cost / count, f"{cost:,.2f} ÷ {count:,} {unit}")


def estimate(label: str, amount: Decimal | None, sides: str, unknown: str) -> UnitFigure:
    """Tell an estimate, or why there is none."""
    return UnitFigure(label, amount, sides) if amount is not None else UnitFigure(label, None, "", unknown)


def chargeback_blockers(
    *, month: str, currency: str, claimed: Decimal, total: Decimal, percent: Decimal
) -> list[Blocker]:
    """Say why a month may not be charged back: nothing was spent, or too much of it has no owner."""
    if total <= 0:
        return [Blocker("nothing_to_charge", f"No spend on AI in {currency} stands in {month}.")]
    if claimed * 100 >= total * percent:
        return []
    missing = total * percent / 100 - claimed
    return [
        Blocker(
            "coverage_too_low",
            f"{claimed / total * 100:.1f}% of the {currency} {total:,.2f} spent on AI in {month} has an owner; the policy "
            f"charges back from {percent.normalize():f}%. Claim {currency} {missing:,.2f} more, then charge back.",
        )
    ]
