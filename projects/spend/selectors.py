"""What initiatives spent, from the rollups: effective cost of current bills by UTC charge day. Details never add.

All but `layers_by_month` leave harness lines out, save where a tranche funds them: they are full cost.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import DateField, Max, QuerySet, Sum
from django.db.models.functions import TruncMonth

from projects.attribution.layers import HARNESS_SOURCE
from projects.common.among import Among
from projects.rates.rules import RateBook
from projects.rates.selectors import rate_book
from projects.sources.models import Source, SourceRole
from projects.spend.converting import NOTHING, Cost, Foreign, Tally, add_up, amounts, tallies
from projects.spend.funded import FUNDED, Span, span_parameters
from projects.spend.models import SpendDay
from projects.spend.rules import is_provisional

Money = dict[str, Decimal]

_FACT = (
    "JOIN projects_costgroup g ON g.id = {0}.group_id JOIN projects_source s ON s.id = g.source_id AND s.role = 'fact'"
)
# What is entered by hand is full cost, and never what a budget, a run rate or the freshness of bills is read from.
BILLED = f"{_FACT} AND s.name <> '{HARNESS_SOURCE}'"
TAXED = "(%(with_tax)s OR g.charge_category IS DISTINCT FROM 'Tax')"

# Whole months come from the month rollup. Of the month in which spending begins, the days before are taken off again, or
# only those from then on counted, whichever are fewer; of the last month, the days after the wanted one are taken off.
# A sum of nothing from no rows is of days outside of the span alone: that is no spend, and not a spend of zero.
_SPENT = f"""
WITH wanted AS MATERIALIZED (
    SELECT DISTINCT w.id, w.since, date_trunc('month', w.since)::date AS first, extract(day FROM w.since) <= 16 AS is_early,
        i.currency AS own
    FROM unnest(%(ids)s::bigint[], %(days)s::date[]) AS w (id, since) JOIN projects_initiative i ON i.id = w.id
    WHERE w.since <= %(on)s::date
), spent AS MATERIALIZED (
    SELECT w.id, w.since, w.own, m.group_id, m.currency, m.month, m.rows, m.effective_cost FROM wanted w
    JOIN projects_spendmonth m ON m.initiative_id = w.id AND m.month >= w.first AND m.month <= %(on)s::date
        AND (w.is_early OR m.month > w.first)
    UNION ALL
    SELECT w.id, w.since, w.own, d.group_id, d.currency, w.first, -d.rows, -d.effective_cost
    FROM wanted w CROSS JOIN LATERAL (
        SELECT * FROM projects_spendday d WHERE d.initiative_id = w.id AND d.charge_on >= w.first AND d.charge_on < w.since
        OFFSET 0
    ) d WHERE w.is_early
    UNION ALL
    SELECT w.id, w.since, w.own, d.group_id, d.currency, w.first, d.rows, d.effective_cost
    FROM wanted w CROSS JOIN LATERAL (
        SELECT * FROM projects_spendday d WHERE d.initiative_id = w.id AND d.charge_on >= w.since
            AND d.charge_on < w.first + interval '1 month' OFFSET 0
    ) d WHERE NOT w.is_early
    UNION ALL
    SELECT w.id, w.since, w.own, d.group_id, d.currency, date_trunc('month', d.charge_on)::date, -d.rows, -d.effective_cost
    FROM wanted w JOIN projects_spendday d ON d.initiative_id = w.id AND d.charge_on > %(on)s::date
        AND d.charge_on < date_trunc('month', %(on)s::date) + interval '1 month'
), counted AS (
    SELECT t.id, t.since, t.own, t.currency, t.month, t.rows, t.effective_cost FROM spent t {BILLED.format("t")} WHERE {TAXED}
    UNION ALL
    SELECT w.id, w.since, w.own, f.currency, date_trunc('month', f.day)::date, 0, f.effective_cost FROM ({FUNDED}) f
    JOIN wanted w ON w.id = f.id AND f.day >= w.since
)
SELECT id, since, own, currency, CASE WHEN currency <> own THEN month END, sum(effective_cost)
FROM counted GROUP BY 1, 2, 3, 4, 5 HAVING sum(effective_cost) <> 0 OR sum(rows) <> 0 ORDER BY 1, 2, 4, 5
"""
# Read initiative by initiative, so that a few cost little among many.
_BETWEEN = f"""
WITH days AS MATERIALIZED (
    SELECT w.id, d.group_id, d.currency, d.charge_on, d.effective_cost
    FROM unnest(%(ids)s::bigint[]) AS w (id) CROSS JOIN LATERAL (
        SELECT * FROM projects_spendday d WHERE d.initiative_id = w.id AND d.charge_on >= %(start)s AND d.charge_on < %(end)s
        OFFSET 0
    ) d
)
SELECT d.id, i.currency, d.currency, CASE WHEN d.currency <> i.currency THEN date_trunc('month', d.charge_on)::date END,
    sum(d.effective_cost)
