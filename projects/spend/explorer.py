"""Spend by layer, initiative, team or model over some months, all from the month rollup."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from projects.attribution.layers import LAYERS, UNCLASSIFIED
from projects.spend.rules import growth, month_before

UNCLAIMED = "unclaimed"
BY = {"layer": "Layer", "initiative": "Initiative", "team": "Team", "model": "Model"}
LAYER_NAMES = {
    "api_model": "Model API",
    "platform": "Platform and orchestration",
    "infrastructure": "Infrastructure",
    "embedded_saas": "Embedded AI in software",
    "harness": "Harness",
    UNCLASSIFIED: "Unclassified",
    UNCLAIMED: "Unclaimed",
}
MOST_ROWS = 200

_LAYER = f"CASE WHEN m.initiative_id IS NULL THEN '{UNCLAIMED}' ELSE g.owned_layer END"
_KEYS = {
    "layer": ("i.key", "i.name"),
    "initiative": ("i.key", "i.name"),
    "team": ("CASE WHEN m.initiative_id IS NOT NULL THEN coalesce(t.name, 'No team') END", "t.name"),
    "model": (
        "CASE WHEN m.initiative_id IS NOT NULL THEN coalesce(g.model, g.service_name, 'Unknown') END",
        "NULL::text",
    ),
}
# Charges that nobody owns count as spend on AI only where their layer says that they are.
_FROM = f"""
FROM projects_spendmonth m
JOIN projects_costgroup g ON g.id = m.group_id
JOIN projects_source s ON s.id = g.source_id AND s.role = 'fact'
LEFT JOIN projects_initiative i ON i.id = m.initiative_id
LEFT JOIN projects_team t ON t.id = i.team_id
WHERE m.month >= %(since)s AND m.month <= %(on)s AND m.currency = %(currency)s
    AND (m.initiative_id IS NOT NULL OR g.layer <> '{UNCLASSIFIED}')
    AND (%(environment)s = '' OR g.environment = %(environment)s)
"""
_MONTHS = f"SELECT m.month, {_LAYER}, sum(m.effective_cost) {_FROM} GROUP BY 1, 2 ORDER BY 1, 2"
_ROWS = f"""
SELECT {{key}}, max({{name}}), {_LAYER}, sum(m.effective_cost),
    coalesce(sum(m.effective_cost) FILTER (WHERE m.month = %(last)s), 0),
    coalesce(sum(m.effective_cost) FILTER (WHERE m.month = %(before)s), 0)
{_FROM} GROUP BY 1, 3
"""
_CURRENCIES = f"""
SELECT m.currency, sum(m.effective_cost) FROM projects_spendmonth m JOIN projects_costgroup g ON g.id = m.group_id
JOIN projects_source s ON s.id = g.source_id AND s.role = 'fact'
WHERE m.initiative_id IS NOT NULL OR g.layer <> '{UNCLASSIFIED}' GROUP BY 1 ORDER BY 2 DESC
"""
_ENVIRONMENTS = "SELECT DISTINCT environment FROM projects_costgroup WHERE environment IS NOT NULL ORDER BY 1 LIMIT 50"


@dataclass(frozen=True)
class Question:
    """What the page shows: grouped by what, which months, in one currency, of one environment or of all."""

    by: str
    since: date
    on: date
    currency: str
    environment: str = ""


@dataclass
class Row:
    """One line of the table: its cost by layer, and the last two full months."""

    key: str | None
    name: str
    layers: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    last_month: Decimal = Decimal(0)
    month_before: Decimal = Decimal(0)

    @property
    def total(self) -> Decimal:
        """Return the sum of its layers."""
        return sum(self.layers.values(), Decimal(0))

    @property
    def growth(self) -> Decimal | None:
        """Return how much more the last full month cost than the one before, or None."""
        return growth(self.month_before, self.last_month)


@dataclass
class Answer:
    """Months by layer for the chart, rows for the table, unclaimed apart, and the sums of all."""

    question: Question
    months: list[date]
    by_layer: dict[str, list[Decimal]]
    rows: list[Row]
    left_out: int
    unclaimed: Row | None
    total: Row

    @property
    def claimed_ratio(self) -> Decimal | None:
        """Return the share that belongs to an initiative; None without spend."""
        total = self.total.total
        return None if total <= 0 else 1 - (self.unclaimed.total if self.unclaimed else Decimal(0)) / total

    def share(self, layer: str) -> Decimal | None:
        """Return a layer's share of all; None without spend."""
        return None if self.total.total <= 0 else self.total.layers[layer] / self.total.total


def explore(question: Question) -> Answer:
    """Answer what was spent."""
    bound = {
        "since": question.since,
        "on": question.on,
        "currency": question.currency,
        "environment": question.environment,
        "last": month_before(question.on),
        "before": month_before(month_before(question.on)),
    }
    months, by_layer = _months(_all(_MONTHS, bound), question)
    key, name = _KEYS[question.by]
    rows = _rows(_all(_ROWS.format(key=key, name=name), bound))
    total = _sum(rows)
    unclaimed = next((row for row in rows if row.key is None), None)
    owned = sorted((row for row in rows if row.key is not None), key=lambda row: -row.total)
    return Answer(question, months, by_layer, owned[:MOST_ROWS], len(owned[MOST_ROWS:]), unclaimed, total)


def currencies() -> list[str]:
    """Return the currencies in which bills are, the one with the largest figure first."""
    return [row[0] for row in _all(_CURRENCIES, {})]


def environments() -> list[str]:
    """Return the environments that tags name."""
    return [row[0] for row in _all(_ENVIRONMENTS, {})]


def _months(rows: Sequence[tuple[Any, ...]], question: Question) -> tuple[list[date], dict[str, list[Decimal]]]:
    found = {(month, layer): amount for month, layer, amount in rows}
    first = max(question.since, min((month for month, _ in found), default=question.on.replace(day=1)))
    months: list[date] = []
    month = question.on.replace(day=1)
    while month >= first:
        months.insert(0, month)
        month = month_before(month)
    order = [layer for layer in (*LAYERS, UNCLAIMED) if any(layer == name for _, name in found)]
    return months, {layer: [found.get((month, layer), Decimal(0)) for month in months] for layer in order}


def _rows(found: Sequence[tuple[Any, ...]]) -> list[Row]:
    rows: dict[str | None, Row] = {}
    for key, name, layer, amount, last, before in found:
        row = rows.setdefault(key, Row(key, name or key or LAYER_NAMES[UNCLAIMED]))
        row.layers[layer] += amount
        row.last_month += last
        row.month_before += before
    return list(rows.values())


def _sum(rows: Sequence[Row]) -> Row:
    total = Row("total", "Total")
    for row in rows:
        for layer, amount in row.layers.items():
            total.layers[layer] += amount
        total.last_month += row.last_month
        total.month_before += row.month_before
    return total


def _all(statement: str, bound: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, bound)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
