"""Every write about usage: days rebuilt with their delivery, alarms, prices that became known, owners that changed."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any, Protocol

from django.db import connection, transaction
from django.db.models import F, Max, Min, Sum, Value

from projects.attribution.matching import owners_statement
from projects.audit.services import record
from projects.people.models import User
from projects.prices.quotes import PriceBook
from projects.prices.selectors import catalogue, price_book
from projects.sources.models import DeliveryPart
from projects.usage.models import TOKENS, AlarmKind, UsageAlarm, UsageDay, UsageDayQuerySet
from projects.usage.rules import DayFigures, compute
from projects.usage.selectors import counts_of, output_limits


@transaction.atomic
def record_usage(*, part_id: int, days: Iterable[DayFigures], by: User | None, at: datetime) -> list[UsageDay]:
    """Rebuild a part's usage days and the alarms of the models it names. The same part again gives the same days."""
    made, touched = _replace_days(part_id, days, by, at)
    sweep_alarms(models=sorted(touched), at=at)
    return made


def _replace_days(
    part_id: int, days: Iterable[DayFigures], by: User | None, at: datetime
) -> tuple[list[UsageDay], set[tuple[str, str]]]:
    """Return a part's new usage days, and the models whose alarms may change by them."""
    part = DeliveryPart.objects.select_for_update().get(pk=part_id)
    before = set(UsageDay.objects.filter(part=part).values_list("provider", "model"))
    UsageDay.objects.filter(part=part).delete()
    made = UsageDay.objects.bulk_create([_row(part, figures) for figures in days], batch_size=1000)
    if made or before:
        data = {"days": len(made), "calls": sum(row.calls for row in made)}
        record(verb="usage.recorded", target=part, by=by, at=at, data=data, stream="usage")
    replaced = UsageDay.objects.filter(part__superseded_by=part).values_list("provider", "model")
    return made, before | {(row.provider, row.model) for row in made} | set(replaced)


class Gathered(Protocol):
    """Usage that was put aside while a file was loaded."""

    def parts(
        self, book_of: Callable[[date], PriceBook], *, output_limits: Mapping[int, int] | None = None
    ) -> Iterable[tuple[int, list[DayFigures]]]:
        """Give each part's usage days."""
        ...


@transaction.atomic
def record_gathered(*, gathered: Gathered, by: User | None, at: datetime) -> int:
    """Record the usage of all parts of a delivery; return how many days it made."""
    books: dict[date, PriceBook] = {}

    def book_of(day: date) -> PriceBook:
        if day not in books:
            books[day] = price_book(day)
        return books[day]

    made, touched = 0, set[tuple[str, str]]()
    for part_id, days in gathered.parts(book_of, output_limits=output_limits()):
        rows, models = _replace_days(part_id, days, by, at)
        made, touched = made + len(rows), touched | models
    sweep_alarms(models=sorted(touched), at=at)
    return made


def _row(part: DeliveryPart, figures: DayFigures) -> UsageDay:
    fields = {
        name: value
        for name, value in vars(figures).items()
        if name not in ("counts", "computed", "calls_by_type", "provider", "model", "version")
    }
    computed = figures.computed
    return UsageDay(
        part=part,
        provider=figures.provider[:200],
        model=figures.model[:300],
        version=figures.version[:120],
        calls_by_type=dict(figures.calls_by_type or {}),
        computed_cost=computed.amount,
        computed_currency=computed.currency if computed.amount is not None else "",
        tier_assumed=computed.tier_assumed,
        unpriced_reason=computed.reason,
        **asdict(figures.counts),
        **fields,
    )


@transaction.atomic
def sweep_alarms(*, at: datetime, models: Iterable[tuple[str, str]] | None = None) -> list[UsageAlarm]:
    """Raise, refresh or clear the alarms of these models (default: all) by current usage; return those newly raised."""
    if models is None:
        used = UsageDay.objects.current().order_by().values_list("provider", "model").distinct()
        models = sorted({*used, *UsageAlarm.objects.open().values_list("provider", "model")})
    raised: list[UsageAlarm] = []
    known = catalogue(at.date())
    for provider, model in models:
        days = UsageDay.objects.current().filter(provider=provider, model=model)
        unpriced = days.unpriced()
        reason = unpriced.values_list("unpriced_reason", flat=True).first() or ""
        raised += _settle(AlarmKind.NO_PRICE, provider, model, reason, _facts(unpriced), at)
        is_finding = bool(known.entries) and not known.foresees(provider, model)
        reason = f"{model or 'An unnamed model'} of {provider or 'an unnamed provider'} was used and is not approved."
        raised += _settle(
            AlarmKind.OUTSIDE_CATALOGUE, provider, model, reason, _facts(days) if is_finding else None, at
        )
    return raised


