"""Exact totals of current deliveries, by whatever a charge can be told apart by."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from projects.sources.tags import comparable_key
from projects.spend.rules import exact_text

_LAYER = "CASE WHEN f.initiative_id IS NULL THEN g.layer ELSE g.owned_layer END"
GROUPS = {
    "service_name": "g.service_name",
    "service_category": "g.service_category",
    "provider": "g.provider_name",
    "sub_account_id": "g.sub_account_id",
    "billing_account_id": "g.billing_account_id",
    "charge_category": "g.charge_category",
    "charge_class": "g.charge_class",
    "model": "g.model",
    "cost_centre": "g.cost_centre",
    "environment": "g.environment",
    "source": "s.name",
    "billing_period": "to_char(p.billing_period_start, 'YYYY-MM-DD')",
    "charge_month": "to_char(f.charge_on, 'YYYY-MM')",
    "charge_day": "to_char(f.charge_on, 'YYYY-MM-DD')",
    "initiative": "i.key",
    "layer": _LAYER,
    "purpose": "g.purpose",
}
TAG = "tag:"


@dataclass(frozen=True)
class Wanted:
    """Which charges to add up, and by what; days are UTC charge days, `until` is the first that is left out."""

    source: str | None = None
    by: str | None = None
    since: date | None = None
    until: date | None = None


class UnknownGroup(Exception):
    """Charges cannot be told apart by this."""


def cost_totals(wanted: Wanted) -> dict[str, list[dict[str, Any]]]:
    """Return rows and exact sums by currency, and by group and currency. Raise UnknownGroup.

    Only bills count. A source that only details other bills counts when it is asked for by its name, alone.
    """
    expression = _expression(wanted.by)
    conditions = ["p.is_current", "s.role = 'fact'" if wanted.source is None else "s.name = %(source)s"]
    conditions += ["f.charge_on >= %(since)s"] if wanted.since else []
    conditions += ["f.charge_on < %(until)s"] if wanted.until else []
    tag = comparable_key((wanted.by or "").removeprefix(TAG))
    parameters = {"source": wanted.source, "since": wanted.since, "until": wanted.until, "tag": tag}
    rows = _grouped(expression, " AND ".join(conditions), parameters)
    totals = [_sums(row) for row in rows if row[0]]
    groups = [{"key": row[2], **_sums(row)} for row in rows if not row[0]]
    return {"totals": totals, "groups": groups if wanted.by else []}


def _expression(by: str | None) -> str:
    if by is None:
        return "NULL::text"
    if by.startswith(TAG) and comparable_key(by.removeprefix(TAG)):
        return "nullif(k.tag_index ->> %(tag)s, '')"
    if by not in GROUPS:
        raise UnknownGroup(f"Totals can be grouped by {', '.join(GROUPS)} or {TAG}KEY, not by {by}.")
    return GROUPS[by]


def _grouped(expression: str, conditions: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    statement = f"""
    SELECT grouping(key) = 1, currency, key, sum(rows)::bigint, sum(billed_cost), sum(effective_cost) FROM (
        SELECT {expression} AS key, f.currency, count(*) FILTER (WHERE f.share = 0) AS rows,
            sum(f.billed_cost) AS billed_cost, sum(f.effective_cost) AS effective_cost
        FROM projects_spendfact f
        JOIN projects_deliverypart p ON p.id = f.part_id
        JOIN projects_source s ON s.id = p.source_id
        JOIN projects_costkey k ON k.id = f.cost_key_id
        JOIN projects_costgroup g ON g.id = k.group_id
        LEFT JOIN projects_initiative i ON i.id = f.initiative_id
        WHERE {conditions} GROUP BY 1, 2
    ) charges GROUP BY GROUPING SETS ((currency), (currency, key)) ORDER BY 1 DESC, key NULLS LAST, currency
    """
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _sums(row: tuple[Any, ...]) -> dict[str, Any]:
    return {"currency": row[1], "rows": row[3], "billed_cost": exact_text(row[4]), "effective_cost": exact_text(row[5])}
