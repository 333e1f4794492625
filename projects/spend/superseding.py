"""Estimates beside the bills that supersede them, and how much of the model spend a gateway details.

An estimate is what usage costs by the price of its day, or what a gateway's log says of itself. It is never added to what is
spent: it stands until the bill of its provider and month comes, and from then on only the difference is shown.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncMonth

from projects.attribution.layers import HARNESS_SOURCE
from projects.attribution.models import DetailCover
from projects.attribution.providers import Providers, known_providers, spelt
from projects.usage.models import UsageDay

_MODELS = f"""
SELECT m.month, g.provider_name, m.currency, sum(m.effective_cost)
FROM projects_spendmonth m JOIN projects_costgroup g ON g.id = m.group_id
JOIN projects_source s ON s.id = g.source_id AND s.role = %(role)s AND s.name <> '{HARNESS_SOURCE}'
WHERE m.month >= %(since)s AND m.month <= %(on)s
    AND CASE WHEN m.initiative_id IS NULL THEN g.layer ELSE g.owned_layer END = 'api_model'
GROUP BY 1, 2, 3
"""
Place = tuple[date, str, str]


@dataclass(frozen=True)
class Superseded:
    """Model spend of a provider in a month and currency: the bill, what gateways log, what usage costs by its prices.

    `also` are the other spellings that were matched with the provider's name; `is_unmatched` says that no bill of the span
    names a provider by any spelling of this one, and that nobody has said what the name means.
    """

    month: date
    provider: str
    currency: str
    bill: Decimal | None
    logged: Decimal | None
    computed: Decimal | None
    unpriced: int = 0
    split: Decimal | None = None
    also: tuple[str, ...] = ()
    is_unmatched: bool = False

    @property
    def estimate(self) -> Decimal | None:
        """Return the computed cost or, where prices are missing, what the log says; None without either."""
        return self.computed if self.computed is not None and not self.unpriced else self.logged

    @property
    def is_superseded(self) -> bool:
        """Say whether a bill has come for what was estimated."""
        return self.bill is not None and self.estimate is not None

    @property
    def difference(self) -> Decimal | None:
        """Return bill less estimate; None while one of them is missing."""
        return None if self.bill is None or self.estimate is None else self.bill - self.estimate

    @property
    def detailed(self) -> Decimal:
        """Return how much of the bill has gateway detail, never more than the bill.

        Where a rule splits the bill by a log, it is what the log covers; else what logs name of the same provider.
        """
        has_detail = self.split if self.split is not None else self.logged
        return max(Decimal(0), min(self.bill or Decimal(0), has_detail or Decimal(0)))


@dataclass(frozen=True)
class GatewayShare:
    """How much of what models cost by their bills a gateway details, in one currency, and how much of it rules split."""

    currency: str
    detailed: Decimal
    bills: Decimal
    split: Decimal = Decimal(0)

    @property
    def ratio(self) -> Decimal | None:
        """Return detailed ÷ billed; None without a bill."""
        return None if self.bills <= 0 else self.detailed / self.bills


def estimates_and_bills(*, since: date, on: date) -> list[Superseded]:
    """Return model spend by month, provider and currency, the newest month and the dearest first; five queries."""
    known = known_providers()
    names: dict[str, list[str]] = {}
    bills = _sums(_models("fact", since, on), names, known)
    logged = _sums(_models("detail", since, on), names, known)
    computed, unpriced = _computed(since, on, names, known)
    split = _split(since, on, known)
    billed = {provider for _, provider, _ in bills}
    # Usage without a price has no currency of its own: it spoils the estimate of its provider's month in every currency.
    places = {*bills, *logged, *computed}
    rows = [
        Superseded(
            month,
            names[provider][0],
            currency,
            bills.get((month, provider, currency)),
            logged.get((month, provider, currency)),
            computed.get((month, provider, currency)),
            unpriced.get((month, provider), 0),
            split.get((month, provider, currency)),
            also=tuple(names[provider][1:]),
            is_unmatched=provider not in billed and not known.is_known(names[provider][0]),
        )
        for month, provider, currency in places
    ]
    return sorted(
        rows, key=lambda row: (-row.month.toordinal(), -(row.bill or row.estimate or Decimal(0)), row.provider)
    )


def gateway_shares(rows: Iterable[Superseded]) -> list[GatewayShare]:
    """Return the share by currency, the most money first."""
    sums: dict[str, tuple[Decimal, Decimal, Decimal]] = {}
    for row in rows:
        detailed, bills, split = sums.get(row.currency, (Decimal(0),) * 3)
        by_rule = row.detailed if row.split is not None else Decimal(0)
        bill = max(row.bill or Decimal(0), Decimal(0))
        sums[row.currency] = (detailed + row.detailed, bills + bill, split + by_rule)
    return sorted((GatewayShare(code, *sums[code]) for code in sums), key=lambda share: -share.bills)


def split_bills(*, since: date, on: date) -> list[DetailCover]:
    """Return how much of each bill the log covers that splits it, the newest month first; one query."""
    found = DetailCover.objects.filter(month__gte=since, month__lte=on)
    return list(found.select_related("rule__source", "rule__detail").order_by("-month", "rule__number", "currency"))


def waiting_for_bills(rows: Iterable[Superseded]) -> dict[str, Decimal]:
    """Return, by currency, what is estimated and no bill has come for."""
    sums: dict[str, Decimal] = {}
    for row in rows:
        if row.bill is None and row.estimate is not None:
            sums[row.currency] = sums.get(row.currency, Decimal(0)) + row.estimate
    return sums


def _split(since: date, on: date, known: Providers) -> dict[Place, Decimal]:
    sums: dict[Place, Decimal] = {}
    for cover in DetailCover.objects.filter(month__gte=since, month__lte=on).exclude(provider=""):
        place = (cover.month, known.key(cover.provider), cover.currency)
        sums[place] = sums.get(place, Decimal(0)) + cover.covered
    return sums


def _models(role: str, since: date, on: date) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(_MODELS, {"role": role, "since": since, "on": on})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _computed(
    since: date, on: date, names: dict[str, list[str]], known: Providers
) -> tuple[Mapping[Place, Decimal], Mapping[tuple[date, str], int]]:
    days = UsageDay.objects.current().told_once().filter(day__gte=since, day__lte=on).order_by()
    rows = days.annotate(month=TruncMonth("day")).values_list("month", "provider", "computed_currency")
    unpriced: dict[tuple[date, str], int] = {}
    priced = []
    for month, provider, currency, cost, unknown in rows.annotate(
        cost=Sum("computed_cost"), unknown=Count("pk", filter=Q(computed_cost__isnull=True))
    ):
        if unknown:
            place = (month, known.key(provider))
            unpriced[place] = unpriced.get(place, 0) + unknown
        if currency:
            priced.append((month, provider, currency, cost))
    return _sums(priced, names, known), unpriced


def _sums(rows: Iterable[tuple[Any, ...]], names: dict[str, list[str]], known: Providers) -> dict[Place, Decimal]:
    """Add up by month, comparable provider and currency; the first spelling of a provider is the one shown."""
    sums: dict[Place, Decimal] = {}
    for month, provider, currency, amount in sorted(rows, key=lambda row: row[1] or ""):
        key, name = known.key(provider or ""), provider or "Provider not named"
        spellings = names.setdefault(key, [])
        if spelt(name) not in map(spelt, spellings):
            spellings.append(name)
        sums[month, key, currency] = sums.get((month, key, currency), Decimal(0)) + amount
    return sums
