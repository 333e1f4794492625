"""Verified and declared value of initiatives, and the readings that count."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import DecimalField, ExpressionWrapper, F, Q, QuerySet, Sum

from projects.common.marks.readings import Series, readings_chart
from projects.common.marks.shapes import Widths
from projects.value.models import ClaimState, KpiCard, KpiReading, ReadingSource, ValueClaim

PROVING = (ReadingSource.IMPORTED, ReadingSource.VERIFIED)


def _share_of(field: str) -> Sum:
    part = F(field) * F("share_percent") / Decimal(100)
    return Sum(ExpressionWrapper(part, output_field=DecimalField(max_digits=30, decimal_places=8)))


def counted_claims(on: date) -> QuerySet[ValueClaim]:
    """Return the claims that counted as verified on a day: verified by then, not decayed by then, their period over."""
    held = Q(state=ClaimState.VERIFIED) | Q(
        state__in=[ClaimState.DECAYED, ClaimState.MEASURED], decayed_at__date__gt=on
    )
    return ValueClaim.objects.filter(held, verified_at__date__lte=on, period_end__lte=on)


def verified_value(
    initiative_ids: Collection[int],
    on: date,
    *,
    since: date | None = None,
    until: date | None = None,
    cashable_only: bool = False,
) -> dict[int, Decimal]:
    """Return verified value per initiative in its own currency, as known on a day; without any it is absent.

    ``since`` leaves out periods that began earlier, ``until`` those that were not over at the end of that day.
    """
    claims = counted_claims(on).filter(initiative_id__in=initiative_ids)
    if until is not None:
        claims = claims.filter(period_end__lte=until + timedelta(days=1))
    if since is not None:
        claims = claims.filter(period_start__gte=since)
    if cashable_only:
        claims = claims.filter(is_cashable=True)
    rows = claims.order_by().values_list("initiative_id").annotate(total=_share_of("verified_amount"))
    return dict(rows)


def value_by_period_end(initiative_ids: Collection[int], on: date) -> list[tuple[date, Decimal]]:
    """Return verified value by the day after which its period was over, the oldest first; one currency only."""
    rows = counted_claims(on).filter(initiative_id__in=initiative_ids).order_by("period_end").values_list("period_end")
    return list(rows.annotate(total=_share_of("verified_amount")))


def frozen_value(initiative_id: int) -> Decimal | None:
    """Return the declared value that was frozen at Launch, or None when nothing was frozen."""
    return frozen_values([initiative_id]).get(initiative_id)


def frozen_values(initiative_ids: Collection[int]) -> dict[int, Decimal]:
    """Return the declared value that was frozen at Launch by initiative; where nothing was frozen it is absent."""
    claims = ValueClaim.objects.filter(initiative_id__in=initiative_ids, frozen_amount__isnull=False)
    return dict(claims.order_by().values_list("initiative_id").annotate(total=_share_of("frozen_amount")))


def value_by_month(initiative_id: int, on: date) -> dict[date, Decimal]:
    """Return verified value by the first day of the month in which the claim's period starts."""
    months: dict[date, Decimal] = {}
    for claim in counted_claims(on).filter(initiative_id=initiative_id):
        month = claim.period_start.replace(day=1)
        amount = (claim.verified_amount or Decimal(0)) * claim.share_percent / 100
        months[month] = months.get(month, Decimal(0)) + amount
    return months


@dataclass(frozen=True)
class CardReadings:
    """A card with its counting readings from oldest to newest; ``proving`` leaves typed figures out."""

    card: KpiCard
    readings: tuple[KpiReading, ...]

    @property
    def proving(self) -> tuple[KpiReading, ...]:
        """Return imported and verified readings only."""
        return tuple(row for row in self.readings if row.source in PROVING)

    @property
    def latest(self) -> KpiReading | None:
        """Return the newest reading, or None."""
        return self.readings[-1] if self.readings else None


def cards_with_readings(initiative_id: int, on: date) -> list[CardReadings]:
    """Return an initiative's KPI cards with one reading a period, the last recorded; two queries."""
    return cards_of([initiative_id], on).get(initiative_id, [])


def cards_of(initiative_ids: Collection[int], on: date) -> dict[int, list[CardReadings]]:
    """Return the KPI cards of each initiative that has any, with the readings that count; two queries for any number."""
    cards = list(KpiCard.objects.filter(initiative_id__in=initiative_ids).select_related("owner"))
    rows = KpiReading.objects.filter(card__in=cards, period_end__lte=on).order_by("period_start", "recorded_at", "id")
    counting = _counting(rows)
    found: dict[int, list[CardReadings]] = {}
    for card in cards:
        readings = tuple(counting.get(card.pk, {}).values())
        found.setdefault(card.initiative_id, []).append(CardReadings(card, readings))
    return found


def _counting(rows: Iterable[KpiReading]) -> dict[int, dict[date, KpiReading]]:
    """Pick one reading a card and period, the last recorded; what the team typed never replaces what proves."""
    counting: dict[int, dict[date, KpiReading]] = {}
    for row in rows:
        periods = counting.setdefault(row.card_id, {})
        earlier = periods.get(row.period_start)
        if earlier is None or not (earlier.source in PROVING and row.source not in PROVING):
            periods[row.period_start] = row
    return counting


@dataclass(frozen=True)
class CardPage:
    """A card with every reading, newest period first, each with whether it is the one that counts, and its chart."""

    card: KpiCard
    rows: list[tuple[KpiReading, bool]]
    latest: KpiReading | None
    chart: Widths | None


def card_page(card: KpiCard, *, on: date) -> CardPage:
    """Return what the page of one card shows on a day; two queries."""
    every = KpiReading.objects.filter(card=card, period_end__lte=on).select_related("recorded_by")
    counting = _counting(every.order_by("period_start", "recorded_at", "id")).get(card.pk, {})
    chosen = {row.pk for row in counting.values()}
    rows = sorted(every, key=lambda row: (row.period_start, row.recorded_at, row.pk), reverse=True)
    limits = (("Target", card.target), ("Floor", card.floor), ("Ceiling", card.ceiling))
    series = Series(
        card.name,
        card.unit,
        [(row.period_end - timedelta(days=1), row.value) for row in counting.values()],
        [(word, figure) for word, figure in limits if figure is not None],
    )
    readings = list(counting.values())
    return CardPage(
        card=card,
        rows=[(row, row.pk in chosen) for row in rows],
        latest=readings[-1] if readings else None,
        chart=readings_chart(series),
    )
