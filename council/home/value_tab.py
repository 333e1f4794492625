"""The value tab: measures on their way to the target, and claims with how far each is proved."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from council.home.heads import Head
from projects.checks.selectors import viability_of
from projects.common.formats import exact
from projects.common.marks.bullets import way_to_target
from projects.common.marks.lines import UnitCost, unit_cost_lines
from projects.common.marks.shapes import Drawing, Widths
from projects.common.months import month_starts
from projects.estimates.selectors import latest_estimate
from projects.people.models import User
from projects.quality.selectors import Slip, slips
from projects.value.headline import headline
from projects.value.models import ClaimState, KpiCard, KpiReading, Measures, ReadingSource, ValueClaim
from projects.value.selectors import CardReadings, cards_with_readings, frozen_value, verified_value
from projects.value.services import may_import

SHOWN_MONTHS = 12
ONE_DAY = timedelta(days=1)
SOURCES = {
    ReadingSource.VERIFIED: ("ok", "okf"),
    ReadingSource.IMPORTED: ("ok", "ok"),
    ReadingSource.TYPED: ("warn", "pen"),
}
CLAIMS = {
    ClaimState.DECLARED: ("", "pen"),
    ClaimState.MEASURED: ("info", "half"),
    ClaimState.VERIFIED: ("ok", "okf"),
    ClaimState.REJECTED: ("bad", "bad"),
    ClaimState.DECAYED: ("warn", "clock"),
}


@dataclass(frozen=True)
class Measure:
    """One KPI card with its newest reading."""

    card: KpiCard
    latest: KpiReading | None
    way: Drawing | None
    tone: str
    icon: str
    word: str

    @property
    def read_to(self) -> date | None:
        """Return the last day of the newest reading's period."""
        return self.latest.period_end - ONE_DAY if self.latest else None


def value_tab(head: Head, user: User) -> dict[str, Any]:
    """Return what the value tab shows on a day."""
    pk, on = head.initiative.pk, head.on
    cards = cards_with_readings(pk, on)
    claims = ValueClaim.objects.filter(initiative=pk).select_related("benefit", "declared_by", "verified_by")
    return {
        "measures": [_measure(row.card, row.latest) for row in cards],
        "worth": headline(
            head.initiative, cards, on=on, seen_to=head.seen_to, funded_on=head.position.first_released_on
        ),
        "viability": viability_of(cards, latest_estimate(head.initiative)),
        "hollow": _hollow_gain(cards, slips(pk, on=on)),
        "unit_chart": _unit_chart(cards, head.position.currency),
        "claims": [
            (row, row.period_end - ONE_DAY, *CLAIMS[ClaimState(row.state)])
            for row in claims.order_by("-period_start", "-pk")
        ],
        "verified": verified_value([pk], on).get(pk),
        "cashable": verified_value([pk], on, cashable_only=True).get(pk),
        "frozen": frozen_value(pk),
        "may_deliver": head.may["draft"] or may_import(user, head.initiative),
    }


def _hollow_gain(cards: Sequence[CardReadings], slipped: Sequence[Slip]) -> tuple[Decimal, Decimal, list[Slip]] | None:
    """Return a fall of cost per outcome beside quality that fell too, by proven readings: flagged, not praised."""
    cost = next((row for row in cards if row.card.measures == Measures.UNIT_COST), None)
    values = [row.value for row in cost.proving][-2:] if cost else []
    return (values[0], values[1], list(slipped)) if len(values) == 2 and values[1] < values[0] and slipped else None


def _unit_chart(cards: Sequence[CardReadings], currency: str) -> Widths | None:
    """Draw proven cost per outcome by month against what an outcome is worth; None for fewer than two months."""
    known = {row.card.measures: row for row in cards}
    cost, outcomes = known.get(Measures.UNIT_COST), known.get(Measures.OUTCOMES)
    by_month = {row.period_start.replace(day=1): row.value for row in cost.proving} if cost else {}
    if cost is None or len(by_month) < 2:
        return None
    first, last = min(by_month), max(by_month)
    count = min((last.year - first.year) * 12 + last.month - first.month + 1, SHOWN_MONTHS)
    months = [month for month in month_starts(last, count) if month >= first]
    worth = outcomes.card.money_per_unit if outcomes else None
    value = worth * outcomes.card.realisation_percent / 100 if outcomes and worth is not None else None
    outcome = cost.card.unit.rpartition("per ")[2] or "outcome"
    return unit_cost_lines(UnitCost(outcome, [(month, by_month.get(month)) for month in months], value, currency))


def _measure(card: KpiCard, latest: KpiReading | None) -> Measure:
    if latest is None:
        return Measure(card, None, None, "line", "gap", "No reading yet")
    tone, icon = SOURCES[ReadingSource(latest.source)]
    return Measure(card, latest, _way(card, latest), tone, icon, latest.get_source_display())


def _way(card: KpiCard, latest: KpiReading) -> Drawing | None:
    """Draw how far the reading has come from baseline to target; None where either is not set or they are equal."""
    if card.baseline is None or card.target is None or card.baseline == card.target:
        return None
    share = (latest.value - card.baseline) / (card.target - card.baseline)
    shown = max(min(share, Decimal(1)), Decimal(0)) * 100
    label = (
        f"{card.name}: {exact(latest.value.normalize())} of {exact(card.target.normalize())}, {shown:.0f}% of the way"
    )
    return way_to_target(share, label)
