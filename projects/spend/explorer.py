"""Spend by layer, initiative, team, model and more over some months, from the rollups; chart and table in one query."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from projects.attribution.layers import LAYERS, UNCLASSIFIED
from projects.spend.narrowing import CLAIMED, JOINS, LAYER, NOT_NAMED, UNCLAIMED, Narrowing
from projects.spend.rules import growth, last_day_of, month_before

BY = {
    "layer": "Layer",
    "initiative": "Initiative",
    "team": "Team",
    "model": "Model",
    "unit": "Business unit",
    "service": "Technology",
    "environment": "Environment",
    "month": "Month",
    "day": "Day",
}
IN_TIME = ("month", "day")
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


def _owned(expression: str) -> str:
    """Tell apart what has an owner; what nobody owns stands in one line."""
    return f"CASE WHEN m.initiative_id IS NOT NULL THEN coalesce({expression}, '{NOT_NAMED}') END"


_KEYS = {
    "layer": ("i.key", "i.name"),
    "initiative": ("i.key", "i.name"),
    "team": (_owned("t.name"), "t.name"),
    "unit": (_owned("u.name"), "u.name"),
    "model": (_owned("coalesce(g.model, g.service_name)"), "NULL::text"),
    "service": (_owned("g.service_name"), "NULL::text"),
    "environment": (_owned("g.environment"), "NULL::text"),
    "month": ("to_char(m.month, 'YYYY-MM')", "NULL::text"),
    "day": ("to_char(m.charge_on, 'YYYY-MM-DD')", "NULL::text"),
}
_NOBODY = {"team": "No team", "unit": "No business unit", "environment": "No environment named"}
_MONTHS = "projects_spendmonth"
_DAYS = "(SELECT *, date_trunc('month', charge_on)::date AS month FROM projects_spendday)"
# The chart's months and the table's rows are two sums of the same charges.
_SPEND = f"""
SELECT grouping(key) = 1, month, key, max(name), layer, sum(amount),
    coalesce(sum(amount) FILTER (WHERE month = %(last)s), 0), coalesce(sum(amount) FILTER (WHERE month = %(before)s), 0)
FROM (
    SELECT m.month, {{key}} AS key, {{name}} AS name, {LAYER} AS layer, m.effective_cost AS amount
    FROM {{rollup}} m {JOINS.format(group="m.group_id")} WHERE {{where}}
) charges GROUP BY GROUPING SETS ((month, layer), (key, layer)) ORDER BY 2, 5
"""
_CURRENCIES = f"""
SELECT m.currency, sum(m.effective_cost) FROM projects_spendmonth m JOIN projects_costgroup g ON g.id = m.group_id
JOIN projects_source s ON s.id = g.source_id AND s.role = 'fact'
WHERE m.initiative_id IS NOT NULL OR g.layer <> '{UNCLASSIFIED}' GROUP BY 1 ORDER BY 2 DESC
"""
_ENVIRONMENTS = "SELECT DISTINCT environment FROM projects_costgroup WHERE environment IS NOT NULL ORDER BY 1 LIMIT 50"


@dataclass(frozen=True)
class Question:
    """What the page shows: grouped by what, of which days, in one currency, narrowed by what the words say."""

    by: str
    since: date
    on: date
    currency: str
    words: Mapping[str, str] = field(default_factory=dict)

    @property
    def narrowing(self) -> Narrowing:
        """Return which charges the whole answer adds up."""
        return Narrowing(self.since, self.on, self.currency, self.words)

    @property
    def rollup(self) -> tuple[str, str]:
        """Return the rollup that answers and its column of time: days where a month is asked for in part."""
        return (_DAYS, "m.charge_on") if self.by == "day" else (_MONTHS, "m.month")


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
    all_rows: list[Row]
    unclaimed: Row | None
    total: Row

    @property
    def rows(self) -> list[Row]:
        """Return the rows that a page has room for, the largest."""
        return self.all_rows[:MOST_ROWS]

    @property
    def left_out(self) -> int:
        """Count the rows that only the export holds."""
        return len(self.all_rows[MOST_ROWS:])

    @property
    def claimed_ratio(self) -> Decimal | None:
        """Return the share that belongs to an initiative; None without spend."""
        total = self.total.total
        return None if total <= 0 else 1 - (self.unclaimed.total if self.unclaimed else Decimal(0)) / total

    def share(self, layer: str) -> Decimal | None:
        """Return a layer's share of all; None without spend."""
        return None if self.total.total <= 0 else self.total.layers[layer] / self.total.total


