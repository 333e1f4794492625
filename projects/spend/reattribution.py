"""Give history out again by the rules in force, in SQL, and keep rollups equal to it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction

from projects.attribution.matching import owners_statement
from projects.attribution.shares import FACT_COLUMNS
from projects.audit.services import record
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import require
from projects.signals import spend_reattributed
from projects.sources.models import Source
from projects.sources.services import hold_sources
from projects.spend.listening import Listener, Silence, heeding
from projects.spend.loading import make_findable
from projects.spend.measuring import measure_splits
from projects.spend.models import Reattribution
from projects.spend.moves import MOVABLE, WRONG, Moved, all_rows, work_out_moves
from projects.spend.regrouping import find_keys_to_regroup, learn_purposes, regroup
from projects.spend.rollups import fill_days, swap_parts
from projects.spend.shared_before import taken_before
from projects.spend.unmatched_logs import unmatched_logs

_KEYS = "(SELECT id AS cost_key_id FROM projects_costkey)"
_PLACES = """
SELECT billing_month, array_agg(DISTINCT part_id), sum(rows)::bigint,
    array_agg(DISTINCT giver) || array_agg(DISTINCT taker) FROM wrong_charge WHERE is_movable GROUP BY 1
"""
_SHARED_PLACES = """
SELECT c.billing_month, array_agg(DISTINCT c.part_id), count(DISTINCT (c.part_id, c.row_number)),
    array_agg(DISTINCT f.initiative_id) FROM shared_charge c JOIN (
        SELECT part_id, row_number, initiative_id FROM shared_fact
        UNION ALL SELECT part_id, row_number, initiative_id FROM shared_before
    ) f USING (part_id, row_number) WHERE c.is_movable GROUP BY 1
"""
_GIVE = f"""
UPDATE projects_spendfact t SET initiative_id = w.initiative_id, rule_id = w.rule_id FROM (
    SELECT f.tableoid AS partition, f.ctid AS place, o.initiative_id, o.rule_id
    {WRONG} AND {MOVABLE} AND f.billing_month = %(month)s
) w WHERE t.billing_month = %(month)s AND (t.tableoid, t.ctid) = (w.partition, w.place)
"""
_FORGET_SHARED = """
DELETE FROM projects_spendfact f USING shared_charge c WHERE c.is_movable AND c.billing_month = %(month)s
    AND f.billing_month = %(month)s AND (f.part_id, f.row_number) = (c.part_id, c.row_number)
