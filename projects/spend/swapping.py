"""Replace what earlier deliveries said about the same scopes, and say what moves by that."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from projects.sources.models import DeliveryPart, Source, SourceScope
from projects.spend.days import COSTS, DayBook
from projects.spend.loading import LoadedPart
from projects.spend.rules import exact_text

_SUMS = """
SELECT part_id, currency, min(charge_on), max(charge_on), trim_scale(sum(billed_cost)), trim_scale(sum(effective_cost)),
    sum(rows)::bigint
FROM projects_spendday WHERE part_id = ANY(%(parts)s) GROUP BY 1, 2 ORDER BY 1, 2
"""
_MOVED = """
SELECT i.key, to_char(d.charge_on, 'YYYY-MM'), d.currency,
    coalesce(trim_scale(sum(d.effective_cost) FILTER (WHERE d.part_id = ANY(%(old)s))), 0),
    coalesce(trim_scale(sum(d.effective_cost) FILTER (WHERE d.part_id = ANY(%(new)s))), 0)
FROM projects_spendday d LEFT JOIN projects_initiative i ON i.id = d.initiative_id
WHERE d.part_id = ANY(%(old)s) OR d.part_id = ANY(%(new)s)
GROUP BY 1, 2, 3 HAVING coalesce(sum(d.effective_cost) FILTER (WHERE d.part_id = ANY(%(old)s)), 0)
    <> coalesce(sum(d.effective_cost) FILTER (WHERE d.part_id = ANY(%(new)s)), 0)
ORDER BY 1 NULLS LAST, 2, 3
"""
_TOUCHED = """
SELECT DISTINCT initiative_id FROM projects_spendday
WHERE initiative_id IS NOT NULL AND part_id = ANY(%(parts)s) ORDER BY 1
"""


@dataclass
class PartSums:
    """First and last day and exact sums of a part."""

    first_day: date
    last_day: date
    rows: int
    totals: dict[str, dict[str, str]]


def part_sums(parts: Sequence[int], added_up: DayBook | None = None) -> dict[int, PartSums]:
    """Return the sums of new parts as added up, exactly, while they were loaded, or else from their day rollup."""
    sums: dict[int, PartSums] = {}
    if added_up is not None:
        found = added_up.parts().select("part_id", "currency", "first", "last", *COSTS, "rows").rows()
    else:
        found = _all(_SUMS, parts=list(parts))
    for part, currency, first, last, billed, effective, rows in found:
        known = sums.setdefault(part, PartSums(first, last, 0, {}))
        known.first_day, known.last_day = min(known.first_day, first), max(known.last_day, last)
        known.rows += rows
        known.totals[currency] = {
            "rows": rows,
            "billed_cost": exact_text(Decimal(billed)),
            "effective_cost": exact_text(Decimal(effective)),
        }
    return sums


def current_parts(
    source: Source, scopes: Sequence[LoadedPart], *, stretch: bool = False
) -> dict[tuple[str, date], DeliveryPart]:
    """Return the parts that count now, of these scopes, locked.

    A bill that tells a stretch of days replaces each day of it, also one on which nothing is charged any more.
    """
    held = DeliveryPart.objects.select_for_update()
    return {
        (part.billing_account_id, part.billing_period_start): part
        for part in held.filter(pk__in=[part.pk for part in replaced_by(source, _spans(scopes), stretch)])
    }


def replaced_by(source: Source, periods_of: Mapping[str, Collection[date]], stretch: bool) -> list[DeliveryPart]:
    """Return the parts that a delivery of these accounts and periods would replace, without holding them."""
    stretch = stretch and source.scope == SourceScope.ACCOUNT_PERIOD
    every = sorted({period for periods in periods_of.values() for period in periods})
    if not every:
        return []
    current = source.parts.filter(is_current=True, billing_period_start__range=(every[0], every[-1]))
    found = current.select_related("delivery").order_by("billing_period_start", "billing_account_id")
    return [part for part in found if _is_replaced(part, periods_of.get(part.billing_account_id, ()), stretch)]


def _is_replaced(part: DeliveryPart, periods: Collection[date], stretch: bool) -> bool:
    start = part.billing_period_start
    if start in periods:
        return True
    is_day = part.first_day == part.last_day == start
    return stretch and is_day and bool(periods) and min(periods) <= start <= max(periods)


def _spans(scopes: Sequence[LoadedPart]) -> dict[str, set[date]]:
    found: dict[str, set[date]] = {}
    for part in scopes:
        found.setdefault(part.account, set()).add(part.period)
    return found


def successor_of(scope: tuple[str, date], loaded: Collection[LoadedPart]) -> LoadedPart:
    """Return the part that stands in place of a replaced one: of its period, or of the one before it in the stretch."""
    account, period = scope
    return max((part for part in loaded if part.account == account and part.period <= period), key=_period)


def _period(part: LoadedPart) -> date:
    return part.period


def what_moved(new: Sequence[int], old: Sequence[int]) -> list[dict[str, str | None]]:
    """Return, by initiative and charge month, the effective cost before and after a replacement where they differ."""
    if not old:
        return []
    rows = _all(_MOVED, new=list(new), old=list(old))
    names = ("initiative", "month", "currency", "before", "after")
    return [dict(zip(names, (*row[:3], exact_text(row[3]), exact_text(row[4])), strict=True)) for row in rows]


def touched_initiatives(parts: Sequence[int]) -> list[int]:
    """Return the ids of initiatives that these parts charge."""
    return [row[0] for row in _all(_TOUCHED, parts=list(parts))]


def _all(statement: str, **parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
