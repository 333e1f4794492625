"""Read charges: a page of those behind a figure, and what one of them came from and was paid by."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from projects.spend.charge_sums import kept_rows
from projects.spend.narrowing import JOINS, LAYER, Narrowing
from projects.spend.rules import is_provisional

PAGE = 50

# Days from the newest on that together hold at least a page of rows; the first one may have been begun already.
_DAYS = f"""
SELECT day, rows, parts, months, initiatives, unowned FROM (
    SELECT cells.*, coalesce(sum(CASE WHEN day = %(begun)s THEN 0 ELSE rows END) OVER (
        ORDER BY day DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
    FROM (
        SELECT m.charge_on AS day, sum(m.rows) AS rows, array_agg(DISTINCT ARRAY[m.part_id::bigint, p.rows]) AS parts,
            array_agg(DISTINCT date_trunc('month', p.billing_period_start)::date) AS months,
            coalesce(array_agg(DISTINCT m.initiative_id) FILTER (WHERE m.initiative_id IS NOT NULL), '{{{{}}}}') AS initiatives,
            bool_or(m.initiative_id IS NULL) AS unowned
        FROM projects_spendday m {JOINS.format(group="m.group_id")}
        JOIN projects_deliverypart p ON p.id = m.part_id
        WHERE {{where}} AND m.charge_on <= %(begun)s GROUP BY 1
    ) cells
) counted WHERE before <= %(page)s ORDER BY day DESC
"""
_PLACE = "m.charge_on, m.part_id, m.row_number, m.share"
_TOLD = f"""
d.key, s.name, s.role, s.lag_days, g.provider_name, g.service_name,
    coalesce(g.sub_account_name, g.sub_account_id, g.billing_account_id), k.resource_id, g.model,
    g.environment, g.charge_category, {LAYER}, g.purpose, i.key, i.name, tr.number, m.currency, m.billed_cost, m.effective_cost
"""
_BESIDE = f"""
{JOINS.format(group="k.group_id")}
JOIN projects_deliverypart p ON p.id = m.part_id
JOIN projects_delivery d ON d.id = p.delivery_id
LEFT JOIN projects_tranche tr ON tr.initiative_id = m.initiative_id AND tr.released_at IS NOT NULL
    AND tr.starts_on <= m.charge_on AND tr.ends_on > m.charge_on
"""
_NEAR = """
m.charge_on >= %(first)s AND m.charge_on <= %(last)s AND m.billing_month = ANY(%(months)s)
    AND m.part_id = ANY(%(parts)s) AND (m.initiative_id = ANY(%(initiatives)s) {unowned})
    AND (m.charge_on, m.part_id, m.row_number, m.share) < (%(begun)s, %(part)s, %(row)s, %(share)s)
"""
_ORDER = "ORDER BY m.charge_on DESC, m.part_id DESC, m.row_number DESC, m.share DESC"
# Where few charges of those days are meant, they are found by their keys, of which there are few.
_ROWS = f"""
SELECT {_PLACE}, {_TOLD} FROM projects_spendfact m JOIN projects_costkey k ON k.id = m.cost_key_id {_BESIDE}
WHERE {{where}} AND {_NEAR} {_ORDER} LIMIT %(page)s
"""
# Where many are, each is looked up by itself, in the order of the page, until the page is full: the keys of what many
# charges have in common may be hundreds of thousands.
_WALK = f"""
SELECT {_PLACE}, told.* FROM (SELECT * FROM projects_spendfact m WHERE {_NEAR} {_ORDER} LIMIT %(most)s::bigint) m
CROSS JOIN LATERAL (
    SELECT {_TOLD} FROM projects_costkey k {_BESIDE} WHERE k.id = m.cost_key_id AND {{where}} OFFSET 0
) told {_ORDER} LIMIT %(page)s
"""
MANY = 1_000  # of so many charges delivered beside it, at least one is meant
FIRST = 100  # times as many charges as a page holds are put in order first, before all of them are


@dataclass(frozen=True)
class Place:
    """Where a page begins: after this charge, in the order of pages."""

    day: date
    part: int
    row: int
    share: int

    def __str__(self) -> str:
        return f"{self.day.isoformat()}.{self.part}.{self.row}.{self.share}"


@dataclass(frozen=True)
class Charge:
    """One charge with whose it is and which tranche was in force on its day."""

    day: date
    part_id: int
    row_number: int
    share: int
    delivery: str
    source: str
    role: str
    lag_days: int
    provider: str | None
    service: str | None
    account: str | None
    resource: str | None
    model: str | None
    environment: str | None
    category: str | None
    layer: str
    purpose: str
    initiative: str | None
    initiative_name: str | None
    tranche: int | None
    currency: str
    billed_cost: Decimal
    effective_cost: Decimal

    @property
    def place(self) -> Place:
        """Return where it stands in the order of pages."""
        return Place(self.day, self.part_id, self.row_number, self.share)

    def is_provisional(self, on: date) -> bool:
        """Say whether charges of its day may still arrive or change, seen on a day."""
        return is_provisional(self.day, on=on, lag_days=self.lag_days)


@dataclass(frozen=True)
class Page:
    """Some charges, the newest first, and where the next page begins; None at the end."""

    charges: Sequence[Charge]
    after: Place | None


def charges(narrowing: Narrowing, *, after: Place | None = None, page: int = PAGE) -> Page:
    """Return a page of the charges that are meant; two or three queries for any number of charges, and one for what is remembered.

    The rollup says on which days, in which parts and by whom the next ones are, so that no other partition is read.
    """
    where = narrowing.where(day="m.charge_on")
    begun = after or Place(narrowing.on + timedelta(days=1), 0, 0, 0)
    bound = {**narrowing.bound(), "begun": begun.day, "page": page + 1}
    days = kept_rows(narrowing, _DAYS.format(where=where), bound)
    if not days:
        return Page([], None)
    sizes = {part: rows for row in days for part, rows in row[2]}
    bound |= {
        "part": begun.part,
        "row": begun.row,
        "share": begun.share,
        "first": min(row[0] for row in days),
        "last": max(row[0] for row in days),
        "parts": sorted(sizes),
        "months": sorted({month for row in days for month in row[3]}),
        "initiatives": sorted({pk for row in days for pk in row[4]}),
    }
    unowned = "OR m.initiative_id IS NULL" if any(row[5] for row in days) else ""
    are_many = sum(row[1] for row in days) * MANY >= sum(sizes.values())
    statement = (_WALK if are_many else _ROWS).format(where=where, unowned=unowned)
    most = FIRST * page if are_many else None
    rows = _all(statement, bound | {"most": most})
    if most and len(rows) <= page and sum(sizes.values()) > most:  # what is meant may stand further on
        rows = _all(statement, bound | {"most": None})
    found = [Charge(*row) for row in rows]
    return Page(found[:page], found[page - 1].place if len(found) > page else None)


def place_of(text: str) -> Place | None:
    """Read where a page begins; None where it cannot be read."""
    parts = text.split(".")
    if len(parts) != 4 or not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts[1:]):
        return None
    try:
        return Place(date.fromisoformat(parts[0]), int(parts[1]), int(parts[2]), min(int(parts[3]), 32_767))
    except ValueError:
        return None


def _all(statement: str, bound: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, bound)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
