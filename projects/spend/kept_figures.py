"""Figures of all rollups, worked out once for what is delivered and given out, and then remembered.

What they rest on is kept beside them: a delivery, charges given out anew, a rebuilt rollup or another role of a source
ask for them anew. Each process remembers what it was asked; what all pages show is also kept in the database, filled after
each delivery, so that nobody's first look waits. Only ids and figures are kept: no name leaves its table by this.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from hashlib import sha256
from typing import TypeVar, cast

from django.core.cache import cache, caches
from django.db import connection

from projects.common.memo import once

KEPT_SECONDS = 24 * 3600
UNCLAIMED, CLAIMED, CURRENCIES, TAG_COVERAGE, CHARGES = "unclaimed", "claimed", "currencies", "tag-coverage", "charges"
TAKEN_BY_RULES = "taken-by-rules"
FOR_ALL = {UNCLAIMED, CLAIMED, CURRENCIES, TAG_COVERAGE, TAKEN_BY_RULES}
Figures = TypeVar("Figures")
_filling: ContextVar[bool] = ContextVar("filling", default=False)

_STATE = """
SELECT (SELECT max(id) FROM projects_delivery), (SELECT max(id) FROM projects_reattribution),
    (SELECT max(id) FROM projects_spendmonth), (SELECT array_agg(id || role ORDER BY id) FROM projects_source)
"""


@contextmanager
def kept_for_all() -> Iterator[None]:
    """Keep for all processes what is asked inside the block; what is kept for them already is not worked out again."""
    token = _filling.set(True)
    try:
        yield
    finally:
        _filling.reset(token)


def kept(what: str, bound: object, work_out: Callable[[], Figures]) -> Figures:
    """Return figures from memory where no rollup has changed, or else work them out."""
    return remembered(what, bound, once(_STATE, _state), work_out)


def remembered(what: str, bound: object, rests_on: object, work_out: Callable[[], Figures]) -> Figures:
    """Return figures from memory where nothing that they rest on has changed, or else work them out.

    `bound` tells figures of one kind apart; newer ones take the place of those that rested on something else.
    """
    name, state, is_for_all = f"{what}:{_digest(bound)}", _digest(rests_on), what in FOR_ALL
    known = None if _filling.get() else cache.get(name)
    if known is None or known[0] != state:
        known = caches["figures"].get(name) if is_for_all else None
        if known is None or known[0] != state:
            known = (state, work_out())
            if is_for_all and _filling.get():
                caches["figures"].set(name, known)
        cache.set(name, known, KEPT_SECONDS)
    return cast(Figures, known[1])


def _digest(value: object) -> str:
    return sha256(repr(value).encode()).hexdigest()


def _state() -> object:
    with connection.cursor() as cursor:
        cursor.execute(_STATE)
        return cursor.fetchone()
