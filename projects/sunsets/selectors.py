"""Where the sunset criteria of initiatives stand on a day, for any number at once."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Q

from projects.common.among import Among
from projects.limits.selectors import policy_on
from projects.spend.converting import NOTHING, Tally
from projects.spend.selectors import data_to, spending_between
from projects.sunsets import rules
from projects.sunsets.models import SunsetCriterion
from projects.sunsets.rules import MET, Judged
from projects.value.models import Direction, KpiCard, KpiReading, Measures
from projects.value.selectors import PROVING

WINDOW = timedelta(days=30)


@dataclass(frozen=True)
class Standing:
    """One criterion with what was found."""

    criterion: SunsetCriterion
    judged: Judged

    @property
    def is_met(self) -> bool:
        """Say whether it is met."""
        return self.judged.state == MET

    @property
    def words(self) -> str:
        """Say the criterion with its figure."""
        return f"{self.criterion.words} ({self.judged.words})"


def sunset_standings(initiative_ids: Collection[int], *, on: date) -> dict[int, list[Standing]]:
    """Return each initiative's live criteria with where they stand at the end of a day; a handful of queries.

    Spend is that of the 30 days before the policy's lag: later days may still change and prove nothing.
    """
    live = SunsetCriterion.objects.filter(initiative__in=Among(initiative_ids), set_at__date__lte=on)
    live = live.filter(Q(retired_at__isnull=True) | Q(retired_at__date__gt=on))
    criteria = list(live.select_related("initiative", "card"))
    if not criteria:
        return {}
    ids = {row.initiative_id for row in criteria}
    values = _values(ids, on)
    last = on - timedelta(days=policy_on(on).integer("spend_lag_days"))
    spent = spending_between(ids, last - WINDOW + timedelta(days=1), last + timedelta(days=1))
    known = data_to(ids, on=on)
    found: dict[int, list[Standing]] = {}
    for row in criteria:
        seen_to = known.get(row.initiative_id)
        month = spent.get(row.initiative_id, NOTHING) if seen_to is not None and seen_to >= last else None
        judged = _judge(row, values, month, on)
        found.setdefault(row.initiative_id, []).append(Standing(row, judged))
    return found


@dataclass(frozen=True)
class _Series:
    card: KpiCard
    values: tuple[Decimal, ...]


def _values(ids: Collection[int], on: date) -> dict[int, list[_Series]]:
    """Return the proven values of every card, oldest first, the last recorded of a period."""
    cards = list(KpiCard.objects.filter(initiative__in=ids))
    rows = KpiReading.objects.filter(card__in=cards, source__in=PROVING, period_end__lte=on, recorded_at__date__lte=on)
    periods: dict[int, dict[date, Decimal]] = {}
    for card_id, start, value in rows.order_by("period_start", "recorded_at", "id").values_list(
        "card_id", "period_start", "value"
    ):
        periods.setdefault(card_id, {})[start] = value
    found: dict[int, list[_Series]] = {}
    for card in cards:
        found.setdefault(card.initiative_id, []).append(_Series(card, tuple(periods.get(card.pk, {}).values())))
    return found


def _judge(row: SunsetCriterion, values: Mapping[int, list[_Series]], month: Tally | None, on: date) -> Judged:
    periods, figure = row.periods or 1, row.figure or Decimal(0)
    if row.kind == rules.DAY and row.day is not None:
        return rules.day_reached(row.day, on=on)
    if row.kind in (rules.SPEND_OVER, rules.SPEND_UNDER):
        currency, over = row.initiative.currency, row.kind == rules.SPEND_OVER
        amount, lacks = (month.amount, month.plus) if month is not None else (None, "")
        return rules.month_spend(amount, limit=figure, over=over, currency=currency, lacks=lacks)
    cards = values.get(row.initiative_id, [])
    if row.kind == rules.KPI:
        series = next((one for one in cards if one.card.pk == row.card_id), None)
        is_floor = series is None or series.card.direction == Direction.UP
        bound = None if series is None else series.card.floor if is_floor else series.card.ceiling
        told = series.values if series else ()
        return rules.below_bound(told, bound=bound, is_floor=is_floor, periods=periods)
    measured = Measures.UNIT_COST if row.kind == rules.UNIT_COST else Measures.ADOPTION
    told = next((one.values for one in cards if one.card.measures == measured), ())
    if row.kind == rules.UNIT_COST:
        return rules.cost_over(told, ceiling=figure, periods=periods)
    return rules.without_users(told, periods=periods)