FROM days d {BILLED.format("d")} JOIN projects_initiative i ON i.id = d.id
WHERE %(with_credits)s OR g.charge_category IS DISTINCT FROM 'Credit' GROUP BY 1, 2, 3, 4
"""
# The last month is cut at its day; those before it are whole.
_MONTHLY = f"""
WITH spent AS MATERIALIZED (
    SELECT initiative_id, group_id, currency, month, effective_cost FROM projects_spendmonth
    WHERE initiative_id IN (SELECT unnest(%(ids)s::bigint[])) AND month >= %(since)s
        AND month < date_trunc('month', %(on)s::date)
    UNION ALL
    SELECT initiative_id, group_id, currency, date_trunc('month', charge_on)::date, effective_cost FROM projects_spendday
    WHERE initiative_id IN (SELECT unnest(%(ids)s::bigint[])) AND charge_on >= date_trunc('month', %(on)s::date)
        AND charge_on <= %(on)s AND charge_on >= %(since)s
)
SELECT t.initiative_id, i.currency, t.currency, t.month, sum(t.effective_cost) FROM spent t {BILLED.format("t")}
JOIN projects_initiative i ON i.id = t.initiative_id GROUP BY 1, 2, 3, 4 ORDER BY 1, 4
"""
_BY_MONTH = f"""
SELECT m.month, m.currency, g.owned_layer, sum(m.billed_cost), sum(m.effective_cost), sum(m.rows)::bigint
FROM projects_spendmonth m {_FACT.format("m")} WHERE m.initiative_id = %(id)s GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
_BY_DAY = f"""
SELECT d.initiative_id, d.charge_on, d.currency, sum(d.billed_cost), sum(d.effective_cost), max(s.lag_days)
FROM projects_spendday d {BILLED.format("d")}
WHERE d.initiative_id = ANY(%(ids)s) AND d.charge_on >= %(since)s AND d.charge_on < %(until)s
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
_DATA_TO = f"""
SELECT w.id, newest.charge_on FROM unnest(%(ids)s::bigint[]) AS w (id) CROSS JOIN LATERAL (
    SELECT d.charge_on FROM projects_spendday d {BILLED.format("d")} WHERE d.initiative_id = w.id AND d.charge_on <= %(on)s
    ORDER BY d.charge_on DESC LIMIT 1
) newest
"""
_ALL_DATA_TO = f"""
SELECT max(p.last_day) FROM projects_deliverypart p JOIN projects_source s ON s.id = p.source_id
WHERE p.is_current AND s.role = 'fact' AND s.name <> '{HARNESS_SOURCE}'
"""
_SOURCES = f"""
SELECT m.initiative_id, s.id, s.name, s.rhythm_days, latest.imported_at, latest.last_day
FROM (SELECT DISTINCT m.initiative_id, g.source_id FROM projects_spendmonth m
    JOIN projects_costgroup g ON g.id = m.group_id WHERE m.initiative_id = ANY(%(ids)s)) m
JOIN projects_source s ON s.id = m.source_id AND s.role = 'fact' AND s.name <> '{HARNESS_SOURCE}'
JOIN LATERAL (SELECT max(d.imported_at) AS imported_at, max(p.last_day) AS last_day
    FROM projects_delivery d JOIN projects_deliverypart p ON p.delivery_id = d.id WHERE d.source_id = s.id) latest ON true
