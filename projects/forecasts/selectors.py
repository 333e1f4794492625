"""Each initiative's forecast for the end of its tranche in force, and how high it can come at most."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal

from django.db import connection

from projects.forecasts.rules import WINDOW_DAYS, forecast_at_end
from projects.funding.selectors import Position, positions
from projects.limits.selectors import policy_on
from projects.spend.selectors import BILLED, spend_by_day

# Each group of charges at its dearest day of the window, on every day ahead: no median of those days exceeds it.
# Unknown where a bill is in another currency.
_WINDOW = f"charge_on > %(final_on)s::date - {WINDOW_DAYS} AND charge_on <= %(final_on)s"
_OF_MANY = f"(SELECT * FROM projects_spendday WHERE {_WINDOW})"
_OF_FEW = f"""(
    SELECT d.* FROM wanted w
    CROSS JOIN LATERAL (SELECT * FROM projects_spendday WHERE initiative_id = w.id AND {_WINDOW} OFFSET 0) d
)"""
_DEAREST = """
WITH wanted AS MATERIALIZED (
    SELECT w.id, w.ahead, i.currency FROM unnest(%(ids)s::bigint[], %(ahead)s::int[]) AS w (id, ahead)
    JOIN projects_initiative i ON i.id = w.id
), dearest AS MATERIALIZED (
    SELECT d.initiative_id AS id, d.group_id, d.currency, greatest(max(d.effective_cost), 0) AS cost
    FROM {days} d GROUP BY 1, 2, 3
)
SELECT w.id, w.ahead * sum(d.cost), bool_or(d.currency <> w.currency)
FROM dearest d {billed} JOIN wanted w ON w.id = d.id GROUP BY w.id, w.ahead
"""
MANY = 1000  # initiatives from which on reading everybody's days is faster than looking each one up


def forecasts(
    initiative_ids: Iterable[int], *, on: date, held: Mapping[int, Position] | None = None
) -> dict[int, Decimal]:
    """Return the median forecast of spend at the end of each tranche in force; absent where it is unknown.

    Pass the positions where they are known already.
    """
    ids = list(initiative_ids)
    if not ids:
        return {}
    held = positions(ids, on=on) if held is None else held
    policy = policy_on(on)
    final_on = on - timedelta(days=policy.integer("spend_lag_days"))
    start, with_tax = final_on - timedelta(days=WINDOW_DAYS), policy.counts_tax
    daily = spend_by_day(ids, start=start, on=on, with_tax=with_tax, with_credits=False)
    found = {}
    for pk in ids:
        position = held.get(pk)
        tranche = position.tranche_in_force if position else None
        if position is None or tranche is None:
            continue
        ahead = forecast_at_end(
            daily.get(pk, {}), spent=position.spent, on=on, final_on=final_on, ends_on=tranche.ends_on
        )
        if ahead is not None:
            found[pk] = ahead
    return found


def highest_forecasts(held: Mapping[int, Position], *, on: date) -> dict[int, Decimal | None]:
    """Return what no forecast of `forecasts` exceeds, in one pass over the days: who stays below it need not be asked.

    It is None where only the forecast itself can tell. Initiatives without a tranche in force, or without days, are absent.
    """
    windows = {pk: row.tranche_in_force for pk, row in held.items() if row.tranche_in_force}
    final_on = on - timedelta(days=policy_on(on).integer("spend_lag_days"))
    ahead = [max((tranche.ends_on - on).days - 1, 0) for tranche in windows.values()]
    days = _OF_MANY if len(windows) >= MANY else _OF_FEW
    with connection.cursor() as cursor:
        cursor.execute(
            _DEAREST.format(days=days, billed=BILLED.format("d")),
            {"ids": list(windows), "ahead": ahead, "final_on": final_on},
        )
        rows = cursor.fetchall()
    return {pk: None if is_abroad else held[pk].spent + more for pk, more, is_abroad in rows}
