"""Give history out again by the rules in force, in SQL, and keep rollups equal to it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from projects.attribution.matching import owners_statement
from projects.audit.services import record
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import require
from projects.signals import spend_reattributed
from projects.sources.models import Source
from projects.sources.services import LOCK_PATIENCE
from projects.spend.listening import Listener, Silence
from projects.spend.models import Reattribution
from projects.spend.rollups import fill_days, swap_parts
from projects.spend.rules import exact_text

_KEYS = "(SELECT id AS cost_key_id FROM projects_costkey)"
_WRONG = """
FROM projects_spendfact f
JOIN projects_deliverypart p ON p.id = f.part_id AND p.is_current
LEFT JOIN key_owner o ON o.cost_key_id = f.cost_key_id AND f.charge_on >= o.starts_on AND f.charge_on < o.ends_on
WHERE (f.initiative_id, f.rule_id) IS DISTINCT FROM (o.initiative_id, o.rule_id)
"""
_OPEN = "f.billing_month <> ALL(SELECT month FROM projects_closedperiod WHERE reopened_at IS NULL)"
_MOVED = f"""
SELECT a.key, b.key, moves.currency, moves.rows, moves.billed, moves.effective FROM (
    SELECT f.initiative_id AS before, o.initiative_id AS after, f.currency,
        count(*) AS rows, sum(f.billed_cost) AS billed, sum(f.effective_cost) AS effective
    {_WRONG} AND {_OPEN} AND f.initiative_id IS DISTINCT FROM o.initiative_id GROUP BY 1, 2, 3
) moves LEFT JOIN projects_initiative a ON a.id = moves.before LEFT JOIN projects_initiative b ON b.id = moves.after
ORDER BY 1 NULLS FIRST, 2 NULLS LAST, 3
"""
_PLACES = f"""
SELECT f.billing_month, array_agg(DISTINCT f.part_id), count(*),
    array_agg(DISTINCT f.initiative_id) || array_agg(DISTINCT o.initiative_id) {_WRONG} AND {_OPEN} GROUP BY 1 ORDER BY 1
"""
_GIVE = (
    """
UPDATE projects_spendfact t SET initiative_id = w.initiative_id, rule_id = w.rule_id FROM (
    SELECT f.part_id, f.row_number, f.share, o.initiative_id, o.rule_id
"""
    + _WRONG
    + """ AND f.billing_month = %(month)s
) w WHERE t.billing_month = %(month)s AND (t.part_id, t.row_number, t.share) = (w.part_id, w.row_number, w.share)
"""
)


@dataclass
class Moved:
    """What a re-attribution moves: rows that change hands, and exact sums from and to each initiative."""

    rows: int = 0
    moves: list[dict[str, Any]] = field(default_factory=list)
    closed_rows: int = 0


@transaction.atomic
def preview_reattribution(*, by: User) -> Moved:
    """Say what the rules in force would move, and move nothing. Raise NotPermitted."""
    require(by, Permission.KEEP_ATTRIBUTION)
    _learn_owners()
    return _moved()


@transaction.atomic
def reattribute(*, by: User, at: datetime, listener: Listener | None = None) -> Moved:
    """Give the charges of current deliveries to whom the rules in force say. Closed months stay as they are.

    Raise NotPermitted.
    """
    require(by, Permission.KEEP_ATTRIBUTION)
    listener = listener or Silence()
    _lock_sources()
    listener.step("Working out whose each charge is")
    _learn_owners()
    moved = _moved()
    touched = _give_out(listener)
    made = Reattribution.objects.create(
        rows=moved.rows, moved=moved.moves, closed_rows=moved.closed_rows, made_by=by, made_at=at
    )
    record(verb="spend.reattributed", target=made, by=by, at=at)
    spend_reattributed.send(sender=Reattribution, initiative_ids=touched, by=by, at=at)
    return moved


def _give_out(listener: Listener) -> list[int]:
    places = _all(_PLACES)
    total, done = sum(place[2] for place in places), 0
    touched: set[int] = set()
    listener.step("Giving out charges", total=total)
    for month, parts, rows, initiatives in places:
        touched.update(pk for pk in initiatives if pk is not None)
        swap_parts(new=[], old=parts)
        with connection.cursor() as cursor:
            cursor.execute(_GIVE, {"month": month})
        fill_days(parts, [month])
        swap_parts(new=parts, old=[])
        done += rows
        listener.advance(done)
    return sorted(touched)


def _moved() -> Moved:
    moves = [
        {
            "from": before,
            "to": after,
            "currency": currency,
            "rows": rows,
            "billed_cost": exact_text(billed),
            "effective_cost": exact_text(effective),
        }
        for before, after, currency, rows, billed, effective in _all(_MOVED)
    ]
    closed = _all(f"SELECT count(*) {_WRONG} AND NOT ({_OPEN}) AND f.initiative_id IS DISTINCT FROM o.initiative_id")
    return Moved(sum(move["rows"] for move in moves), moves, closed[0][0])


def _learn_owners() -> None:
    statement, parameters = owners_statement(_KEYS)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS key_owner")
        cursor.execute(f"CREATE TEMPORARY TABLE key_owner ON COMMIT DROP AS {statement}", parameters)
        cursor.execute("CREATE INDEX ON key_owner (cost_key_id)")
        cursor.execute("ANALYZE key_owner")


def _lock_sources() -> None:
    """Wait for imports under way, and let new ones wait."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_PATIENCE}'")
        for name in Source.objects.order_by("name").values_list("name", flat=True):
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"source {name}"])


def _all(statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
