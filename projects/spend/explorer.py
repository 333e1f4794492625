"""Spend by layer, initiative, team, model, purpose and more over some months or days, from the rollups; chart and table in one query.

A figure is in one currency. In the organisation's, foreign charges stand at their month's rate with the originals beside;
what no rate converts is left out of every sum, and named.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from projects.attribution.layers import LAYERS, UNCLASSIFIED
from projects.spend.answering import Answer, Row, Series
from projects.spend.asking import IN_TIME, LAYER_NAMES, Question
from projects.spend.at_rates import converted
from projects.spend.converting import Foreign
from projects.spend.kept_figures import CURRENCIES, kept
from projects.spend.narrowing import JOINS, LAYER, NOT_NAMED, UNCLAIMED, word_said
from projects.spend.rules import month_before

MOST_SERIES = 4  # colours of the chart, the largest; what is smaller stands together


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
    "provider": (_owned("g.provider_name"), "NULL::text"),
    "source": (_owned("s.name"), "NULL::text"),
    "environment": (_owned("g.environment"), "NULL::text"),
    "purpose": (_owned("g.purpose"), "NULL::text"),
    "month": ("to_char(m.month, 'YYYY-MM')", "NULL::text"),
    "day": ("to_char(m.charge_on, 'YYYY-MM-DD')", "NULL::text"),
}
_NOBODY = {"team": "No team", "unit": "No business unit", "environment": "No environment named"}
_CHARGES = f"""
    SELECT m.month, {{day}} AS time, {{key}} AS key, {{name}} AS name, {LAYER} AS layer, m.currency, m.effective_cost AS amount
    FROM {{rollup}} m {JOINS.format(group="m.group_id")} WHERE {{where}}
"""
# The chart's columns and the table's rows are two sums of the same charges; the columns by layer, or by row.
_SPEND = f"""
SELECT grouping(key) = 1, time, key, max(name), layer, sum(amount),
    coalesce(sum(amount) FILTER (WHERE month = %(last)s), 0), coalesce(sum(amount) FILTER (WHERE month = %(before)s), 0)
FROM ({_CHARGES}) charges GROUP BY GROUPING SETS ((time, layer), (key, layer)) ORDER BY 2, 5
"""
# A row of the table has a place by its money; the chart tells the first few apart and adds up the rest.
_PLACED = f"""
WITH cell AS MATERIALIZED (
    SELECT month, time, key, max(name) AS name, layer, sum(amount) AS amount FROM ({_CHARGES}) charges GROUP BY 1, 2, 3, 5
), placed AS (
    SELECT key, row_number() OVER (ORDER BY sum(amount) DESC, key COLLATE "C") AS place
    FROM cell WHERE key IS NOT NULL GROUP BY key
)
SELECT true, time, NULL, NULL,
    CASE WHEN key IS NULL THEN '{UNCLAIMED}' ELSE least(place, {MOST_SERIES + 1})::text END AS series, sum(amount), 0, 0
FROM cell LEFT JOIN placed USING (key) GROUP BY time, series
UNION ALL
SELECT false, NULL, key, max(name), layer, sum(amount), coalesce(sum(amount) FILTER (WHERE month = %(last)s), 0),
    coalesce(sum(amount) FILTER (WHERE month = %(before)s), 0)
