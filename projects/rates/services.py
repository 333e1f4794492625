"""Bring rates in, from a table or by hand. A different figure for the same month is a new version; none is changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import connection, transaction

from projects.audit.services import record
from projects.common.outcomes import Blocker, Refused
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import require
from projects.rates.models import MonthlyRate
from projects.rates.rules import BASE, Rate
from projects.rates.selectors import in_force
from projects.rates.tables import BadLine, RateTable, TableRefused, read_table
from projects.signals import rates_changed
from projects.sources.models import ClosedPeriod

NAMED_MONTHS = 3


class RatesRefused(Refused):
    """A table or a rate that is not taken; `lines` name the places at fault."""

    def __init__(self, code: str, message: str, lines: list[BadLine] | None = None) -> None:
        """Keep the code, the sentence and the lines."""
        self.code = code
        super().__init__([Blocker(code, message)])
        self.lines = lines or []


@dataclass(frozen=True)
class TakenRates:
    """What became of a table: rates new, changed and the same as before, which way it quotes, what was left out."""

    added: int
    changed: int
    unchanged: int
    months: tuple[date, ...]
    currencies: tuple[str, ...]
    direction: str
    left_out: Mapping[str, int]


@transaction.atomic
def import_rates(*, content: bytes, source: str, by: User, at: datetime) -> TakenRates:
    """Take a table of monthly rates whole; the same table again changes nothing. Raise NotPermitted or RatesRefused."""
    _lock()
    require(by, Permission.KEEP_RATES)
    try:
        table = read_table(content)
    except TableRefused as refused:
        raise RatesRefused(refused.code, str(refused), refused.lines) from refused
    return _take(table, source, by, at)


@transaction.atomic
def enter_rate(*, month: date, currency: str, dollars: Decimal, source: str, by: User, at: datetime) -> TakenRates:
    """Say what one unit of a currency was worth in dollars in a month. Raise NotPermitted or RatesRefused."""
    _lock()
    require(by, Permission.KEEP_RATES)
    if currency == BASE:
        raise RatesRefused("rate_of_the_dollar", "Rates are in US dollars; the dollar itself has none.")
    if not dollars.is_finite() or dollars <= 0:
        raise RatesRefused("rate_not_positive", f"A rate is more than zero, not {dollars}.")
    table = RateTable({(month.replace(day=1), currency): Rate(dollars, Decimal(1))}, direction="dollars for one unit")
    return _take(table, source, by, at)


def _take(table: RateTable, source: str, by: User, at: datetime) -> TakenRates:
    if not table.rates:
        raise RatesRefused("no_rates", "There is no rate in it.")
    months = sorted({month for month, _ in table.rates})
    known = {(row.month, row.currency): row for row in in_force().filter(month__in=months)}
    changed = {
        place: row
        for place, row in known.items()
        if place in table.rates and Rate(row.dollars, row.units).per_unit != table.rates[place].per_unit
    }
    _keep_closed_months({month for month, _ in changed})
    made = MonthlyRate.objects.bulk_create(
        MonthlyRate(
            month=month,
            currency=currency,
            version=known[month, currency].version + 1 if (month, currency) in known else 1,
            dollars=rate.dollars,
            units=rate.units,
            source=source.strip()[:200] or "By hand",
            quoted_on=at.date(),
            entered_by=by,
            entered_at=at,
        )
        for (month, currency), rate in sorted(table.rates.items())
        if (month, currency) not in known or (month, currency) in changed
    )
    taken = TakenRates(
        added=len(made) - len(changed),
        changed=len(changed),
        unchanged=len(table.rates) - len(made),
        months=tuple(months),
        currencies=tuple(sorted({currency for _, currency in table.rates})),
        direction=table.direction,
        left_out=dict(sorted(table.left_out.items())),
    )
    if made:
        _announce(made, changed, taken, by, at)
    return taken


def _announce(
    made: list[MonthlyRate], changed: Mapping[tuple[date, str], MonthlyRate], taken: TakenRates, by: User, at: datetime
) -> None:
    before = [{"was": str(row), "version": row.version} for row in changed.values()]
    data = {
        "source": made[0].source,
        "added": taken.added,
        "changed": before,
        "months": [f"{month:%Y-%m}" for month in taken.months],
    }
    record(verb="rates.taken", target=made[0], by=by, at=at, data=data, stream="rates")
    places = sorted({(row.month, row.currency) for row in made})
    rates_changed.send(sender=MonthlyRate, places=places, by=by, at=at)


def _keep_closed_months(months: set[date]) -> None:
    closed = ClosedPeriod.objects.filter(reopened_at__isnull=True, month__in=months)
    found = list(closed.select_related("closed_by").order_by("month"))
    if found:
        they, them, month_words = ("it", "it", "month") if len(found) == 1 else ("they", "them", "months")
        named = [f"{row.month:%B %Y} is closed, by {row.closed_by}" for row in found[:NAMED_MONTHS]]
        more = f"; and {len(found) - NAMED_MONTHS:,} more" if len(found) > NAMED_MONTHS else ""
        raise RatesRefused(
            "period_closed",
            f"{'; '.join(named)}{more}. These rates would change what {they} cost. Have the {month_words} opened "
            f"again first, or leave {them} out of the table.",
        )


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('monthly rates', 0))")
