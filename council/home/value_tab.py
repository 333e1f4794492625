"""The value tab: measures on their way to the target, and claims with how far each is proved."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from council.home.heads import Head
from projects.common.formats import exact
from projects.common.marks.bullets import way_to_target
from projects.common.marks.shapes import Drawing
from projects.people.models import User
from projects.value.models import ClaimState, KpiCard, KpiReading, ReadingSource, ValueClaim
from projects.value.selectors import cards_with_readings, frozen_value, verified_value
from projects.value.services import may_import

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
    claims = ValueClaim.objects.filter(initiative=pk).select_related("benefit", "declared_by", "verified_by")
    return {
        "measures": [_measure(row.card, row.latest) for row in cards_with_readings(pk, on)],
        "claims": [
            (row, row.period_end - ONE_DAY, *CLAIMS[ClaimState(row.state)])
            for row in claims.order_by("-period_start", "-pk")
        ],
        "verified": verified_value([pk], on).get(pk),
        "cashable": verified_value([pk], on, cashable_only=True).get(pk),
        "frozen": frozen_value(pk),
        "may_deliver": head.may["draft"] or may_import(user, head.initiative),
    }


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
