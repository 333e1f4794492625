"""Cut what an import loaded for rules that split. Called only inside an import's transaction, before it is rolled up."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import connection

from projects.attribution.details import BY_DETAIL
from projects.attribution.shares import FACT_COLUMNS, SPLITTING, cut_statement, has_splits

_LOADED = f"""(
    SELECT billing_month, part_id, row_number, charge_on, cost_key_id, currency, initiative_id, rule_id,
        billed_cost AS billed, effective_cost AS effective
    FROM projects_spendfact WHERE part_id = ANY(%(parts)s) AND billing_month = ANY(%(months)s)
        AND rule_id = ANY(ARRAY({SPLITTING})) AND rule_id <> ALL(ARRAY({BY_DETAIL}))
)"""
_FORGET = """
DELETE FROM projects_spendfact f USING cut_fact c
WHERE c.share = 0 AND f.billing_month = c.billing_month AND (f.part_id, f.row_number) = (c.part_id, c.row_number)
"""
_PUT = f"INSERT INTO projects_spendfact ({FACT_COLUMNS}) SELECT {FACT_COLUMNS} FROM cut_fact"


def cut_shares(parts: Sequence[int], months: Sequence[date]) -> bool:
    """Give each participant its own fact of the charges that rules split; return whether there was any."""
    with connection.cursor() as cursor:
        if not has_splits(cursor):
            return False
        return put_cut_facts(cursor, cut_statement(_LOADED), {"parts": list(parts), "months": list(months)})


def put_cut_facts(cursor: Any, statement: str, parameters: dict[str, Any]) -> bool:
    """Put the facts that a statement cuts in place of the whole charges; return whether there was any."""
    cursor.execute("DROP TABLE IF EXISTS cut_fact")
    cursor.execute(f"CREATE TEMPORARY TABLE cut_fact ON COMMIT DROP AS {statement}", parameters)
    cursor.execute(_FORGET)
    cursor.execute(_PUT)
    put: int = cursor.rowcount
    return put > 0