ORDER BY 1, 3
"""


@dataclass(frozen=True)
class MonthSpend:
    """One month of an initiative in one currency and layer."""

    month: date
    currency: str
    layer: str
    billed_cost: Decimal
    effective_cost: Decimal
    rows: int


@dataclass(frozen=True)
class DaySpend:
    """One day of an initiative in one currency; a provisional day may still change."""

    day: date
    currency: str
    billed_cost: Decimal
    effective_cost: Decimal
    is_provisional: bool


@dataclass(frozen=True)
class SourceState:
    """A bill that charges an initiative: when it was last delivered and the last day it speaks of."""

    source_id: int
    name: str
    rhythm_days: int
    delivered_at: datetime
    last_day: date


def billed_days() -> "QuerySet[SpendDay]":
    """Return the day rollup of current bills; gateway logs of the same money and harness lines are left out."""
    return SpendDay.objects.filter(part__source__role="fact").exclude(part__source__name=HARNESS_SOURCE)


def uncredited_days() -> "QuerySet[SpendDay]":
    """Return the same without credits: what run rates, forecasts, unit costs and the sandbox are read from."""
    return billed_days().exclude(group__charge_category="Credit")


def spending_from(
    places: Iterable[tuple[int, date]], *, on: date, with_tax: bool = True, funded: Sequence[Span] = ()
) -> dict[tuple[int, date], Tally]:
    """Return what initiatives spent from a first day each, or several, to the end of another, in their own currencies.

    Harness lines count on the days of `funded` alone. Foreign bills are converted at the rate of their charge month; what has no rate is named and not added.
    """
    rows = _spent(places, on, with_tax, funded)
    return tallies(Cost((pk, since), own, currency, month, cost) for pk, since, own, currency, month, cost in rows)


def spending_since(
    first_days: Mapping[int, date], *, on: date, with_tax: bool = True, funded: Sequence[Span] = ()
) -> dict[int, Tally]:
    """Return the same of one first day each, by initiative."""
    found = spending_from(first_days.items(), on=on, with_tax=with_tax, funded=funded)
    return {pk: tally for (pk, _), tally in found.items()}


def spent_since(first_days: Mapping[int, date], *, on: date, with_tax: bool = True) -> dict[int, Decimal]:
    """Return the same as plain amounts: what can be said in the initiative's own currency."""
    return amounts(spending_since(first_days, on=on, with_tax=with_tax))


def spent_in_currencies(first_days: Mapping[int, date], *, on: date, with_tax: bool = True) -> dict[int, Money]:
    """Return the same by the bills' currencies. An initiative without a charge has none: unknown is not zero."""
    spent: dict[int, Money] = {pk: {} for pk in first_days}
    for pk, _, _, currency, _, cost in _spent(first_days.items(), on, with_tax):
        spent[pk][currency] = spent[pk].get(currency, Decimal(0)) + cost
    return spent


def _spent(
    places: Iterable[tuple[int, date]], on: date, with_tax: bool, funded: Sequence[Span] = ()
) -> list[tuple[Any, ...]]:
    wanted = list(places)
    ids, days = [pk for pk, _ in wanted], [day for _, day in wanted]
    return _all(_SPENT, ids=ids, days=days, on=on, with_tax=with_tax, **span_parameters(funded))


def spending_between(
    initiative_ids: Iterable[int], start: date, end: date, *, with_credits: bool = True
) -> dict[int, Tally]:
    """Return what each initiative spent from a day up to but not including another, in its own currency."""
    told = {"ids": list(initiative_ids), "start": start, "end": end, "with_credits": with_credits}
    return tallies(Cost(*row) for row in _all(_BETWEEN, **told))


def spent_between(
    initiative_ids: Iterable[int], start: date, end: date, *, with_credits: bool = True
) -> dict[int, Decimal]:
    """Return the same as plain amounts."""
    return amounts(spending_between(initiative_ids, start, end, with_credits=with_credits))


def converted(rows: "QuerySet[SpendDay]") -> dict[int, Tally]:
    """Add up days of charges by initiative, each in its own currency."""
    months = rows.order_by().values_list(
        "initiative_id", "initiative__currency", "currency", TruncMonth("charge_on", output_field=DateField())
    )
    return tallies(Cost(*row) for row in months.annotate(total=Sum("effective_cost")))


def spending_by_day(
    initiative_ids: Iterable[int], *, start: date, on: date, with_tax: bool = True, with_credits: bool = True
) -> dict[int, dict[date, Tally]]:
    """Return daily cost of each initiative from a day to another, both included, in its own currency."""
    rows = billed_days() if with_credits else uncredited_days()
    rows = rows.filter(initiative__in=Among(initiative_ids), charge_on__gte=start, charge_on__lte=on)
    return _daily(rows if with_tax else rows.exclude(group__charge_category="Tax"))


def full_cost_by_day(initiative_ids: Iterable[int], *, start: date, on: date) -> dict[int, dict[date, Tally]]:
    """Return the same with harness lines: what value is set against. A line falls on the first day of its month."""
    rows = SpendDay.objects.filter(part__source__role="fact", initiative__in=Among(initiative_ids))
    return _daily(rows.filter(charge_on__gte=start, charge_on__lte=on))


def _daily(rows: "QuerySet[SpendDay]") -> dict[int, dict[date, Tally]]:
    days = rows.order_by().values_list("initiative_id", "charge_on", "initiative__currency", "currency")
    costs = [
        Cost((pk, day), own, currency, day.replace(day=1), cost)
        for pk, day, own, currency, cost in days.annotate(total=Sum("effective_cost"))
    ]
    found: dict[int, dict[date, Tally]] = {}
    for (pk, day), tally in tallies(costs).items():
        found.setdefault(pk, {})[day] = tally
    return found


