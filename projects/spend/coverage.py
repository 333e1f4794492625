"""How much of the spend carries every mandatory key of the tagging schema, by value.

Unclaimed charges of the same accounts and keys count too: spend does not look better because nobody claimed it. Credits do
not count, because a rebate is no spend that a tag could explain. Currencies stand apart.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_FLOOR, Context, Decimal
from typing import Any

from django.db import connection

from projects.attribution.models import TaggingKey

WINDOW = timedelta(days=30)
_FLOOR = Context(prec=60, rounding=ROUND_FLOOR)

# {whose} says which charges are looked at; one line a distinct key, so that tags are read once and not a row.
_COVERAGE = """
WITH mandatory AS (
    SELECT t.id, jsonb_build_array(t.tag_key) || t.other_keys AS tag_keys, t.carrier, t.allowed FROM projects_taggingkey t WHERE t.retired_at IS NULL
), exempt AS (
    SELECT taggingkey_id, source_id FROM projects_taggingkey_exempt
), charged AS (
    SELECT f.cost_key_id, f.initiative_id IS NOT NULL AS is_claimed, f.currency, sum(f.effective_cost) AS cost
    FROM projects_spendfact f JOIN projects_deliverypart p ON p.id = f.part_id AND p.is_current
    JOIN projects_source s ON s.id = p.source_id AND s.role = 'fact'
    WHERE f.charge_on >= %(since)s AND f.charge_on < %(until)s AND {whose}
        AND f.billing_month >= date_trunc('month', %(since)s::date)::date - interval '1 month' GROUP BY 1, 2, 3
), carried AS (
    SELECT c.currency, c.is_claimed, c.cost, NOT EXISTS (
        SELECT FROM mandatory m CROSS JOIN LATERAL (
            SELECT coalesce((
                SELECT nullif(btrim(k.tag_index ->> name), '') AS said FROM jsonb_array_elements_text(m.tag_keys) name
                ORDER BY said NULLS LAST LIMIT 1
            ), CASE m.carrier
                WHEN 'attribution' THEN CASE WHEN c.is_claimed THEN 'given' END
                WHEN 'provider_name' THEN g.provider_name WHEN 'service_name' THEN g.service_name
                WHEN 'model' THEN g.model WHEN 'cost_centre' THEN g.cost_centre
                WHEN 'environment' THEN g.environment WHEN 'sub_account_name' THEN g.sub_account_name
                WHEN 'billing_account_name' THEN g.billing_account_name END) AS value
        ) found WHERE NOT EXISTS (SELECT FROM exempt e WHERE e.taggingkey_id = m.id AND e.source_id = k.source_id)
            AND (coalesce(btrim(found.value), '') = ''
                OR m.allowed <> '[]'::jsonb AND NOT m.allowed ? lower(btrim(found.value)))
    ) AS is_whole
    FROM charged c JOIN projects_costkey k ON k.id = c.cost_key_id JOIN projects_costgroup g ON g.id = k.group_id
    WHERE g.charge_category IS DISTINCT FROM 'Credit'
)
SELECT currency, coalesce(sum(cost) FILTER (WHERE is_whole), 0), sum(cost) FROM carried GROUP BY 1 ORDER BY 3 DESC
"""
_ALL = "true"
# The same accounts (billing account and sub-account of one source) and the same API keys as what it was charged for.
_OF_ONE = """
(f.initiative_id = %(initiative)s OR f.initiative_id IS NULL AND f.cost_key_id IN (
    SELECT k.id FROM projects_costkey k JOIN projects_costgroup g ON g.id = k.group_id
    WHERE (g.source_id, coalesce(g.billing_account_id, ''), coalesce(g.sub_account_id, '')) IN (
        SELECT h.source_id, coalesce(h.billing_account_id, ''), coalesce(h.sub_account_id, '') FROM own_key o
        JOIN projects_costgroup h ON h.id = o.group_id)
    OR k.api_key_id IN (SELECT api_key_id FROM own_key)
))
"""
_OWN_KEYS = """
own_key AS MATERIALIZED (
    SELECT DISTINCT k.group_id, k.api_key_id FROM projects_spendfact f
    JOIN projects_deliverypart p ON p.id = f.part_id AND p.is_current JOIN projects_costkey k ON k.id = f.cost_key_id
    WHERE f.initiative_id = %(initiative)s AND f.charge_on >= %(since)s AND f.charge_on < %(until)s
        AND f.billing_month >= date_trunc('month', %(since)s::date)::date - interval '1 month'
), mandatory AS (
"""
_LAG = "SELECT coalesce(max(s.lag_days), 3) FROM projects_source s WHERE s.role = 'fact'"
_LAGS = """
SELECT m.initiative_id, max(s.lag_days) FROM projects_spendmonth m
JOIN projects_costgroup g ON g.id = m.group_id JOIN projects_source s ON s.id = g.source_id AND s.role = 'fact'
WHERE m.initiative_id = ANY(%(ids)s) GROUP BY 1
"""
_USUAL_LAG = 3


@dataclass(frozen=True)
class TagCoverage:
    """How much of the spend in one currency, in the last 30 final days, carries every mandatory key."""

    currency: str
    covered: Decimal
    total: Decimal
    since: date
    until: date

    @property
    def percent(self) -> Decimal | None:
        """Return the share in percent, never rounded up; None where there is nothing to share."""
        if self.total <= 0:
            return None
        return _FLOOR.divide(_FLOOR.multiply(self.covered, Decimal(100)), self.total)

    @property
    def ratio(self) -> Decimal | None:
        """Return the share."""
        return None if self.percent is None else self.percent / 100

    @property
    def uncovered(self) -> Decimal:
        """Return what lacks at least one key."""
        return self.total - self.covered


def final_window(*, on: date, initiative_id: int | None = None) -> tuple[date, date]:
    """Return the first of the last 30 final days, and the day after the last: outside every lag, in months that are over."""
    if initiative_id is not None:
        return _windows([initiative_id], on)[initiative_id]
    return _window(on, _all(_LAG, {})[0][0])


def _window(on: date, lag_days: int) -> tuple[date, date]:
    until = (on - timedelta(days=lag_days)).replace(day=1)
    return until - WINDOW, until


def _windows(ids: Collection[int], on: date) -> dict[int, tuple[date, date]]:
    lags = dict(_all(_LAGS, {"ids": list(ids)}))
    return {pk: _window(on, lags.get(pk, _USUAL_LAG)) for pk in ids}


def tag_coverage(*, on: date, initiative_id: int | None = None) -> list[TagCoverage]:
    """Return coverage of all spend, or of an initiative with the unclaimed charges beside it, by currency.

    Nothing where no key is mandatory: what nobody asked for cannot be covered.
    """
    if initiative_id is not None:
        return coverages([initiative_id], on=on).get(initiative_id, [])
    if not _asks_for_keys():
        return []
    since, until = final_window(on=on)
    rows = _all(_COVERAGE.format(whose=_ALL), {"since": since, "until": until})
    return [TagCoverage(currency, covered, total, since, until) for currency, covered, total in rows]


def _asks_for_keys() -> bool:
    return TaggingKey.objects.filter(retired_at__isnull=True).exists()


def coverages(initiative_ids: Collection[int], *, on: date) -> dict[int, list[TagCoverage]]:
    """Return the coverage of each initiative with the unclaimed charges beside it, by currency; three queries in all.

    Each initiative is its own branch of one statement, so that each keeps the plan that it has alone.
    """
    if not initiative_ids or not _asks_for_keys():
        return {}
    one = _COVERAGE.format(whose=_OF_ONE).replace("mandatory AS (", _OWN_KEYS.strip(), 1)
    windows, branches, bound = _windows(initiative_ids, on), [], {}
    for number, (pk, (since, until)) in enumerate(windows.items()):
        branch = f"(SELECT %(initiative)s AS pk, found.* FROM ({one}) found)"
        for name, value in (("initiative", pk), ("since", since), ("until", until)):
            branch = branch.replace(f"%({name})s", f"%({name}_{number})s")
            bound[f"{name}_{number}"] = value
        branches.append(branch)
    found: dict[int, list[TagCoverage]] = {}
    for pk, currency, covered, total in _all(" UNION ALL ".join(branches), bound):
        found.setdefault(pk, []).append(TagCoverage(currency, covered, total, *windows[pk]))
    return {pk: sorted(rows, key=lambda row: -row.total) for pk, rows in found.items()}


def worst_coverage(*, on: date, initiative_id: int) -> TagCoverage | None:
    """Return the coverage of the currency that is covered least: none of them makes up for another."""
    return worst_of(tag_coverage(on=on, initiative_id=initiative_id))


def worst_of(rows: Iterable[TagCoverage]) -> TagCoverage | None:
    """Return the least of an initiative's coverages, where any is known."""
    known = [row for row in rows if row.percent is not None]
    return min(known, key=lambda row: row.percent or Decimal(0), default=None)


def _all(statement: str, bound: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, bound)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
