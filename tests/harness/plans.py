"""How many rows PostgreSQL really read for a statement, whichever plan it chose."""

import json

from django.db import connection

_READ = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Join Filter", "Rows Removed by Index Recheck")


def rows_touched(statement, bound, relation=None):
    """Run a statement and return the most rows that one step of its plan looked at; of one relation where it is named."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}", bound)
        found = cursor.fetchone()[0]
    plan = json.loads(found) if isinstance(found, str) else found
    steps = [step for step in _steps(plan[0]["Plan"]) if relation in (None, step.get("Relation Name"))]
    return max((sum(step.get(name, 0) for name in _READ) * step["Actual Loops"] for step in steps), default=0)


def _steps(step):
    yield step
    for below in step.get("Plans", ()):
        yield from _steps(below)
