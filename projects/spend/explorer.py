"""Spend by layer, initiative, team, model, purpose and more over some months or days, from the rollups; chart and table in one query.

A figure is in one currency. In the organisation's, foreign charges stand at their month's rate with the originals beside;
what no rate converts is left out of every sum, and named.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Context, Decimal
from typing import Any

from django.db import connection

from projects.attribution.layers import LAYERS, UNCLASSIFIED
from projects.rates.rules import RateBook, as_decimal
from projects.rates.selectors import rate_book
from projects.sources.eyes import Eyes
from projects.spend.converting import Foreign
from projects.spend.narrowing import CLAIMED, JOINS, LAYER, NOT_NAMED, UNCLAIMED, Narrowing, word_said
from projects.spend.rules import growth, last_day_of, month_before

BY = {
    "layer": "Layer",
    "initiative": "Initiative",
    "team": "Team",
    "model": "Model",
    "unit": "Business unit",
    "service": "Technology",
    "provider": "Provider",
    "source": "Source",
    "environment": "Environment",
    "purpose": "Purpose",
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
    "provider": (_owned("g.provider_name"), "NULL::text"),
    "source": (_owned("s.name"), "NULL::text"),
    "environment": (_owned("g.environment"), "NULL::text"),
    "purpose": (_owned("g.purpose"), "NULL::text"),
    "month": ("to_char(m.month, 'YYYY-MM')", "NULL::text"),
    "day": ("to_char(m.charge_on, 'YYYY-MM-DD')", "NULL::text"),
}
_NOBODY = {"team": "No team", "unit": "No business unit", "environment": "No environment named"}
_MONTHS = "projects_spendmonth"
_DAYS = "(SELECT *, date_trunc('month', charge_on)::date AS month FROM projects_spendday)"
_CHARGES = f"""
    SELECT m.month, {{day}} AS time, {{key}} AS key, {{name}} AS name, {LAYER} AS layer, m.currency, m.effective_cost AS amount
    FROM {{rollup}} m {JOINS.format(group="m.group_id")} WHERE {{where}}
"""
# The chart's columns and the table's rows are two sums of the same charges.
_SPEND = f"""
SELECT grouping(key) = 1, time, key, max(name), layer, sum(amount),
    coalesce(sum(amount) FILTER (WHERE month = %(last)s), 0), coalesce(sum(amount) FILTER (WHERE month = %(before)s), 0)
