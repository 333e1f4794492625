"""Keep day and month rollups equal to the facts of current parts, set by set. Called only inside an import's transaction."""

import io
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import connection

from projects.spend.cells import DAY
from projects.spend.days import COSTS, DayBook, printed

_FILL_DAYS = """
INSERT INTO projects_spendday (part_id, group_id, initiative_id, currency, charge_on, rows, billed_cost, effective_cost)
SELECT f.part_id, k.group_id, f.initiative_id, f.currency, f.charge_on,
    count(*) FILTER (WHERE f.share = 0), sum(f.billed_cost), sum(f.effective_cost)
FROM projects_spendfact f JOIN projects_costkey k ON k.id = f.cost_key_id
WHERE f.part_id = ANY(%(parts)s) AND f.billing_month = ANY(%(months)s)
GROUP BY 1, 2, 3, 4, 5
"""
# What the month rollup must gain or lose so that it counts the new parts and no longer the old ones.
_MOVED_MONTHS = """
SELECT group_id, initiative_id, currency, date_trunc('month', charge_on)::date AS month,
    sum(CASE WHEN part_id = ANY(%(new)s) THEN rows ELSE -rows END),
    sum(CASE WHEN part_id = ANY(%(new)s) THEN billed_cost ELSE -billed_cost END),
    sum(CASE WHEN part_id = ANY(%(new)s) THEN effective_cost ELSE -effective_cost END)
FROM projects_spendday WHERE part_id = ANY(%(new)s) OR part_id = ANY(%(old)s)
GROUP BY 1, 2, 3, 4
"""
_ADDED_UP_MONTHS = """
SELECT * FROM unnest(%(group_id)s::bigint[], %(initiative_id)s::bigint[], %(currency)s::text[], %(month)s::date[],
    %(rows)s::bigint[], %(billed_cost)s::numeric[], %(effective_cost)s::numeric[])
"""
_MOVE_MONTHS = """
INSERT INTO projects_spendmonth AS m (group_id, initiative_id, currency, month, rows, billed_cost, effective_cost)
{moves}
ON CONFLICT (group_id, month, initiative_id, currency) DO UPDATE SET
    rows = m.rows + excluded.rows,
    billed_cost = m.billed_cost + excluded.billed_cost,
    effective_cost = m.effective_cost + excluded.effective_cost
"""
# Who has only later shares of split charges, or nobody the rest of one, has money and counts no rows: the month stays while
# days do.
_OF_MONTH = """
d.charge_on >= m.month AND d.charge_on < m.month + interval '1 month' AND d.group_id = m.group_id
    AND d.currency = m.currency
"""
_DROP_EMPTY_MONTHS = f"""
DELETE FROM projects_spendmonth m WHERE m.rows = 0 AND CASE WHEN m.initiative_id IS NULL
    THEN NOT EXISTS (SELECT FROM projects_spendday d WHERE d.initiative_id IS NULL AND {_OF_MONTH})
    ELSE NOT EXISTS (SELECT FROM projects_spendday d WHERE d.initiative_id = m.initiative_id AND {_OF_MONTH}) END
"""
_DAY_COLUMNS = (*DAY, "rows", *COSTS)
_COPY_DAYS = f"COPY projects_spendday ({', '.join(_DAY_COLUMNS)}) FROM STDIN (FORMAT csv)"
_PRINTED_ROWS = 10_000
_DROP_DAYS = "DELETE FROM projects_spendday WHERE part_id = ANY(%(old)s)"


def fill_days(parts: Sequence[int], months: Sequence[date], added_up: DayBook | None = None) -> None:
    """Roll up the facts of new parts by day: as added up, exactly, while they were loaded, or else from the facts."""
    if added_up is None:
        _run(_FILL_DAYS, parts=list(parts), months=list(months))
    else:
        days = added_up.days().select(_DAY_COLUMNS)
        with connection.cursor() as cursor, cursor.copy(_COPY_DAYS) as copy:
            for some in days.iter_slices(_PRINTED_ROWS):  # while the database takes some, the next are printed
                text = io.BytesIO()
                some.with_columns(printed(some["charge_on"])).write_csv(text, include_header=False, quote_style="never")
                copy.write(text.getbuffer())
    _run("SELECT projects_summarise_days()")


def swap_parts(new: Sequence[int], old: Sequence[int], added_up: DayBook | None = None) -> None:
    """Let the month rollup count new parts in place of old ones, and forget the old ones' days.

    What `added_up` holds of the new parts need not be read again.
    """
    if added_up is not None:
        months = added_up.months()
        _run(_MOVE_MONTHS.format(moves=_ADDED_UP_MONTHS), **months.to_dict(as_series=False))
        new = []
    if new or old:
        _run(_MOVE_MONTHS.format(moves=_MOVED_MONTHS), new=list(new), old=list(old))
    if old:
        _run(_DROP_DAYS, old=list(old))
        _run(_DROP_EMPTY_MONTHS)


def _run(statement: str, **parameters: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