def explore(question: Question) -> Answer:
    """Answer what was spent; one query."""
    last = month_before(question.on)
    bound = {**question.narrowing.bound(), "last": last, "before": month_before(last)}
    rollup, day = question.rollup
    key, name = _KEYS[question.by]
    statement = _SPEND.format(key=key, name=name, rollup=rollup, where=question.narrowing.where(day=day))
    found = _all(statement, bound)
    months, by_layer = _months([row for row in found if row[0]], question)
    rows = _rows([row[2:] for row in found if not row[0]], question.by)
    total = _sum(rows)
    if question.by in IN_TIME:
        unclaimed = _nobodys(by_layer, months, last)
        owned = sorted(rows, key=lambda row: row.key or "", reverse=True)
    else:
        unclaimed = next((row for row in rows if row.key is None), None)
        owned = sorted((row for row in rows if row.key is not None), key=lambda row: -row.total)
    return Answer(question, months, by_layer, owned, unclaimed, total)


def behind(question: Question, row: Row | None = None, layer: str = "", month: date | None = None) -> Narrowing:
    """Return which charges a figure of the answer adds up: of a row, a layer, a month or all of them together."""
    meant = question.narrowing
    if month:
        meant = replace(meant, since=max(month, meant.since), on=min(last_day_of(month), meant.on))
    if row is not None:
        meant = _of_row(meant, question.by, row)
    return meant.only(layer=layer) if layer else meant


def _of_row(meant: Narrowing, by: str, row: Row) -> Narrowing:
    if row.key is None:
        return meant.only(initiative=UNCLAIMED)
    if by == "day":
        day = date.fromisoformat(row.key)
        return replace(meant, since=day, on=day)
    if by == "month":
        return behind(
            Question(by, meant.since, meant.on, meant.currency, meant.words), month=date.fromisoformat(f"{row.key}-01")
        )
    if by in {"layer", "initiative"}:
        return meant.only(initiative=row.key)
    claimed = {} if "initiative" in meant.words else {"initiative": CLAIMED}
    return meant.only(**{by: row.key}, **claimed)


def _nobodys(by_layer: dict[str, list[Decimal]], months: Sequence[date], last: date) -> Row | None:
    if UNCLAIMED not in by_layer:
        return None
    amounts = dict(zip(months, by_layer[UNCLAIMED], strict=True))
    row = Row(None, LAYER_NAMES[UNCLAIMED], {UNCLAIMED: sum(amounts.values(), Decimal(0))})
    row.last_month = amounts.get(last, Decimal(0))
    row.month_before = amounts.get(month_before(last), Decimal(0))
    return row


def currencies() -> list[str]:
    """Return the currencies in which bills are, the one with the largest figure first."""
    return [row[0] for row in _all(_CURRENCIES, {})]


def environments() -> list[str]:
    """Return the environments that tags name."""
    return [row[0] for row in _all(_ENVIRONMENTS, {})]


def _months(rows: Sequence[tuple[Any, ...]], question: Question) -> tuple[list[date], dict[str, list[Decimal]]]:
    found = {(row[1], row[4]): row[5] for row in rows}
    first = max(question.since.replace(day=1), min((month for month, _ in found), default=question.on.replace(day=1)))
    months: list[date] = []
    month = question.on.replace(day=1)
    while month >= first:
        months.insert(0, month)
        month = month_before(month)
    order = [layer for layer in (*LAYERS, UNCLAIMED) if any(layer == name for _, name in found)]
    return months, {layer: [found.get((month, layer), Decimal(0)) for month in months] for layer in order}


def _rows(found: Sequence[tuple[Any, ...]], by: str) -> list[Row]:
    rows: dict[str | None, Row] = {}
    for key, name, layer, amount, last, before in found:
        row = rows.setdefault(key, Row(key, name or _name(key, by)))
        row.layers[layer] += amount
        row.last_month += last
        row.month_before += before
    return list(rows.values())


def _name(key: str | None, by: str) -> str:
    if key is None:
        return LAYER_NAMES[UNCLAIMED]
    return _NOBODY.get(by, "Not named") if key == NOT_NAMED else key


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
