"""Status words, sums over lines, and the sentence that opens the page. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from projects.common.marks.bullets import Budget

STATUS_ORDER = ("escalated", "warning", "no_data", "on_track", "winding_down", "no_spend")
ALERTS = {
    "over_budget": "Budget",
    "missed_milestones": "Milestones",
    "quality_failed": "Quality gate",
    "unfunded_spend": "Unfunded",
    "sunset": "Sunset",
}


@dataclass(frozen=True)
class Line:
    """One initiative of the portfolio on a day, in its own currency."""

    pk: int
    key: str
    name: str
    owner: str
    team: str
    stage: str
    stage_name: str
    status: str
    alert: str
    budget: Budget
    committed: Decimal
    value: Decimal | None
    months: tuple[Decimal, ...] = ()
    next_name: str = ""
    next_on: date | None = None
    is_late: bool = False
    plus: str = ""

    @property
    def url(self) -> str:
        """Return the address of the initiative's page."""
        return f"/initiatives/{self.key}/"

    @property
    def value_per_unit(self) -> Decimal | None:
        """Return verified value per unit spent, or None where either side is missing."""
        return None if self.value is None or self.budget.spent <= 0 else self.value / self.budget.spent

    @property
    def variance(self) -> Decimal:
        """Return spent over approved less one; minus one where nothing is approved, so that it sorts last."""
        return self.budget.ratio - 1 if self.budget.approved > 0 else Decimal(-1)


def status_of(*, hard: bool, soft_rules: frozenset[str], stage: str, spent: Decimal | bool) -> str:
    """Return the derived status: escalated > warning > no data > winding down > no spend > on track."""
    if hard:
        return "escalated"
    if soft_rules - {"no_data"}:
        return "warning"
    if "no_data" in soft_rules:
        return "no_data"
    if stage == "sunset":
        return "winding_down"
    return "on_track" if spent else "no_spend"


@dataclass(frozen=True)
class Totals:
    """Sums over the lines of one currency; value per unit is unknown where nothing is spent.

    `without_rate` names what was spent in other currencies and no rate converts: it is in none of the sums.
    """

    currency: str
    approved: Decimal
    committed: Decimal
    spent: Decimal
    forecast: Decimal
    unforecast: tuple[str, ...]
    value: Decimal
    without_rate: tuple[str, ...] = ()

    @property
    def value_per_unit(self) -> Decimal | None:
        """Return verified value per unit spent."""
        return None if self.spent <= 0 else self.value / self.spent


def totals(lines: Sequence[Line]) -> list[Totals]:
    """Add lines up by currency, the largest approval first; currencies are never added to each other."""
    by_currency: dict[str, list[Line]] = {}
    for line in lines:
        by_currency.setdefault(line.budget.currency, []).append(line)
    rows = [
        Totals(
            currency=currency,
            approved=sum((line.budget.approved for line in rows), Decimal(0)),
            committed=sum((line.committed for line in rows), Decimal(0)),
            spent=sum((line.budget.spent for line in rows), Decimal(0)),
            forecast=sum((line.budget.forecast or Decimal(0) for line in rows), Decimal(0)),
            unforecast=tuple(line.key for line in rows if line.budget.forecast is None and line.budget.spent > 0),
            value=sum((line.value or Decimal(0) for line in rows), Decimal(0)),
            without_rate=tuple(f"{line.key} {line.plus}" for line in rows if line.plus),
        )
        for currency, rows in by_currency.items()
    ]
    return sorted(rows, key=lambda row: -row.approved)


PAGE = 50
CARDS = 20


def turned(lines: Sequence[Line], after: str) -> tuple[list[Line], str | None, str | None]:
    """Return the page of rows after a key, and the keys that turn back and ahead; None where there is no such page.

    An empty key is the first page, and so is a key that the rows do not hold any more.
    """
    keys = [line.key for line in lines]
    start = keys.index(after) + 1 if after in keys else 0
    page = list(lines[start : start + PAGE])
    back = None if start == 0 else "" if start <= PAGE else keys[start - PAGE - 1]
    return page, back, page[-1].key if start + PAGE < len(lines) else None


def board(lines: Sequence[Line], stages: Sequence[tuple[str, str]]) -> list[tuple[str, str, list[Line]]]:
    """Return the lanes in stage order; inside a lane trouble first, then the larger approval."""
    lanes = []
    for code, name in stages:
        lane = [line for line in lines if line.stage == code]
        lane.sort(key=lambda line: (STATUS_ORDER.index(line.status), -line.budget.approved, line.key))
        lanes.append((code, name, lane))
    return lanes
