"""How many charges are meant, and what they come to, exactly."""

from dataclasses import dataclass, replace
from decimal import Decimal

from django.db import connection

from projects.spend.narrowing import JOINS, Narrowing

_SUMS = f"""
SELECT m.currency, sum(m.rows)::bigint, sum(m.billed_cost), sum(m.effective_cost)
FROM projects_spendday m {JOINS.format(group="m.group_id")} WHERE {{where}} GROUP BY 1 ORDER BY 4 DESC
"""
_UNUSED = f"""
SELECT m.currency, sum(m.effective_cost) FROM {{rollup}} m {JOINS.format(group="m.group_id")} WHERE {{where}} GROUP BY 1 ORDER BY 1
"""


@dataclass(frozen=True)
class ChargeSum:
    """How many charges there are in a currency, and what they come to."""

    currency: str
    rows: int
    billed_cost: Decimal
    effective_cost: Decimal


def unused_sums(narrowing: Narrowing, *, rollup: str, day: str) -> dict[str, Decimal]:
    """Add up, by currency, what of some charges was bought ahead and used by nobody, whether it is known as AI or not."""
    meant = replace(narrowing.only(use="unused"), everything=True)
    with connection.cursor() as cursor:
        cursor.execute(_UNUSED.format(rollup=rollup, where=meant.where(day=day)), meant.bound())
        return dict(cursor.fetchall())


def charge_sums(narrowing: Narrowing) -> list[ChargeSum]:
    """Return rows and exact sums by currency of the charges that are meant; one query of the rollup."""
    with connection.cursor() as cursor:
        cursor.execute(_SUMS.format(where=narrowing.where(day="m.charge_on")), narrowing.bound())
        return [ChargeSum(*row) for row in cursor.fetchall()]
