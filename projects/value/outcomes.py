"""What one outcome cost in a month: full cost without credits over the proven count of outcomes, the unit named.

A count is proven where it was imported or verified and covers the whole month. Where nothing can be divided, a proven reading
of the cost itself for that month stands, told as read. What is not known has its reason, never a zero.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from projects.initiatives.models import Initiative, InitiativeQuerySet
from projects.spend.converting import Tally
from projects.spend.models import SpendDay
from projects.spend.selectors import converted
from projects.value.economics import Division, Side, last_full_month
from projects.value.models import KpiReading, Measures
from projects.value.selectors import CardReadings, cards_of

Period = tuple[date, date]
UPPER = "full cost without credits"


@dataclass(frozen=True)
class OutcomeCost:
    """What one outcome of an initiative cost in a month, and in what outcomes are counted."""

    initiative: Initiative
    division: Division
    reading: KpiReading | None = None
    read_in: str = ""

    @property
    def is_known(self) -> bool:
        """Say whether it was divided, or read."""
        return self.division.result is not None or self.reading is not None

    @property
    def unit(self) -> str:
        """Return what is counted; empty where no measure counts outcomes."""
        return self.division.lower.name if self.division.lower.name != "outcomes" else ""


@dataclass(frozen=True)
class OutcomeCosts:
    """The last full month with cost data, and every initiative that cost anything in it, the dearest first."""

    month: Period
    rows: list[OutcomeCost]

    @property
    def known(self) -> int:
        """Count the initiatives of which it is known."""
        return sum(row.is_known for row in self.rows)


def outcome_costs(initiatives: InitiativeQuerySet, *, seen_to: date) -> OutcomeCosts:
    """Return what one outcome cost, initiative by initiative, in the last month with all its cost; four queries."""
    month = last_full_month(seen_to)
    costs = _costs(month)
    found = list(initiatives.filter(pk__in=costs))
    found.sort(key=lambda one: (-costs[one.pk].amount, one.key))
    cards = cards_of([one.pk for one in found], month[1])
    return OutcomeCosts(month, [_of(one, costs.get(one.pk), cards.get(one.pk, []), month) for one in found])


def cost_per_outcome(cost: Tally | None, cards: Sequence[CardReadings], month: Period) -> Division:
    """Return cost ÷ outcomes of a month, or the reason why there is none."""
    amount, unknown = _said(cost)
    return Division("Cost per outcome", Side(UPPER, amount, True, unknown), outcomes_of(cards, month))


def cost_of(initiative_id: int, month: Period) -> tuple[Decimal | None, str]:
    """Return what a month cost with harness lines and without credits, or why that is not known."""
    return _said(_costs(month, [initiative_id]).get(initiative_id))


def outcomes_of(cards: Sequence[CardReadings], month: Period) -> Side:
    """Return the proven count of outcomes of exactly a month."""
    found = card_that_measures(cards, Measures.OUTCOMES)
    if found is None:
        return Side("outcomes", None, unknown="no measure counts outcomes")
    inside = [row for row in found.proving if month[0] <= row.period_start and row.period_end <= month[1]]
    days = sum(((row.period_end - row.period_start).days for row in inside), 0)
    if days != (month[1] - month[0]).days:
        return Side(found.card.unit, None, unknown="no proven count of outcomes covers the whole month")
    return Side(found.card.unit, sum((row.value for row in inside), Decimal(0)))


def card_that_measures(cards: Sequence[CardReadings], measures: str) -> CardReadings | None:
    """Return the first card that rules read for something."""
    return next((row for row in cards if row.card.measures == measures), None)


def _of(initiative: Initiative, cost: Tally | None, cards: Sequence[CardReadings], month: Period) -> OutcomeCost:
    """Divide where both sides are known; else take what finance or a system says that one outcome cost in the month."""
    division = cost_per_outcome(cost, cards, month)
    read = card_that_measures(cards, Measures.UNIT_COST)
    if division.result is not None or read is None:
        return OutcomeCost(initiative, division)
    of_month = [row for row in read.proving if (row.period_start, row.period_end) == month]
    return OutcomeCost(initiative, division, of_month[-1] if of_month else None, read.card.unit)


def _costs(month: Period, initiative_ids: Collection[int] | None = None) -> Mapping[int, Tally]:
    rows = SpendDay.objects.filter(part__source__role="fact", charge_on__gte=month[0], charge_on__lt=month[1])
    if initiative_ids is None:
        rows = rows.filter(initiative__isnull=False)
    else:
        rows = rows.filter(initiative__in=initiative_ids)
    return converted(rows.exclude(group__charge_category="Credit"))


def _said(cost: Tally | None) -> tuple[Decimal | None, str]:
    if cost is None:
        return None, "no cost of the month is known"
    return (None, f"the month's cost is not known: {cost.plus}") if cost.missing else (cost.amount, "")