def spend_by_day(
    initiative_ids: Iterable[int], *, start: date, on: date, with_tax: bool = True, with_credits: bool = True
) -> dict[int, dict[date, Decimal]]:
    """Return the same as plain amounts; a day of which nothing can be converted is absent."""
    found = spending_by_day(initiative_ids, start=start, on=on, with_tax=with_tax, with_credits=with_credits)
    plain = {pk: amounts(days) for pk, days in found.items()}
    return {pk: days for pk, days in plain.items() if days}


def spend_by_month(
    initiative_ids: Iterable[int], *, on: date, since: date = date.min
) -> dict[int, dict[date, Decimal]]:
    """Return monthly cost of each initiative from one day's month to another day, by the month's first day, in its own currency."""
    rows = _all(_MONTHLY, ids=list(initiative_ids), since=since.replace(day=1), on=on)
    costs = [Cost((pk, month), own, currency, month, cost) for pk, own, currency, month, cost in rows]
    found: dict[int, dict[date, Decimal]] = {}
    for (pk, month), cost in amounts(tallies(costs)).items():
        found.setdefault(pk, {})[month] = cost
    return found


def data_to(initiative_ids: Iterable[int], *, on: date) -> dict[int, date]:
    """Return the newest charge day, not after a day, of each initiative that has cost data."""
    return dict(_all(_DATA_TO, ids=list(initiative_ids), on=on))


def layers_by_month(initiative_id: int) -> list[MonthSpend]:
    """Return an initiative's spend by charge month, currency and layer, oldest first."""
    return [MonthSpend(*row) for row in _all(_BY_MONTH, id=initiative_id)]


def in_own_currency(rows: Sequence[MonthSpend], currency: str) -> tuple[list[MonthSpend], list[Foreign]]:
    """Return months and layers in one currency, and the foreign effective costs by month, converted or not."""
    effective = [Cost((row.month, row.layer), currency, row.currency, row.month, row.effective_cost) for row in rows]
    billed = [Cost((row.month, row.layer), currency, row.currency, row.month, row.billed_cost) for row in rows]
    whole = [Cost(0, currency, row.currency, row.month, row.effective_cost) for row in rows]
    abroad = {row.month for row in rows if row.currency != currency}
    book = rate_book(abroad) if abroad else RateBook({})
    costs, bills = add_up(effective, book), add_up(billed, book)
    counts = {place: sum(row.rows for row in rows if (row.month, row.layer) == place) for place in costs}
    own = [
        MonthSpend(month, currency, layer, bills[month, layer].amount, tally.amount, counts[month, layer])
        for (month, layer), tally in costs.items()
        if tally.amount or not tally.missing
    ]
    return own, list(add_up(whole, book).get(0, NOTHING).foreign)


def days_by_initiative(
    initiative_ids: Iterable[int], *, since: date, until: date, on: date
) -> dict[int, list[DaySpend]]:
    """Return spend by charge day and currency of each initiative that has any, from a day up to one left out, seen on a day."""
    found: dict[int, list[DaySpend]] = defaultdict(list)
    for pk, day, currency, billed, effective, lag in _all(_BY_DAY, ids=list(initiative_ids), since=since, until=until):
        provisional = is_provisional(day, on=on, lag_days=lag)
        found[pk].append(DaySpend(day, currency, billed, effective, provisional))
    return dict(found)


def last_charge_day() -> date | None:
    """Return the last charge day that any current bill speaks of; None without any."""
    last: date | None = _all(_ALL_DATA_TO)[0][0]
    return last


def longest_lag() -> int:
    """Return how many days the slowest bill takes to complete a day."""
    return Source.objects.filter(role=SourceRole.FACT).aggregate(most=Max("lag_days"))["most"] or 0


def sources_of(initiative_ids: Sequence[int]) -> dict[int, list[SourceState]]:
    """Return the bills that charge each initiative."""
    states: dict[int, list[SourceState]] = defaultdict(list)
    for pk, *state in _all(_SOURCES, ids=list(initiative_ids)):
        states[pk].append(SourceState(*state))
    return dict(states)


def silent_sources(initiative_ids: Sequence[int], on: date, patience_days: int) -> dict[int, list[SourceState]]:
    """Return, by initiative, the bills not delivered within their own rhythm and some days more."""
    silent = {
        pk: [
            state
            for state in states
            if state.delivered_at.date() + timedelta(days=state.rhythm_days + patience_days) < on
        ]
        for pk, states in sources_of(initiative_ids).items()
    }
    return {pk: states for pk, states in silent.items() if states}


def _all(statement: str, **parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
