"""Charges that no rule gives to an initiative: heaped by what they are, with their money, trend and cause."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from projects.attribution.layers import UNCLASSIFIED
from projects.spend.rules import cause_of, growth, month_before

CAUSES = {
    "direct_api": "Direct API keys beside the gateway",
    "missing_tag": "No tag, account or rule that names an owner",
    "team_subscription": "Team subscriptions",
    "ai_add_on": "AI add-ons inside other software",
    "developer_tool": "Developer tools",
    "not_ai": "Not known to be AI",
}

NOT_AI = "not_ai"

_HEAPS = """
SELECT g.source_id, s.name, g.billing_account_id, max(g.billing_account_name), g.sub_account_id, max(g.sub_account_name),
    g.provider_name, g.service_name, g.layer, coalesce(max(g.charge_frequency), ''), m.currency,
    sum(m.effective_cost), sum(m.rows)::bigint,
    coalesce(sum(m.effective_cost) FILTER (WHERE m.month = %(last)s), 0),
    coalesce(sum(m.effective_cost) FILTER (WHERE m.month = %(before)s), 0)
FROM projects_spendmonth m JOIN projects_costgroup g ON g.id = m.group_id
JOIN projects_source s ON s.id = g.source_id AND s.role = 'fact'
WHERE m.initiative_id IS NULL AND m.month >= %(since)s AND m.month <= %(on)s
GROUP BY 1, 2, 3, 5, 7, 8, 9, 11 HAVING sum(m.effective_cost) <> 0 OR sum(m.billed_cost) <> 0
ORDER BY abs(sum(m.effective_cost)) DESC LIMIT 2000
"""
_GATEWAY = "SELECT EXISTS (SELECT FROM projects_source s JOIN projects_deliverypart p ON p.source_id = s.id WHERE s.role = 'detail')"
_COVERAGE = """
SELECT m.currency, coalesce(sum(m.effective_cost) FILTER (WHERE m.initiative_id IS NOT NULL), 0), sum(m.effective_cost)
FROM projects_spendmonth m JOIN projects_costgroup g ON g.id = m.group_id
JOIN projects_source s ON s.id = g.source_id AND s.role = 'fact'
WHERE m.month >= %(since)s AND m.month <= %(on)s AND (m.initiative_id IS NOT NULL OR g.layer <> %(unclassified)s)
GROUP BY 1 ORDER BY 3 DESC
"""


@dataclass(frozen=True)
class Heap:
    """Unclaimed charges of one service in one account, in one currency, with the last two full months."""

    source_id: int
    source: str
    billing_account: str | None
    billing_account_name: str | None
    sub_account: str | None
    sub_account_name: str | None
    provider: str | None
    service: str | None
    layer: str
    frequency: str
    currency: str
    effective_cost: Decimal
    rows: int
    last_month: Decimal
    month_before: Decimal
    cause: str

    @property
    def place(self) -> tuple[int, str, str, str]:
        """Return what tells it apart from other heaps, whatever the currency."""
        return self.source_id, self.billing_account or "", self.sub_account or "", self.service or ""

    @property
    def growth(self) -> Decimal | None:
        """Return how much more the last month cost than the one before, or None."""
        return growth(self.month_before, self.last_month)

    @property
    def account(self) -> str:
        """Name the account most closely."""
        return self.sub_account_name or self.sub_account or self.billing_account_name or self.billing_account or ""


@dataclass(frozen=True)
class Cause:
    """Heaps that have no owner for the same reason, the largest first, with their sums by currency."""

    code: str
    heaps: Sequence[Heap]
    sums: dict[str, Decimal]

    @property
    def title(self) -> str:
        """Say the reason."""
        return CAUSES[self.code]

    @property
    def is_ai(self) -> bool:
        """Say whether the charges are known to be for AI."""
        return self.code != NOT_AI


@dataclass(frozen=True)
class Coverage:
    """How much of the spend on AI in one currency belongs to an initiative."""

    currency: str
    claimed: Decimal
    total: Decimal

    @property
    def ratio(self) -> Decimal | None:
        """Return the share that belongs to an initiative; None where there is nothing to share."""
        return None if self.total <= 0 else self.claimed / self.total

    @property
    def unclaimed(self) -> Decimal:
        """Return what belongs to nobody."""
        return self.total - self.claimed


def unclaimed_heaps(*, since: date, on: date) -> list[Heap]:
    """Return what nobody owns in the months up to a day's, the most money first; the trend is of full months."""
    last = month_before(on)
    with connection.cursor() as cursor:
        cursor.execute(_GATEWAY)
        beside_gateway = bool(cursor.fetchone()[0])
        cursor.execute(_HEAPS, {"since": since, "on": on, "last": last, "before": month_before(last)})
        rows = cursor.fetchall()
    return [Heap(*[*row, _cause(row, beside_gateway)]) for row in rows]


def unclaimed_summary(*, since: date, on: date) -> list[Cause]:
    """Return the same by cause, the most money first; what is not known to be AI comes last."""
    heaps: dict[str, list[Heap]] = defaultdict(list)
    for heap in unclaimed_heaps(since=since, on=on):
        heaps[heap.cause].append(heap)
    causes = [Cause(code, found, _sums(found)) for code, found in heaps.items()]
    return sorted(causes, key=lambda cause: (not cause.is_ai, -max(map(abs, cause.sums.values()))))


def coverage(*, since: date, on: date) -> list[Coverage]:
    """Return, by currency, how much of the spend on AI in some months belongs to an initiative."""
    with connection.cursor() as cursor:
        cursor.execute(_COVERAGE, {"since": since, "on": on, "unclassified": UNCLASSIFIED})
        return [Coverage(*row) for row in cursor.fetchall()]


def _cause(row: Sequence[Any], beside_gateway: bool) -> str:
    return cause_of(layer=row[8], service=row[7] or "", frequency=row[9], beside_gateway=beside_gateway)


def _sums(heaps: Sequence[Heap]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for heap in heaps:
        sums[heap.currency] += heap.effective_cost
    return dict(sums)
