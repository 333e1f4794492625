"""Which rates of exchange spend waits for, and whose spend a rate converts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import F, Q, QuerySet, Sum

from projects.rates.selectors import rate_book
from projects.spend.models import SpendMonth


@dataclass(frozen=True)
class MissingRate:
    """A month and currency without a rate, and what one currency of bills therefore cannot be added for how many."""

    month: date
    lacking: str
    currency: str
    amount: Decimal
    initiatives: int


def missing_rates() -> list[MissingRate]:
    """Return the rates that the spend of initiatives waits for, the newest month first; two queries."""
    foreign = _foreign().values_list("month", "currency", "initiative__currency", "initiative_id")
    rows = list(foreign.annotate(total=Sum("effective_cost")))
    book = rate_book({row[0] for row in rows})
    heaps: dict[tuple[date, str, str], tuple[Decimal, set[int]]] = {}
    for month, currency, own, initiative, amount in rows:
        lacking = book.lacking(currency, own, month)
        if lacking:
            total, whose = heaps.get((month, lacking, currency), (Decimal(0), set()))
            heaps[month, lacking, currency] = (total + amount, whose | {initiative})
    found = [MissingRate(*place, total, len(whose)) for place, (total, whose) in heaps.items()]
    return sorted(found, key=lambda row: (-row.month.toordinal(), row.lacking, row.currency))


def initiatives_converted_at(places: Sequence[tuple[date, str]]) -> list[int]:
    """Return the initiatives whose foreign spend a rate of these months and currencies converts."""
    wanted = set(places)
    rows = _foreign().filter(month__in={month for month, _ in places})
    told = rows.values_list("initiative_id", "month", "currency", "initiative__currency").distinct()
    return sorted({pk for pk, month, one, own in told if (month, one) in wanted or (month, own) in wanted})


def _foreign() -> QuerySet[SpendMonth]:
    rows = SpendMonth.objects.filter(group__source__role="fact", initiative__isnull=False)
    return rows.filter(~Q(currency=F("initiative__currency"))).order_by()
