"""How many charges are meant, and what they come to, exactly."""

from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from projects.spend.narrowing import JOINS, Narrowing

_SUMS = f"""
SELECT m.currency, sum(m.rows)::bigint, sum(m.billed_cost), sum(m.effective_cost)
FROM projects_spendday m {JOINS.format(group="m.group_id")} WHERE {{where}} GROUP BY 1 ORDER BY 4 DESC
"""


@dataclass(frozen=True)
class ChargeSum:
    """How many charges there are in a currency, and what they come to."""

    currency: str
    rows: int
    billed_cost: Decimal
    effective_cost: Decimal


def charge_sums(narrowing: Narrowing) -> list[ChargeSum]:
    """Return rows and exact sums by currency of the charges that are meant; one query of the rollup."""
    with connection.cursor() as cursor:
        cursor.execute(_SUMS.format(where=narrowing.where(day="m.charge_on")), narrowing.bound())
        return [ChargeSum(*row) for row in cursor.fetchall()]
