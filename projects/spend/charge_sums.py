"""How many charges are meant, and what they come to, exactly."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db import connection

from projects.spend.kept_figures import CHARGES, kept
from projects.spend.narrowing import JOINS, Narrowing

_SUMS = f"""
SELECT m.currency, sum(m.rows)::bigint, sum(m.billed_cost), sum(m.effective_cost)
FROM projects_spendday m {JOINS.format(group="m.group_id")} WHERE {{where}} GROUP BY 1 ORDER BY 4 DESC
"""
_UNUSED = f"""
SELECT m.currency, sum(m.effective_cost) FROM {{rollup}} m {JOINS.format(group="m.group_id")} WHERE {{where}} GROUP BY 1 ORDER BY 1
"""
OF_TEAMS = {"team", "unit"}


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
    return dict(_all(_UNUSED.format(rollup=rollup, where=meant.where(day=day)), meant.bound()))


def charge_sums(narrowing: Narrowing) -> list[ChargeSum]:
    """Return rows and exact sums by currency of the charges that are meant, remembered from page to page.

    Those of a team are added up at each look: an initiative may change its team, and nothing is delivered by that.
    """
    statement, bound = _SUMS.format(where=narrowing.where(day="m.charge_on")), narrowing.bound()
    return [ChargeSum(*row) for row in kept_rows(narrowing, statement, bound)]


def kept_rows(narrowing: Narrowing, statement: str, bound: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Return the rows of a statement over the rollups of some charges, from memory unless they are asked for by team."""
    if narrowing.words.keys() & OF_TEAMS:
        return _all(statement, bound)
    return kept(CHARGES, (statement, bound), lambda: _all(statement, bound))


def _all(statement: str, bound: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, bound)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