FROM ({_CHARGES}) charges GROUP BY GROUPING SETS ((time, layer), (key, layer)) ORDER BY 2, 5
"""
# Rates differ by month, so both are added up here from what is apart by month and currency.
_CELLS = f"""
SELECT month, time, key, max(name), layer, currency, sum(amount) FROM ({_CHARGES}) charges
GROUP BY 1, 2, 3, 5, 6 ORDER BY 2, 5, 6
"""
_WIDE = Context(prec=60)
_PLACES = Decimal("1e-12")  # a converted cell is rounded once, so that every sum of cells is exact
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
    is_converted: bool = False

    @property
    def narrowing(self) -> Narrowing:
        """Return which charges the whole answer adds up."""
        return Narrowing(self.since, self.on, "" if self.is_converted else self.currency, self.words)

    @property
    def is_daily(self) -> bool:
        """Say whether days are told apart: inside one month."""
        return self.by == "day" or (self.since.year, self.since.month) == (self.on.year, self.on.month)

    @property
    def rollup(self) -> tuple[str, str]:
        """Return the rollup that answers and its column of time."""
        return (_DAYS, "m.charge_on") if self.is_daily else (_MONTHS, "m.month")


@dataclass
class Row:
    """One line of the table: its cost by layer, and the last two full months.

    `originals` are the foreign amounts in it, as billed; `left_out` those that no rate converts, which are not in it.
    `is_masked` says that the reader sees less than its key: no address may hold it.
    """

    key: str | None
    name: str
    layers: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    last_month: Decimal = Decimal(0)
    month_before: Decimal = Decimal(0)
    originals: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    left_out: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    compares: bool = True
    is_masked: bool = False

    @property
    def total(self) -> Decimal:
        """Return the sum of its layers."""
        return sum(self.layers.values(), Decimal(0))

    @property
    def growth(self) -> Decimal | None:
        """Return how much more the last full month cost than the one before, or None."""
        return growth(self.month_before, self.last_month) if self.compares else None


@dataclass
class Answer:
    """Months or days by layer for the chart, rows for the table, unclaimed apart, and the sums of all."""

    question: Question
    times: list[date]
    by_layer: dict[str, list[Decimal]]
    all_rows: list[Row]
    unclaimed: Row | None
    total: Row
    foreign: Sequence[Foreign] = ()

    @property
    def missing(self) -> list[Foreign]:
        """Return what no rate converts, by month and currency: it is in none of the sums."""
        return [part for part in self.foreign if part.converted is None]

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
    statement = _CELLS if question.is_converted else _SPEND
    found = _all(
        statement.format(key=key, name=name, rollup=rollup, day=day, where=question.narrowing.where(day=day)), bound
    )
    foreign: Sequence[Foreign] = ()
    if question.is_converted:
        timed, rows, foreign = _converted(found, question, last)
    else:
        timed = {(row[1], row[4]): row[5] for row in found if row[0]}
        rows = _rows([row[2:] for row in found if not row[0]], question.by)
    times, by_layer = _times(timed, question)
    total = _sum(rows)
    if question.by in IN_TIME:
        unclaimed = _nobodys(by_layer, times, last)
        owned = sorted(rows, key=lambda row: row.key or "", reverse=True)
    else:
        unclaimed = next((row for row in rows if row.key is None), None)
        owned = sorted((row for row in rows if row.key is not None), key=lambda row: -row.total)
    return Answer(question, times, by_layer, owned, unclaimed, total, foreign)


def seen_by(answer: Answer, eyes: Eyes) -> Answer:
    """Return the same answer with people as a reader may see them, in names and in what leads on."""
    for row in answer.all_rows:
        row.name, row.is_masked = eyes.text(row.name), eyes.hides(row.key)
    return answer


def behind(question: Question, row: Row | None = None, layer: str = "", time: date | None = None) -> Narrowing:
    """Return which charges a figure of the answer adds up: of a row, a layer, a month or day, or all of them together."""
    meant = question.narrowing
    if time:
        last = time if question.is_daily else last_day_of(time)
        meant = replace(meant, since=max(time, meant.since), on=min(last, meant.on))
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
        first = date.fromisoformat(f"{row.key}-01")
        return replace(meant, since=max(first, meant.since), on=min(last_day_of(first), meant.on))
    if by in {"layer", "initiative"}:
        return meant.only(initiative=row.key)
    claimed = {} if "initiative" in meant.words else {"initiative": CLAIMED}
    return meant.only(**{by: row.key}, **claimed)


def _nobodys(by_layer: dict[str, list[Decimal]], times: Sequence[date], last: date) -> Row | None:
    if UNCLAIMED not in by_layer:
        return None
    amounts = dict(zip(times, by_layer[UNCLAIMED], strict=True))
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


def _times(
    found: Mapping[tuple[date, str], Decimal], question: Question
) -> tuple[list[date], dict[str, list[Decimal]]]:
    """Return the days or months of the chart without a gap, and their amounts by layer."""
    if question.is_daily:
        times = [question.since + timedelta(days=count) for count in range((question.on - question.since).days + 1)]
    else:
        last = question.on.replace(day=1)
        first = max(question.since.replace(day=1), min((time for time, _ in found), default=last))
        times = [last]
        while times[0] > first:
            times.insert(0, month_before(times[0]))
    order = [layer for layer in (*LAYERS, UNCLAIMED) if any(layer == name for _, name in found)]
    return times, {layer: [found.get((time, layer), Decimal(0)) for time in times] for layer in order}


def _converted(
    cells: Sequence[tuple[Any, ...]], question: Question, last: date
) -> tuple[dict[tuple[date, str], Decimal], list[Row], list[Foreign]]:
    """Add up cells at their month's rate: by time and layer, by row, and what was foreign; unknown is left out."""
    into = question.currency
    abroad = {cell[0] for cell in cells if cell[5] != into}
    book = rate_book(abroad) if abroad else RateBook({})
    timed: dict[tuple[date, str], Decimal] = defaultdict(Decimal)
    rows: dict[str | None, Row] = {}
    foreign: dict[tuple[date, str], tuple[Decimal, Decimal]] = {}
    for month, time, key, name, layer, currency, amount in cells:
        row = rows.setdefault(key, Row(key, name or _name(key, question.by)))
        became = book.convert(amount, currency, into, month)
        worth = (
            amount
            if currency == into
            else as_decimal(became).quantize(_PLACES, context=_WIDE)
            if became is not None
            else None
        )
        if currency != into:
            (row.left_out if worth is None else row.originals)[currency] += amount
            before = foreign.get((month, currency), (Decimal(0), Decimal(0)))
            foreign[month, currency] = (before[0] + amount, before[1] + (worth or Decimal(0)))
        if worth is None:
            row.compares = row.compares and month not in {last, month_before(last)}
            continue
        timed[time, layer] += worth
        row.layers[layer] += worth
        row.last_month += worth if month == last else Decimal(0)
        row.month_before += worth if month == month_before(last) else Decimal(0)
    return timed, list(rows.values()), _told(foreign, into, book)


def _told(foreign: Mapping[tuple[date, str], tuple[Decimal, Decimal]], into: str, book: RateBook) -> list[Foreign]:
    """Return what was foreign, by month and currency, the newest month first."""
    found = []
    for (month, currency), (amount, worth) in foreign.items():
        lacking = book.lacking(currency, into, month)
        found.append(Foreign(currency, month, amount, None if lacking else worth, lacking))
    return sorted(found, key=lambda part: (-part.month.toordinal(), part.currency))


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
