"""The course of spend: one sum a month over many initiatives, or many sums over windows of their own, in one query."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from projects.spend.converting import Cost, amounts, tallies
from projects.spend.funded import FUNDED, Span, span_parameters
from projects.spend.selectors import BILLED, TAXED

# Whole months come from the month rollup; days only for each one's first month and for the last one.
_COURSE = f"""
WITH wanted AS (
    SELECT w.id, w.since, i.currency, date_trunc('month', w.since)::date AS first_month,
        date_trunc('month', %(on)s::date)::date AS last_month
    FROM unnest(%(ids)s::bigint[], %(days)s::date[]) AS w (id, since) JOIN projects_initiative i ON i.id = w.id
)
SELECT month, own, currency, sum(effective_cost) FROM (
    SELECT date_trunc('month', d.charge_on)::date AS month, w.currency AS own, d.currency, d.effective_cost
    FROM wanted w
    JOIN projects_spendday d ON d.initiative_id = w.id
        AND d.charge_on >= w.since AND d.charge_on <= %(on)s AND d.charge_on < w.first_month + interval '1 month'
    {BILLED.format("d")} WHERE {TAXED}
    UNION ALL
    SELECT m.month, w.currency, m.currency, m.effective_cost FROM wanted w
    JOIN projects_spendmonth m ON m.initiative_id = w.id AND m.month > w.first_month AND m.month < w.last_month
    {BILLED.format("m")} WHERE {TAXED}
    UNION ALL
    SELECT w.last_month, w.currency, d.currency, d.effective_cost FROM wanted w
    JOIN projects_spendday d ON d.initiative_id = w.id
        AND d.charge_on >= w.last_month AND d.charge_on <= %(on)s AND w.last_month > w.first_month
    {BILLED.format("d")} WHERE {TAXED}
    UNION ALL
    SELECT date_trunc('month', f.day)::date, w.currency, f.currency, f.effective_cost
    FROM ({FUNDED}) f JOIN wanted w ON w.id = f.id AND f.day >= w.since
) spent GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""

_WINDOWS = f"""
WITH wanted AS (
    SELECT w.*, i.currency
    FROM unnest(%(ids)s::bigint[], %(firsts)s::date[], %(lasts)s::date[], %(taxed)s::boolean[], %(budgets)s::boolean[])
        WITH ORDINALITY AS w (id, first, last, taxed, is_budget, n) JOIN projects_initiative i ON i.id = w.id
)
SELECT n, own, date_trunc('month', day)::date, currency, sum(effective_cost) FROM (
    SELECT w.n, w.currency AS own, d.charge_on AS day, d.currency, d.effective_cost FROM wanted w
    JOIN projects_spendday d ON d.initiative_id = w.id AND d.charge_on >= w.first AND d.charge_on <= w.last
    {BILLED.format("d")} WHERE (w.taxed OR g.charge_category IS DISTINCT FROM 'Tax')
        AND (w.is_budget OR g.charge_category IS DISTINCT FROM 'Credit')
    UNION ALL
    SELECT w.n, w.currency, f.day, f.currency, f.effective_cost
    FROM ({FUNDED}) f JOIN wanted w ON w.id = f.id AND f.day >= w.first AND f.day <= w.last AND w.is_budget
) spent GROUP BY 1, 2, 3, 4 ORDER BY 1, 3, 4
"""


@dataclass(frozen=True)
class Window:
    """The bills of one initiative from a day to another, both included, with or without tax.

    Credits, and harness lines that are funded, count in a budget alone.
    """

    initiative_id: int
    first: date
    last: date
    with_tax: bool = True
    is_budget: bool = True


def spent_in_windows(windows: Sequence[Window], *, funded: Sequence[Span] = ()) -> list[Decimal]:
    """Return what was spent in each window, in its initiative's currency, in the order asked.

    One query for any number of windows, and one for rates; what has no rate is left out, as everywhere.
    """
    given: dict[str, Any] = {
        "ids": [window.initiative_id for window in windows],
        "firsts": [window.first for window in windows],
        "lasts": [window.last for window in windows],
        "taxed": [window.with_tax for window in windows],
        "budgets": [window.is_budget for window in windows],
        "on": max((window.last for window in windows), default=date.min),
        **span_parameters(funded),
    }
    with connection.cursor() as cursor:
        cursor.execute(_WINDOWS, given)
        rows = cursor.fetchall()
    told = tallies(Cost(int(place), own, currency, month, cost) for place, own, month, currency, cost in rows)
    return [told[place].amount if place in told else Decimal(0) for place in range(1, len(windows) + 1)]


def spent_by_month(
    first_days: Mapping[int, date], *, on: date, with_tax: bool = True, funded: Sequence[Span] = ()
) -> dict[date, Decimal]:
    """Return what initiatives of one currency spent together in each month to the end of a day.

    Foreign bills are converted at the rate of their month, and what has no rate is left out, as everywhere.
    """
    begun = {pk: day for pk, day in first_days.items() if day <= on}
    given: dict[str, Any] = {"ids": list(begun), "days": list(begun.values()), "on": on, "with_tax": with_tax}
    given |= span_parameters(funded)
    with connection.cursor() as cursor:
        cursor.execute(_COURSE, given)
        rows = cursor.fetchall()
    return amounts(tallies(Cost(month, own, currency, month, cost) for month, own, currency, cost in rows))
