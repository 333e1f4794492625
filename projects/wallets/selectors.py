"""Balances of wallets and the cost of unused commitments, of current deliveries of bills."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, Max, Min, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth

from projects.wallets.models import UnusedDay, WalletDay
from projects.wallets.rules import Moves, Wallet, unit_key, wallet_of

RECENT_DAYS = 30
_BILL = Q(part__is_current=True, part__source__role="fact")


def wallets(*, on: date) -> list[Wallet]:
    """Return every wallet at the end of a day, the largest first; one query."""
    recent = Q(day__gt=on - timedelta(days=RECENT_DAYS))
    rows = WalletDay.objects.filter(_BILL, day__lte=on).order_by()
    grouped = rows.values("part__source__name", "provider", "unit", "currency").annotate(
        all_bought=Sum("bought"),
        all_used=Sum("used"),
        all_paid=Sum("paid"),
        all_drawn=Sum("drawn"),
        first=Min("day"),
        last=Max("day"),
        lately=Sum("used", filter=recent, default=Decimal(0)),
        uses=Count("pk", filter=Q(is_priced_in=True)),
    )
    found: dict[tuple[str, str, str], list[Moves]] = defaultdict(list)
    for row in grouped.order_by("part__source__name", "provider", "unit", "currency"):
        place = (row["part__source__name"], row["provider"], unit_key(row["unit"]))
        found[place].append(
            Moves(
                unit=row["unit"],
                currency=row["currency"],
                bought=row["all_bought"],
                used=row["all_used"],
                paid=row["all_paid"],
                drawn=row["all_drawn"],
                first_day=row["first"],
                last_day=row["last"],
                recent=row["lately"],
                is_priced_in=row["uses"] > 0,
            )
        )
    made = [wallet_of(source, provider, moves) for (source, provider, _), moves in found.items()]
    return sorted((one for one in made if one is not None), key=lambda one: -one.bought)


@dataclass(frozen=True)
class Unused:
    """What unused commitments of one service cost in a month."""

    month: date
    provider: str
    service: str
    currency: str
    effective_cost: Decimal


def unused_commitments(*, since: date, on: date) -> list[Unused]:
    """Return what was committed and not used from a month to a day, the newest month and the most money first."""
    rows: QuerySet[UnusedDay] = UnusedDay.objects.filter(_BILL, day__gte=since, day__lte=on).order_by()
    grouped = rows.annotate(month=TruncMonth("day")).values_list("month", "provider", "service", "currency")
    found = [Unused(*row) for row in grouped.annotate(cost=Sum("effective_cost")) if row[-1]]
    return sorted(found, key=lambda row: (-row.month.toordinal(), -row.effective_cost))


def unused_sums(rows: list[Unused]) -> dict[str, Decimal]:
    """Return the sums by currency."""
    sums: dict[str, Decimal] = {}
    for row in rows:
        sums[row.currency] = sums.get(row.currency, Decimal(0)) + row.effective_cost
    return sums
