"""Months that finance has closed: which of a delivery's are, what it would change there, and the refusal that says so."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils.timezone import localtime

from projects.common import formats
from projects.common.outcomes import Refused
from projects.sources.eyes import NOBODY_SEEN
from projects.sources.models import ClosedPeriod, DeliveryPart
from projects.spend.loading import LoadedPart
from projects.spend.rules import exact_text

NAMED_PLACES = 3
SHOWN_PLACES = 50
_OF_PARTS = """
SELECT p.pair, p.month, f.charge_on, f.cost_key_id, f.currency, count(*) FILTER (WHERE f.share = 0) AS rows,
    sum(f.billed_cost) AS billed, sum(f.effective_cost) AS effective
FROM unnest(%({side})s::bigint[], %(months)s::date[]) WITH ORDINALITY p (part_id, month, pair)
JOIN projects_spendfact f ON f.part_id = p.part_id AND f.billing_month = p.month
WHERE f.part_id = ANY(%({side})s) AND f.billing_month = ANY(%(months)s) GROUP BY 1, 2, 3, 4, 5
"""
# A place is a day of a key: what is the same in all that a file says of a charge.
_FIND = f"""
CREATE TEMPORARY TABLE closed_difference ON COMMIT DROP AS
SELECT month, charge_on, currency, g.service_name, g.billing_account_id, k.resource_id, coalesce(o.effective, 0) AS effective_before,
    coalesce(n.effective, 0) AS effective_after, coalesce(o.billed, 0) AS billed_before, coalesce(n.billed, 0) AS billed_after
