"""Figures of all rollups, worked out once for what is delivered and given out, and then remembered.

What they rest on is part of the name under which they are kept: a delivery, charges given out anew, a rebuilt rollup or
another role of a source ask for them anew. Only ids and figures are kept: no name leaves the database by this.
"""

from collections.abc import Callable
from hashlib import sha256
from typing import TypeVar, cast

from django.core.cache import cache
from django.db import connection

from projects.common.memo import once

KEPT_SECONDS = 24 * 3600
Figures = TypeVar("Figures")

_STATE = """
SELECT (SELECT max(id) FROM projects_delivery), (SELECT max(id) FROM projects_reattribution),
    (SELECT max(id) FROM projects_spendmonth), (SELECT array_agg(id || role ORDER BY id) FROM projects_source)
"""


def kept(what: str, bound: object, work_out: Callable[[], Figures]) -> Figures:
    """Return figures from memory where no rollup has changed, or else work them out."""
    return remembered(what, (once(_STATE, _state), bound), work_out)


def remembered(what: str, rests_on: object, work_out: Callable[[], Figures]) -> Figures:
    """Return figures from memory where nothing that they rest on has changed, or else work them out."""
    name = f"{what}:{sha256(repr(rests_on).encode()).hexdigest()}"
    known = cache.get(name)
    if known is None:
        known = work_out()
        cache.set(name, known, KEPT_SECONDS)
    return cast(Figures, known)


def _state() -> object:
    with connection.cursor() as cursor:
        cursor.execute(_STATE)
        return cursor.fetchone()
