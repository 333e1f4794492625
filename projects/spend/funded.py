"""Harness lines that a budget pays for: those whose charge day lies in a span of days whose tranche funds them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from projects.attribution.layers import HARNESS_SOURCE
from projects.spend.converting import Cost, amounts, tallies

# Parameters are those of `span_parameters`; gives id, currency, day, effective_cost.
FUNDED = f"""
SELECT h.id, d.currency, d.charge_on AS day, d.effective_cost
FROM unnest(%(funded_ids)s::bigint[], %(funded_from)s::date[], %(funded_until)s::date[]) AS h (id, first, until)
JOIN projects_spendday d ON d.initiative_id = h.id AND d.charge_on >= h.first AND d.charge_on < h.until
    AND d.charge_on <= %(on)s
JOIN projects_costgroup g ON g.id = d.group_id
JOIN projects_source s ON s.id = g.source_id AND s.role = 'fact' AND s.name = '{HARNESS_SOURCE}'
"""
_BY_DAY = f"""
SELECT f.id, f.day, i.currency, f.currency, sum(f.effective_cost) FROM ({FUNDED}) f
JOIN projects_initiative i ON i.id = f.id GROUP BY 1, 2, 3, 4
"""


@dataclass(frozen=True)
class Span:
    """Days, the last one left out, on which an initiative's budget pays for harness lines."""

    initiative_id: int
    starts_on: date
    ends_on: date


def span_parameters(spans: Sequence[Span]) -> dict[str, Any]:
    """Return spans as the statement takes them."""
    return {
        "funded_ids": [span.initiative_id for span in spans],
        "funded_from": [span.starts_on for span in spans],
        "funded_until": [span.ends_on for span in spans],
    }


def funded_by_day(spans: Sequence[Span], *, on: date) -> dict[int, dict[date, Decimal]]:
    """Return what budgets pay for harness lines by initiative and day, in the initiative's currency."""
    if not spans:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_BY_DAY, {"on": on, **span_parameters(spans)})
        rows = cursor.fetchall()
    costs = [Cost((pk, day), own, currency, day.replace(day=1), cost) for pk, day, own, currency, cost in rows]
    found: dict[int, dict[date, Decimal]] = {}
    for (pk, day), cost in amounts(tallies(costs)).items():
        found.setdefault(pk, {})[day] = cost
    return found