FROM ({_OF_PARTS.format(side="new")}) n
FULL JOIN ({_OF_PARTS.format(side="old")}) o USING (pair, month, charge_on, cost_key_id, currency)
JOIN projects_costkey k ON k.id = cost_key_id JOIN projects_costgroup g ON g.id = k.group_id
WHERE (n.rows, n.billed, n.effective) IS DISTINCT FROM (o.rows, o.billed, o.effective)
"""
_COSTS = ("effective_before", "effective_after", "billed_before", "billed_after")
_SUMS = f"""
SELECT month, currency, count(*), {", ".join(f"trim_scale(sum({cost}))" for cost in _COSTS)}
FROM closed_difference GROUP BY 1, 2 ORDER BY 1, 2
"""
_FIRST = f"""
SELECT month, charge_on, service_name, billing_account_id, resource_id, currency, {", ".join(f"trim_scale({cost})" for cost in _COSTS)}
FROM closed_difference ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 LIMIT {SHOWN_PLACES}
"""


@dataclass(frozen=True)
class Costs:
    """Effective and billed cost before and after."""

    effective_before: Decimal
    effective_after: Decimal
    billed_before: Decimal
    billed_after: Decimal


@dataclass(frozen=True)
class ClosedSum:
    """How much a delivery would change in one closed month and currency, and who closed the month."""

    month: date
    closed_by: str
    closed_on: date
    currency: str
    places: int
    costs: Costs


@dataclass(frozen=True)
class ClosedPlace:
    """One day of a charge in a closed month that a delivery would change."""

    month: date
    day: date
    service: str
    account: str
    resource: str
    currency: str
    costs: Costs


@dataclass(frozen=True)
class ClosedDifferences:
    """All that a delivery would change in closed months, summed up exactly, and the first places."""

    sums: tuple[ClosedSum, ...]
    first: tuple[ClosedPlace, ...]

    @property
    def places(self) -> int:
        """Return how many places would change."""
        return sum(line.places for line in self.sums)


class PeriodClosed(Refused):
    """The delivery would change a month that finance has closed."""

    code = "period_closed"

    def __init__(self, differences: ClosedDifferences) -> None:
        """Keep the differences, and say who closed what, how much would change and the first places."""
        self.differences = differences
        closed = {line.month: _closed_words(line) for line in differences.sums}
        named, more = differences.first[:NAMED_PLACES], differences.places - NAMED_PLACES
        it = "it" if len(closed) == 1 else "them"
        super().__init__(
            f"{'; '.join(closed.values())}. This delivery would change {it} in "
            f"{formats.counted(differences.places, 'place')}, whose effective cost goes {_sum_words(differences.sums)}: "
            f"{'; '.join(map(_place_words, named))}{f'; and {more:,} more' if more > 0 else ''}. Have the "
            f"{'month' if len(closed) == 1 else 'months'} opened again first, or deliver corrections in an open one."
        )

    @property
    def details(self) -> dict[str, Any]:
        """Return all of it as JSON, exact sums as text."""
        return {"closed": closed_details(self.differences)}


def closed_periods(days: Collection[date]) -> list[ClosedPeriod]:
    """Return the months of some days that finance has closed, the earliest first, with who closed them."""
    months = {day.replace(day=1) for day in days}
    closed = ClosedPeriod.objects.filter(reopened_at__isnull=True, month__in=months)
    return list(closed.select_related("closed_by").order_by("month"))


def closed_months(days: Collection[date]) -> list[date]:
    """Return which months of some days finance has closed, the earliest first."""
    return [row.month for row in closed_periods(days)]


def closed_differences(
    loaded: Sequence[LoadedPart], replaced: dict[tuple[str, date], DeliveryPart]
) -> ClosedDifferences | None:
    """Return what a delivery would change in months that finance has closed; None where it changes nothing there."""
    scopes = {(new.account, new.period) for new in loaded}
    pairs = [(part.period, part.part_id, replaced.get((part.account, part.period))) for part in loaded]
    pairs += [(period, 0, part) for (account, period), part in replaced.items() if (account, period) not in scopes]
    closed = {row.month: row for row in closed_periods([period for period, _, _ in pairs])}
    found = [
        (period.replace(day=1), new, old.pk if old else 0)
        for period, new, old in pairs
        if period.replace(day=1) in closed
    ]
    if not found:
        return None
    months, new_parts, old_parts = (list(column) for column in zip(*found, strict=True))
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS closed_difference")
        cursor.execute(_FIND, {"months": months, "new": new_parts, "old": old_parts})
        cursor.execute(_SUMS)
        sums = tuple(
            ClosedSum(
                month,
                str(closed[month].closed_by),
                localtime(closed[month].closed_at).date(),
                currency,
                places,
                Costs(*costs),
            )
            for month, currency, places, *costs in cursor.fetchall()
        )
        cursor.execute(_FIRST)
        first = tuple(
            ClosedPlace(month, day, service or "", account or "", resource or "", currency, Costs(*costs))
            for month, day, service, account, resource, currency, *costs in cursor.fetchall()
        )
    return ClosedDifferences(sums, first) if sums else None


def closed_details(differences: ClosedDifferences) -> dict[str, Any]:
    """Return it as JSON: an account or a resource that names a person is not written out."""
    return {
        "places": differences.places,
        "months": [
            {
                "month": line.month.isoformat(),
                "closed_by": line.closed_by,
                "closed_on": line.closed_on.isoformat(),
                "currency": line.currency,
                "places": line.places,
                **_written(line.costs),
            }
            for line in differences.sums
        ],
        "first": [
            {
                "month": place.month.isoformat(),
                "day": place.day.isoformat(),
                "service": NOBODY_SEEN.text(place.service),
                "account": NOBODY_SEEN.cell("billing_account_id", place.account) if place.account else "",
                "resource": NOBODY_SEEN.text(place.resource),
                "currency": place.currency,
                **_written(place.costs),
            }
            for place in differences.first
        ],
    }


def _closed_words(line: ClosedSum) -> str:
    return f"{line.month:%B %Y} is closed, by {line.closed_by} on {formats.on_day(line.closed_on)}"


def _written(costs: Costs) -> dict[str, str]:
    return {name: exact_text(amount) for name, amount in vars(costs).items()}


def _sum_words(sums: Sequence[ClosedSum]) -> str:
    """Write what each currency would come to; currencies are never added."""
    before: dict[str, Decimal] = {}
    after: dict[str, Decimal] = {}
    for line in sums:
        before[line.currency] = before.get(line.currency, Decimal(0)) + line.costs.effective_before
        after[line.currency] = after.get(line.currency, Decimal(0)) + line.costs.effective_after
    words = [_from_to(before[code], after[code], code) for code in before]
    return " and ".join(words)


def _place_words(place: ClosedPlace) -> str:
    moved = _from_to(place.costs.effective_before, place.costs.effective_after, place.currency)
    return f"{NOBODY_SEEN.text(place.service) or 'a charge'} on {formats.on_day(place.day)} {moved}"


def _from_to(before: Decimal, after: Decimal, code: str) -> str:
    return f"from {formats.digits(before, code)} to {formats.digits(after, code)} {code}"
