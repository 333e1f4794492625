"""What initiatives spent, from the rollups: effective cost of current bills by UTC charge day. Details never add."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from django.db import connection
from django.db.models import F, Max, QuerySet, Sum

from projects.spend.models import SpendDay

_SINCE = """
SELECT d.initiative_id, sum(d.effective_cost)
FROM unnest(%(ids)s::bigint[], %(days)s::date[]) AS wanted(id, first_day)
JOIN projects_initiative i ON i.id = wanted.id
JOIN projects_spendday d ON d.initiative_id = wanted.id AND d.charge_on >= wanted.first_day AND d.charge_on <= %(on)s
    AND d.currency = i.currency
JOIN projects_deliverypart p ON p.id = d.part_id
JOIN projects_delivery v ON v.id = p.delivery_id
JOIN projects_source s ON s.id = v.source_id AND s.role = 'fact'
GROUP BY 1
"""


def billed_days() -> "QuerySet[SpendDay]":
    """Return the day rollup of current bills; gateway logs of the same money are left out."""
    return SpendDay.objects.filter(part__delivery__source__role="fact")


def spent_since(first_days: Mapping[int, date], *, on: date) -> dict[int, Decimal]:
    """Return what each initiative spent from its own first day to the end of another, in its own currency; one query."""
    if not first_days:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_SINCE, {"ids": list(first_days), "days": list(first_days.values()), "on": on})
        return dict(cursor.fetchall())


def spent_between(initiative_ids: Iterable[int], start: date, end: date) -> dict[int, Decimal]:
    """Return what each initiative spent from a day up to but not including another, in its own currency."""
    rows = billed_days().filter(initiative__in=list(initiative_ids), charge_on__gte=start, charge_on__lt=end)
    own = rows.filter(currency=F("initiative__currency"))
    return dict(own.order_by().values_list("initiative_id").annotate(total=Sum("effective_cost")))


def spend_by_day(initiative_ids: Iterable[int], *, start: date, on: date) -> dict[int, dict[date, Decimal]]:
    """Return daily cost of each initiative from a day to another, both included, in its own currency."""
    rows = billed_days().filter(initiative__in=list(initiative_ids), charge_on__gte=start, charge_on__lte=on)
    own = rows.filter(currency=F("initiative__currency")).order_by().values_list("initiative_id", "charge_on")
    found: dict[int, dict[date, Decimal]] = {}
    for pk, day, cost in own.annotate(total=Sum("effective_cost")):
        found.setdefault(pk, {})[day] = cost
    return found


def spend_by_month(initiative_ids: Iterable[int], *, on: date) -> dict[int, dict[date, Decimal]]:
    """Return monthly cost of each initiative up to a day, by the month's first day, in its own currency."""
    found: dict[int, dict[date, Decimal]] = {}
    for pk, days in spend_by_day(initiative_ids, start=date.min, on=on).items():
        months = found.setdefault(pk, {})
        for day, cost in days.items():
            first = day.replace(day=1)
            months[first] = months.get(first, Decimal(0)) + cost
    return found


def data_to(initiative_ids: Iterable[int], *, on: date) -> dict[int, date]:
    """Return the newest charge day, not after a day, of each initiative that has cost data."""
    rows = billed_days().filter(initiative__in=list(initiative_ids), charge_on__lte=on)
    return dict(rows.order_by().values_list("initiative_id").annotate(newest=Max("charge_on")))
