"""Charges that no rule gives to an initiative: heaped by what they are, with their money, trend and cause.

A heap is one service in one account, in one currency. Causes and sums are worked out in SQL over all heaps, once for
what is delivered; a page shows the largest of each cause.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from projects.attribution.layers import UNCLASSIFIED
from projects.sources.eyes import Eyes
from projects.spend.kept_figures import CLAIMED, UNCLAIMED, kept
from projects.spend.rules import DEVELOPER_TOOLS, growth, month_before

CAUSES = {
    "direct_api": "Direct API keys beside the gateway",
    "unregistered_pilot": "Unregistered pilots: new model services in accounts without an initiative",
    "missing_tag": "No tag, account or rule that names an owner",
    "team_subscription": "Team subscriptions",
    "ai_add_on": "AI add-ons inside other software",
    "developer_tool": "Developer tools",
    "not_ai": "Not known to be AI",
}
NOT_AI = "not_ai"
MOST_HEAPS = 50

# A service is new where its source had been delivered for an earlier month already, and named it only lately.
_HEAPS = f"""
WITH gateway AS (
    SELECT EXISTS (SELECT FROM projects_source s JOIN projects_deliverypart p ON p.source_id = s.id WHERE s.role = 'detail') AS stands
), begun AS (
    SELECT g.source_id, min(m.month) AS month FROM projects_spendmonth m JOIN projects_costgroup g ON g.id = m.group_id
    GROUP BY 1
), owned AS (
    SELECT DISTINCT g.source_id, coalesce(g.billing_account_id, '') AS billing_account,
        coalesce(g.sub_account_id, '') AS sub_account
    FROM projects_spendmonth m JOIN projects_costgroup g ON g.id = m.group_id WHERE m.initiative_id IS NOT NULL
), monthly AS (
    SELECT m.group_id, m.currency, min(m.month) AS first_month,
        sum(m.billed_cost) FILTER (WHERE m.month >= %(since)s) AS billed_cost,
        sum(m.effective_cost) FILTER (WHERE m.month >= %(since)s) AS effective_cost,
        sum(m.rows) FILTER (WHERE m.month >= %(since)s) AS rows,
        sum(m.effective_cost) FILTER (WHERE m.month = %(last)s) AS last_month,
        sum(m.effective_cost) FILTER (WHERE m.month = %(before)s) AS month_before
    FROM projects_spendmonth m WHERE m.initiative_id IS NULL AND m.month <= %(on)s GROUP BY 1, 2
), heap AS (
    SELECT min(g.id) AS group_id, min(g.id) FILTER (WHERE g.billing_account_name IS NOT NULL) AS billing_named,
        min(g.id) FILTER (WHERE g.sub_account_name IS NOT NULL) AS sub_named,
        g.source_id, g.billing_account_id, g.sub_account_id, g.service_name, g.layer,
        lower(coalesce(max(g.charge_frequency), '')) AS frequency, m.currency, min(m.first_month) AS first_month,
        sum(m.effective_cost) AS effective_cost, sum(m.rows)::bigint AS rows,
        coalesce(sum(m.last_month), 0) AS last_month, coalesce(sum(m.month_before), 0) AS month_before
    FROM monthly m JOIN projects_costgroup g ON g.id = m.group_id
    JOIN projects_source s ON s.id = g.source_id AND s.role = 'fact'
    GROUP BY g.source_id, g.billing_account_id, g.sub_account_id, g.provider_name, g.service_name, g.layer, m.currency
    HAVING sum(m.effective_cost) <> 0 OR sum(m.billed_cost) <> 0
), caused AS MATERIALIZED (
    SELECT heap.*, CASE
        WHEN layer = '{UNCLASSIFIED}' THEN '{NOT_AI}'
        WHEN layer = 'embedded_saas' AND lower(coalesce(service_name, '')) ~ %(tools)s THEN 'developer_tool'
        WHEN layer = 'embedded_saas' AND frequency = 'recurring' THEN 'team_subscription'
        WHEN layer = 'embedded_saas' THEN 'ai_add_on'
        WHEN layer IN ('api_model', 'platform') AND frequency = 'usage-based' AND first_month >= %(new_since)s
            AND first_month > begun.month AND NOT EXISTS (
                SELECT FROM owned o WHERE o.source_id = heap.source_id
                    AND o.billing_account = coalesce(heap.billing_account_id, '')
                    AND o.sub_account = coalesce(heap.sub_account_id, '')
            ) THEN 'unregistered_pilot'
        WHEN layer = 'api_model' AND (SELECT stands FROM gateway) THEN 'direct_api'
        ELSE 'missing_tag' END AS cause
    FROM heap JOIN begun USING (source_id)
)
"""
_SUMMARY = f"""
{_HEAPS}, ranked AS (
    SELECT caused.*, row_number() OVER (PARTITION BY cause ORDER BY abs(effective_cost) DESC, group_id) AS place FROM caused
), summed AS (
    SELECT cause, array_agg(currency ORDER BY amount DESC) AS currencies, array_agg(amount ORDER BY amount DESC) AS amounts,
        sum(heaps)::bigint AS heaps
    FROM (SELECT cause, currency, sum(effective_cost) AS amount, count(*) AS heaps FROM caused GROUP BY 1, 2) sums GROUP BY 1
)
SELECT cause, s.currencies, s.amounts, s.heaps, r.group_id, r.billing_named, r.sub_named,
    r.currency, r.effective_cost, r.rows, r.last_month, r.month_before