def _facts(days: UsageDayQuerySet) -> dict[str, Any] | None:
    facts = days.aggregate(
        first_day=Min("day"), last_day=Max("day"), total=Sum("calls"), tokens=Sum(sum(map(F, TOKENS), Value(0)))
    )
    if facts["first_day"] is None:
        return None
    return {"calls": facts.pop("total"), **facts}


def _settle(
    kind: AlarmKind, provider: str, model: str, reason: str, facts: dict[str, Any] | None, at: datetime
) -> list[UsageAlarm]:
    """Make the one open alarm say what holds now."""
    alarm = UsageAlarm.objects.select_for_update().open().filter(kind=kind, provider=provider, model=model).first()
    if facts is None:
        if alarm is not None:
            alarm.cleared_at = at
            alarm.save()
            record(verb="usage_alarm.cleared", target=alarm, by=None, at=at)
        return []
    if alarm is not None:
        UsageAlarm.objects.filter(pk=alarm.pk).update(reason=reason, **facts)
        return []
    alarm = UsageAlarm.objects.create(kind=kind, provider=provider, model=model, reason=reason, raised_at=at, **facts)
    record(verb="usage_alarm.raised", target=alarm, by=None, at=at, data={"reason": reason})
    return [alarm]


@transaction.atomic
def price_unpriced_usage(*, at: datetime, by: User | None) -> int:
    """Compute the cost of current usage whose model has a price by now; return how many days were priced.

    Only days whose cost was unknown change. A day sums requests, so a tiered price stands at its base and says so.
    """
    books: dict[date, PriceBook] = {}
    priced: list[UsageDay] = []
    for row in UsageDay.objects.select_for_update().filter(part__is_current=True).unpriced():
        if row.day not in books:
            books[row.day] = price_book(row.day)
        book = books[row.day]
        computed = compute(counts_of(row), book.price(row.provider, row.model))
        if computed.amount is not None:
            row.computed_cost, row.computed_currency = computed.amount, computed.currency
            row.tier_assumed, row.unpriced_reason = computed.tier_assumed, ""
            priced.append(row)
    UsageDay.objects.bulk_update(priced, ["computed_cost", "computed_currency", "tier_assumed", "unpriced_reason"])
    sweep_alarms(models=sorted({(row.provider, row.model) for row in priced}), at=at)
    for part_id in sorted({row.part_id for row in priced}):
        part = DeliveryPart.objects.get(pk=part_id)
        days = sum(row.part_id == part_id for row in priced)
        record(verb="usage.priced", target=part, by=by, at=at, data={"days": days}, stream="usage")
    return len(priced)


@transaction.atomic
def follow_attribution() -> int:
    """Give current usage to whom its keys belong now; return how many days moved. Nothing is divided yet.

    Attribution itself is recorded where it is decided; this only carries it out for usage.
    """
    statement, parameters = owners_statement(
        "(SELECT DISTINCT u.cost_key_id FROM projects_usageday u JOIN projects_deliverypart p ON p.id = u.part_id "
        "WHERE p.is_current AND u.cost_key_id IS NOT NULL AND u.shared_of_id IS NULL)"
    )
    with connection.cursor() as cursor:
        cursor.execute(FOLLOW.format(owners=statement), parameters)
        moved: int = cursor.rowcount
    return moved


FOLLOW = """
WITH owner AS MATERIALIZED ({owners}), wanted AS (
    SELECT u.id, o.initiative_id FROM projects_usageday u
    JOIN projects_deliverypart p ON p.id = u.part_id AND p.is_current
    LEFT JOIN owner o ON o.cost_key_id = u.cost_key_id AND u.day >= o.starts_on AND u.day < o.ends_on
    WHERE u.cost_key_id IS NOT NULL AND u.shared_of_id IS NULL
)
UPDATE projects_usageday u SET initiative_id = w.initiative_id FROM wanted w
WHERE w.id = u.id AND u.initiative_id IS DISTINCT FROM w.initiative_id
"""
