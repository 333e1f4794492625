"""The sandbox lane: how far a team's Concepts are from the cap, and what keeps one out of the lane."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Lane:
    """A Concept without money of its own; ``spent`` is what its team's Concepts cost together in 30 days."""

    spent: Decimal
    cap: Decimal
    ask_percent: Decimal
    days: int
    longest_days: int
    currency: str
    barred: tuple[str, ...] = ()

    @property
    def percent(self) -> Decimal | None:
        """Return how much of the cap is used, or None where the cap is zero."""
        return self.spent * 100 / self.cap if self.cap > 0 else None

    @property
    def is_over(self) -> bool:
        """Say whether the cost is strictly above the cap: from there it is unfunded spend, which escalates."""
        return self.spent > self.cap

    @property
    def asks(self) -> bool:
        """Say whether the owner is asked for a gate request: at the share of the cap, or when the days are over."""
        return self.spent * 100 >= self.cap * self.ask_percent or self.days > self.longest_days

    @property
    def is_open(self) -> bool:
        """Say whether the work goes on without council review."""
        return not self.barred and not self.is_over and self.days <= self.longest_days

    @property
    def width(self) -> int:
        """Return the length of the meter in whole percent of its box, the cap at its end."""
        return 100 if self.percent is None else min(100, int(self.percent))


def bars(*, risk_tier: str, customer_facing: bool, data_classification: str) -> tuple[str, ...]:
    """Name what keeps a Concept out of the lane, whatever it costs."""
    found = {
        "its risk tier is high": risk_tier == "high",
        "customers use it": customer_facing,
        "it handles restricted data": data_classification == "restricted",
    }
    return tuple(words for words, holds in found.items() if holds)
