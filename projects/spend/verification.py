"""Prove that rollups equal the facts of current parts, and make them anew where they do not."""

from typing import Any

from django.db import connection, transaction

_DAYS = """
SELECT f.part_id, k.group_id, f.initiative_id, f.currency, f.charge_on, count(*) FILTER (WHERE f.share = 0) AS rows,
    sum(f.billed_cost) AS billed_cost, sum(f.effective_cost) AS effective_cost
FROM projects_spendfact f JOIN projects_deliverypart p ON p.id = f.part_id AND p.is_current
JOIN projects_costkey k ON k.id = f.cost_key_id GROUP BY 1, 2, 3, 4, 5
"""
_MONTHS = """
SELECT group_id, initiative_id, currency, date_trunc('month', charge_on)::date AS month, sum(rows) AS rows,
    sum(billed_cost) AS billed_cost, sum(effective_cost) AS effective_cost FROM projects_spendday GROUP BY 1, 2, 3, 4
"""
_DAY = "part_id, group_id, initiative_id, currency, charge_on"
_MONTH = "group_id, initiative_id, currency, month"
_SUMS = "rows, billed_cost, effective_cost"


def rollup_differences(limit: int = 100) -> list[dict[str, Any]]:
    """Return rollup rows that differ from what they add up, missing and surplus ones included."""
    return [
        *_differences("day", f"SELECT {_DAY}, {_SUMS} FROM projects_spendday", _DAYS, limit),
        *_differences("month", f"SELECT {_MONTH}, {_SUMS} FROM projects_spendmonth", _MONTHS, limit),
    ]


def _differences(rollup: str, kept: str, true: str, limit: int) -> list[dict[str, Any]]:
    found = []
    for what, left, right in (("surplus", kept, true), ("missing", true, kept)):
        with connection.cursor() as cursor:
            cursor.execute(f"({left}) EXCEPT ({right}) LIMIT %s", [limit])
            names = [column.name for column in cursor.description or ()]
            found += [{"rollup": rollup, "what": what, **dict(zip(names, row, strict=True))} for row in cursor]
    return found


@transaction.atomic
def rebuild_rollups() -> int:
    """Make both rollups anew from the facts and return the number of day rows. Imports wait meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE projects_spendday, projects_spendmonth IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute("DELETE FROM projects_spendday")
        cursor.execute("DELETE FROM projects_spendmonth")
        cursor.execute(f"INSERT INTO projects_spendday ({_DAY}, {_SUMS}) {_DAYS}")
        days: int = cursor.rowcount
        cursor.execute(f"INSERT INTO projects_spendmonth ({_MONTH}, {_SUMS}) {_MONTHS}")
    return days