FROM ranked r JOIN summed s USING (cause) WHERE place <= {MOST_HEAPS} ORDER BY cause, place
"""
# Whether an account is an API key is looked up in the index made for it: a heap may have any number of keys.
_NAMES = """
SELECT g.source_id, s.name, g.billing_account_id, b.billing_account_name, g.sub_account_id, u.sub_account_name,
    g.provider_name, g.service_name, g.layer, EXISTS (
        SELECT FROM projects_costkey k WHERE k.group_id = g.id AND k.api_key_id = g.billing_account_id
            AND left(k.api_key_id, 200) = left(g.billing_account_id, 200))
FROM unnest(%(groups)s::bigint[], %(billing)s::bigint[], %(sub)s::bigint[]) WITH ORDINALITY w (id, billing, sub, n)
JOIN projects_costgroup g ON g.id = w.id JOIN projects_source s ON s.id = g.source_id
LEFT JOIN projects_costgroup b ON b.id = w.billing LEFT JOIN projects_costgroup u ON u.id = w.sub ORDER BY n
"""
_COVERAGE = """
SELECT m.currency, coalesce(sum(m.effective_cost) FILTER (WHERE m.initiative_id IS NOT NULL), 0), sum(m.effective_cost)
FROM projects_spendmonth m JOIN projects_costgroup g ON g.id = m.group_id
JOIN projects_source s ON s.id = g.source_id AND s.role = 'fact'
WHERE m.month >= %(since)s AND m.month <= %(on)s AND (m.initiative_id IS NOT NULL OR g.layer <> %(unclassified)s)
GROUP BY 1 ORDER BY 3 DESC
"""


@dataclass(frozen=True)
class Heap:
    """Unclaimed charges of one service in one account, in one currency, with the last two full months.

    `group_id` stands for it in forms, so that no page holds a name for the sake of a form.
    """

    group_id: int
    source_id: int
    source: str
    billing_account: str | None
    billing_account_name: str | None
    sub_account: str | None
    sub_account_name: str | None
    provider: str | None
    service: str | None
    layer: str
    is_key: bool
    currency: str
    effective_cost: Decimal
    rows: int
    last_month: Decimal
    month_before: Decimal

    @property
    def place(self) -> tuple[int, str, str, str]:
        """Return what tells it apart from other heaps, whatever the currency."""
        return self.source_id, self.billing_account or "", self.sub_account or "", self.service or ""

    @property
    def growth(self) -> Decimal | None:
        """Return how much more the last month cost than the one before, or None."""
        return growth(self.month_before, self.last_month)

    def account(self, eyes: Eyes) -> str:
        """Name the account most closely, as a reader may see it; the name of a key is a person's alias."""
        if self.sub_account_name or self.sub_account:
            return eyes.text(self.sub_account_name or self.sub_account)
        return eyes.account(self.billing_account_name, is_key=self.is_key) or eyes.text(self.billing_account)


@dataclass(frozen=True)
class Cause:
    """Heaps that have no owner for the same reason: the largest, how many there are, and the sums of all by currency."""

    code: str
    heaps: Sequence[Heap]
    sums: dict[str, Decimal]
    count: int

    @property
    def title(self) -> str:
        """Say the reason."""
        return CAUSES[self.code]

    @property
    def is_ai(self) -> bool:
        """Say whether the charges are known to be for AI."""
        return self.code != NOT_AI

    @property
    def left_out(self) -> int:
        """Count the heaps that are too small to be listed."""
        return self.count - len(self.heaps)


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


def unclaimed_summary(*, since: date, on: date) -> list[Cause]:
    """Return what nobody owns in the months up to a day's by cause, the most money first.

    Figures are those remembered for what is delivered; names are looked up. The trend is of full months; what is not
    known to be AI comes last.
    """
    last = month_before(on)
    bound = {
        "since": since,
        "on": on.replace(day=1),
        "last": last,
        "before": month_before(last),
        "new_since": month_before(last),
        "tools": "|".join(DEVELOPER_TOOLS),
    }
    found = kept(UNCLAIMED, (_SUMMARY, bound), lambda: _all(_SUMMARY, bound))
    groups, billing, sub = ([row[place] for row in found] for place in (4, 5, 6))
    names = _all(_NAMES, {"groups": groups, "billing": billing, "sub": sub})
    heaps: dict[str, list[Heap]] = defaultdict(list)
    for row, named in zip(found, names, strict=True):
        heaps[row[0]].append(Heap(row[4], *named, *row[7:]))
    causes = [
        Cause(cause, heaps[cause], dict(zip(currencies, amounts, strict=True)), count)
        for cause, (currencies, amounts, count) in {row[0]: row[1:4] for row in found}.items()
    ]
    return sorted(causes, key=lambda cause: (not cause.is_ai, -max(map(abs, cause.sums.values()))))


def coverage(*, since: date, on: date) -> list[Coverage]:
    """Return, by currency, how much of the spend on AI in some months belongs to an initiative."""
    bound = {"since": since, "on": on.replace(day=1), "unclassified": UNCLASSIFIED}
    return [Coverage(*row) for row in kept(CLAIMED, (_COVERAGE, bound), lambda: _all(_COVERAGE, bound))]


def _all(statement: str, bound: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, bound)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