FROM cell GROUP BY key, layer ORDER BY 2, 5
"""
# Rates differ by month, so both are added up here from what is apart by month and currency.
_CELLS = f"""
SELECT month, time, key, max(name), layer, currency, sum(amount) FROM ({_CHARGES}) charges
GROUP BY 1, 2, 3, 5, 6 ORDER BY 2, 5, 6
"""
_CURRENCIES = f"""
SELECT m.currency, sum(m.effective_cost) FROM projects_spendmonth m JOIN projects_costgroup g ON g.id = m.group_id
JOIN projects_source s ON s.id = g.source_id AND s.role = 'fact'
WHERE m.initiative_id IS NOT NULL OR g.layer <> '{UNCLASSIFIED}' GROUP BY 1 ORDER BY 2 DESC
"""
_ENVIRONMENTS = "SELECT DISTINCT environment FROM projects_costgroup WHERE environment IS NOT NULL ORDER BY 1 LIMIT 50"


def explore(question: Question) -> Answer:
    """Answer what was spent; one query."""
    last = month_before(question.on)
    bound = {**question.narrowing.bound(), "last": last, "before": month_before(last)}
    rollup, day = question.rollup
    key, name = _KEYS[question.by]
    statement = _CELLS if question.is_converted else _SPEND if question.is_stacked_by_layer else _PLACED
    found = _all(
        statement.format(key=key, name=name, rollup=rollup, day=day, where=question.narrowing.where(day=day)), bound
    )
    foreign: Sequence[Foreign] = ()
    by_key: Mapping[tuple[date, str | None], Decimal] = {}
    timed: dict[tuple[date, str], Decimal] = {}
    if question.is_converted:
        cells = [(month, time, key, name or _name(key, question.by), *rest) for month, time, key, name, *rest in found]
        by_key, rows, foreign = converted(cells, question, last)
    else:
        timed = {(row[1], row[4]): row[5] for row in found if row[0]}
        rows = _rows([row[2:] for row in found if not row[0]], question.by)
    nobodys = next((row for row in rows if row.key is None), None)
    owned = sorted((row for row in rows if row.key is not None), key=lambda row: (-row.total, row.key or ""))
    if question.is_converted:
        timed = _placed(by_key, {} if question.is_stacked_by_layer else _places(owned))
    times = _times(timed, question)
    series = _layers(timed, times) if question.is_stacked_by_layer else _largest(timed, times, owned, nobodys)
    if question.by in IN_TIME:
        nobodys = _nobodys(series, times, last)
        owned.sort(key=lambda row: row.key or "", reverse=True)
    return Answer(question, times, series, owned, nobodys, _sum(rows), foreign)


def currencies() -> list[str]:
    """Return the currencies in which bills are, the one with the largest figure first."""
    return [row[0] for row in kept(CURRENCIES, _CURRENCIES, lambda: _all(_CURRENCIES, {}))]


def environments() -> list[str]:
    """Return the environments that tags name."""
    return [row[0] for row in _all(_ENVIRONMENTS, {})]


def _times(found: Mapping[tuple[date, str], Decimal], question: Question) -> list[date]:
    """Return the days or months of the chart, without a gap."""
    if question.is_daily:
        return [question.since + timedelta(days=count) for count in range((question.on - question.since).days + 1)]
    last = question.on.replace(day=1)
    first = max(question.since.replace(day=1), min((time for time, _ in found), default=last))
    times = [last]
    while times[0] > first:
        times.insert(0, month_before(times[0]))
    return times


def _layers(found: Mapping[tuple[date, str], Decimal], times: Sequence[date]) -> list[Series]:
    """Return the amounts by layer, and last what nobody owns."""
    said = {layer for _, layer in found}
    return [Series(layer, _amounts(found, times, layer)) for layer in (*LAYERS, UNCLAIMED) if layer in said]


def _largest(
    found: Mapping[tuple[date, str], Decimal], times: Sequence[date], owned: Sequence[Row], nobodys: Row | None
) -> list[Series]:
    """Return the amounts of the largest rows, of the rest together, and last of what nobody owns."""
    parts = [(str(place), [row]) for place, row in enumerate(owned[:MOST_SERIES], start=1)]
    parts += [(str(MOST_SERIES + 1), list(owned[MOST_SERIES:])), (UNCLAIMED, [nobodys] if nobodys else [])]
    said = {code for _, code in found}
    return [Series(code, _amounts(found, times, code), rows) for code, rows in parts if code in said]


def _places(owned: Sequence[Row]) -> dict[str | None, str]:
    """Return by key of a row which colour of the chart it has."""
    return {None: UNCLAIMED} | {row.key: str(min(place, MOST_SERIES + 1)) for place, row in enumerate(owned, start=1)}


def _placed(
    found: Mapping[tuple[date, str | None], Decimal], places: Mapping[str | None, str]
) -> dict[tuple[date, str], Decimal]:
    """Add up by time and colour what was found by time and key."""
    sums: dict[tuple[date, str], Decimal] = {}
    for (time, key), amount in found.items():
        code = places.get(key) or str(key)
        sums[time, code] = sums.get((time, code), Decimal(0)) + amount
    return sums


def _amounts(found: Mapping[tuple[date, str], Decimal], times: Sequence[date], code: str) -> list[Decimal]:
    return [found.get((time, code), Decimal(0)) for time in times]


def _nobodys(series: Sequence[Series], times: Sequence[date], last: date) -> Row | None:
    unclaimed = next((one for one in series if one.code == UNCLAIMED), None)
    if unclaimed is None:
        return None
    amounts = dict(zip(times, unclaimed.amounts, strict=True))
    row = Row(None, LAYER_NAMES[UNCLAIMED], {UNCLAIMED: unclaimed.total})
    row.last_month = amounts.get(last, Decimal(0))
    row.month_before = amounts.get(month_before(last), Decimal(0))
    return row


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
    return _NOBODY.get(by, "Not named") if key == NOT_NAMED else word_said(by, key)


def _sum(rows: Sequence[Row]) -> Row:
    total = Row("total", "Total")
    for row in rows:
        for layer, amount in row.layers.items():
            total.layers[layer] += amount
        for into, parts in ((total.originals, row.originals), (total.left_out, row.left_out)):
            for currency, amount in parts.items():
                into[currency] += amount
        total.last_month += row.last_month
        total.month_before += row.month_before
        total.compares = total.compares and row.compares
    return total


def _all(statement: str, bound: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, bound)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
