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

# Days from the newest on, each with its parts, that together hold at least a page of rows; the first may have been begun.
_CELLS = f"""
SELECT day, part, rows, delivered, months, initiatives, unowned FROM (
    SELECT cells.*, coalesce(sum(CASE WHEN (day, part) = (%(begun)s, %(part)s) THEN 0 ELSE rows END) OVER (
        ORDER BY day DESC, part DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
    FROM (
        SELECT m.charge_on AS day, m.part_id::bigint AS part, sum(m.rows)::bigint AS rows, p.rows AS delivered,
            array_agg(DISTINCT date_trunc('month', p.billing_period_start)::date) AS months,
            coalesce(array_agg(DISTINCT m.initiative_id) FILTER (WHERE m.initiative_id IS NOT NULL), '{{{{}}}}') AS initiatives,
            bool_or(m.initiative_id IS NULL) AS unowned
        FROM projects_spendday m {JOINS.format(group="m.group_id")}
        JOIN projects_deliverypart p ON p.id = m.part_id
        WHERE {{where}} AND (m.charge_on, m.part_id) <= (%(begun)s, %(part)s) GROUP BY 1, 2, 4
    ) cells
) counted WHERE before <= %(page)s ORDER BY day DESC, part DESC
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
    AND m.part_id = ANY(%(parts)s) AND (m.initiative_id = ANY(%(initiatives)s) {unowned}) {within}
    AND ((m.charge_on, m.part_id) < (%(begun)s, %(part)s)
        OR (m.charge_on, m.part_id) = (%(begun)s, %(part)s) AND (m.row_number, m.share) > (%(row)s, %(share)s))
"""
_ORDER = "ORDER BY m.charge_on DESC, m.part_id DESC, m.row_number, m.share"
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
# The furthest of some charges, whichever are found first, that fill a page: the page does not end behind it. Charges of a
# delivery lie in the order of its rows, nearly, so that what is found first is not far, and ranges of pages end there.
_FURTHEST = f"""
SELECT max(row_number) FROM (
    SELECT m.row_number FROM projects_spendfact m CROSS JOIN LATERAL (
        SELECT FROM projects_costkey k {_BESIDE} WHERE k.id = m.cost_key_id AND {{where}} OFFSET 0
    ) told WHERE {_NEAR} LIMIT %(page)s
) found HAVING count(*) = %(page)s
"""
MANY = 1_000  # of so many charges delivered beside it, at least one is meant
FIRST = 100  # times as many charges as a page holds are put in order first, before all of them are
LARGE = 20  # times as many charges as a page holds make it worth asking first where the page ends


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
class _Cell:
    """How many of the charges that are meant one part has on one day, where they are stored and whose they are."""

    day: date
    part: int
    rows: int
    delivered: int
    months: Sequence[date]
    initiatives: Sequence[int]
    unowned: bool


@dataclass(frozen=True)
class Page:
    """Some charges, the newest first, and where the next page begins; None at the end."""

    charges: Sequence[Charge]
    after: Place | None


def charges(narrowing: Narrowing, *, after: Place | None = None, page: int = PAGE) -> Page:
    """Return a page of the charges that are meant; two to six queries for any number of charges, and one for what is remembered.

    The rollup says on which days, in which parts and by whom the next ones are, so that no other partition is read.
    """
    where = narrowing.where(day="m.charge_on")
    begun = after or Place(narrowing.on + timedelta(days=1), 0, 0, 0)
    bound = {**narrowing.bound(), "begun": begun.day, "part": begun.part, "page": page + 1}
    cells = [_Cell(*row) for row in kept_rows(narrowing, _CELLS.format(where=where), bound)]
    if not cells:
        return Page([], None)
    bound |= {"row": begun.row, "share": begun.share}
    if sum(cell.rows for cell in cells) * MANY < _delivered(cells):
        rows = _all(_ROWS.format(where=where, unowned=_unowned(cells), within=""), bound | _near(cells))
    else:
        rows = _walked(cells, where, bound, page + 1)
    found = [Charge(*row) for row in rows]
    return Page(found[:page], found[page - 1].place if len(found) > page else None)


def _walked(cells: Sequence[_Cell], where: str, bound: dict[str, Any], page: int) -> list[tuple[Any, ...]]:
    """Return the next charges of days where many are meant; a long day and part is read alone, as far as it fills the page.

    Only the first and the last can be long: what lies between does not fill a page.
    """
    long = [cell.rows > LARGE * bound["page"] for cell in cells]
    if len(cells) > 1 and (long[0] or long[-1]):
        cut = 1 if long[0] else len(cells) - 1
        rows = _walked(cells[:cut], where, bound, page)
        return rows if len(rows) >= page else rows + _walked(cells[cut:], where, bound, page - len(rows))
    asked = {"where": where, "unowned": _unowned(cells), "within": ""}
    near, most = bound | _near(cells) | {"page": page}, FIRST * page
    if long[0]:
        return _walked_alone(cells[0], asked, near)
    rows = _all(_WALK.format(**asked), near | {"most": most})
    if len(rows) < page and _delivered(cells) > most:
        return _all(_WALK.format(**asked), near | {"most": None})  # what is meant may stand further on
    return rows


def _walked_alone(cell: _Cell, asked: dict[str, str], near: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Return the next charges of one long day and part: up to the furthest of a page, or all that are left of it."""
    is_begun = (cell.day, cell.part) == (near["begun"], near["part"])
    near |= {"nearest": near["row"] if is_begun else 0, "most": None}
    asked["within"] = "AND m.row_number >= %(nearest)s"
    if found := _all(_FURTHEST.format(**asked), near):
        asked["within"] += " AND m.row_number <= %(furthest)s"
        near |= {"furthest": found[0][0]}
    return _all(_WALK.format(**asked), near)


def _near(cells: Sequence[_Cell]) -> dict[str, Any]:
    """Return where the charges of some days and parts are found."""
    return {
        "first": min(cell.day for cell in cells),
        "last": max(cell.day for cell in cells),
        "parts": sorted({cell.part for cell in cells}),
        "months": sorted({month for cell in cells for month in cell.months}),
        "initiatives": sorted({pk for cell in cells for pk in cell.initiatives}),
    }


def _delivered(cells: Sequence[_Cell]) -> int:
    """Return how many charges their parts delivered in all."""
    return sum({cell.part: cell.delivered for cell in cells}.values())


def _unowned(cells: Sequence[_Cell]) -> str:
    return "OR m.initiative_id IS NULL" if any(cell.unowned for cell in cells) else ""


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