"""
_PUT_SHARED = f"""
INSERT INTO projects_spendfact ({FACT_COLUMNS})
SELECT {", ".join(f"f.{column.strip()}" for column in FACT_COLUMNS.split(","))} FROM shared_fact f
JOIN shared_charge c USING (part_id, row_number) WHERE c.is_movable AND c.billing_month = %(month)s
"""


@dataclass
class _Place:
    """One billing month in which charges change hands."""

    month: date
    parts: list[int] = field(default_factory=list)
    rows: int = 0
    initiatives: set[int] = field(default_factory=set)


@transaction.atomic
def preview_reattribution(*, by: User, agreed: Sequence[int] = (), listener: Listener | None = None) -> Moved:
    """Say what the rules in force would move, and move nothing. Raise NotPermitted."""
    require(by, Permission.KEEP_ATTRIBUTION)
    listener = listener or Silence()
    before = transaction.savepoint()
    with heeding(listener):
        _make_room()
        listener.step("Measuring what splits go by")
        measure_splits()
        listener.step("Working out whose each charge would be")
        _learn_owners()
        listener.step("Adding up the money that moves")
        moved = _work_out(agreed)
        _tell_of_logs(moved)
    transaction.savepoint_rollback(before)
    return moved


@transaction.atomic
def reattribute(
    *, by: User, at: datetime, agreed: Sequence[int] = (), listener: Listener | None = None, tells_of_logs: bool = False
) -> Moved:
    """Give the charges of current deliveries to whom the rules in force say, and say what they are for.

    Closed months stay as they are, save for charges that rules in `agreed` take or let go: two people agreed to those.
    What rules over logs do not get is worked out where somebody is told of it. Raise NotPermitted.
    """
    require(by, Permission.KEEP_ATTRIBUTION)
    listener = listener or Silence()
    with heeding(listener):
        _lock_sources()
        _make_room()
        listener.step("Measuring what splits go by")
        measure_splits()
        listener.step("Working out whose each charge is")
        _learn_owners()
        moved = _work_out(agreed)
        if tells_of_logs:
            _tell_of_logs(moved)
        touched = _give_out(list(agreed), listener)
        regroup(listener)
    made = keep_moved(moved, by=by, at=at)
    record(verb="spend.reattributed", target=made, by=by, at=at)
    spend_reattributed.send(sender=Reattribution, initiative_ids=touched, by=by, at=at)
    return moved


def _work_out(agreed: Sequence[int]) -> Moved:
    """Return what moves once owners are learned, and what charges are for."""
    return work_out_moves(list(agreed)).with_purposes(learn_purposes())


def _tell_of_logs(moved: Moved) -> None:
    """Say what rules over logs do not get; what moves was worked out just before."""
    moved.taken_before, moved.unmatched = taken_before(), unmatched_logs()


@transaction.atomic
def tell_purposes(*, by: User, at: datetime) -> Moved | None:
    """Say again what charges are for where the rules say otherwise: those that come with the product may be newer than the
    import. None where they all stand. Raise NotPermitted.
    """
    require(by, Permission.KEEP_ATTRIBUTION)
    if not find_keys_to_regroup():
        return None
    _lock_sources()
    moved = Moved(purposes=learn_purposes())
    regroup(Silence())
    made = keep_moved(moved, by=by, at=at)
    record(verb="spend.reattributed", target=made, by=by, at=at)
    return moved


def keep_moved(moved: Moved, *, by: User, at: datetime) -> Reattribution:
    """Keep what a run moved, for the lists and the record."""
    return Reattribution.objects.create(
        rows=moved.rows,
        moved=moved.moves,
        initiatives=moved.initiatives,
        closed_rows=moved.closed_rows,
        purposes=moved.purposes,
        made_by=by,
        made_at=at,
    )


def give_out_shared() -> list[int]:
    """Give out what was found to be shared otherwise, and nothing else; return the initiatives that it touches."""
    return _give_out_in(_places(all_rows(f"{_SHARED_PLACES} ORDER BY 1")), None, Silence())


def _give_out(agreed: list[int], listener: Listener) -> list[int]:
    found = all_rows(f"{_PLACES} UNION ALL {_SHARED_PLACES} ORDER BY 1")
    return _give_out_in(_places(found), agreed, listener)


def _give_out_in(places: Sequence[_Place], agreed: list[int] | None, listener: Listener) -> list[int]:
    total, done = sum(place.rows for place in places), 0
    touched: set[int] = set()
    listener.step("Giving out charges", total=total)
    for place in places:
        touched |= place.initiatives
        swap_parts(new=[], old=place.parts)
        with connection.cursor() as cursor:
            if agreed is not None:
                cursor.execute(_GIVE, {"month": place.month, "agreed": agreed})
            cursor.execute(_FORGET_SHARED, {"month": place.month})
            cursor.execute(_PUT_SHARED, {"month": place.month})
        make_findable([place.month])
        fill_days(place.parts, [place.month])
        swap_parts(new=place.parts, old=[])
        done += place.rows
        listener.advance(done)
    return sorted(touched)


def _places(found: Sequence[tuple[Any, ...]]) -> list[_Place]:
    places: dict[date, _Place] = {}
    for month, parts, rows, initiatives in found:
        place = places.setdefault(month, _Place(month))
        place.parts = sorted({*place.parts, *parts})
        place.rows += rows
        place.initiatives |= {pk for pk in initiatives if pk is not None}
    return list(places.values())


def _learn_owners() -> None:
    statement, parameters = owners_statement(_KEYS)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS key_owner")
        cursor.execute(f"CREATE TEMPORARY TABLE key_owner ON COMMIT DROP AS {statement}", parameters)
        cursor.execute("CREATE INDEX ON key_owner (cost_key_id)")
        cursor.execute("ANALYZE key_owner")


def _make_room() -> None:
    """Let what is sorted and hashed here stay in memory until the transaction ends: it is about everything there is."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'")


def _lock_sources() -> None:
    """Wait for imports under way, and let new ones wait."""
    hold_sources(sorted(Source.objects.values_list("name", flat=True)))
