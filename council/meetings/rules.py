"""The order of an agenda. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

GROUPS = ("ratification", "escalation", "gate", "funding", "review", "condition", "sunset")
RISKS = ("low", "medium", "high")


@dataclass(frozen=True)
class Candidate:
    """What could come before a meeting: who, why, how much, how risky, and what waiting costs a day."""

    initiative_id: int
    kind: str
    title: str
    asked: Decimal | None
    currency: str
    risk: str
    waiting_days: int = 0
    team_cost_per_day: Decimal = Decimal(0)
    gate_request_id: int | None = None
    escalation_id: int | None = None
    has_waiver: bool = False
    item_id: int | None = None

    @property
    def idle_cost(self) -> Decimal:
        """Return days waiting times the team's cost a day."""
        return self.team_cost_per_day * self.waiting_days

    @property
    def is_contested(self) -> bool:
        """Say whether it may never stand in a consent block: high risk, a waiver or an escalation."""
        return self.risk == "high" or self.has_waiver or self.escalation_id is not None


def ordered(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return candidates group by group, each by money, then risk, then idle cost, the largest first."""
    return sorted(
        candidates,
        key=lambda c: (GROUPS.index(c.kind), -(c.asked or 0), -RISKS.index(c.risk), -c.idle_cost, c.title),
    )
