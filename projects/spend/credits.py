"""Credits on an initiative's bills: what they take off, and since when no more came. They count in budgets alone."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection

from projects.sources.eyes import Eyes
from projects.spend.rules import last_day_of, month_after
from projects.spend.selectors import BILLED

_CREDITS = f"""
SELECT g.provider_name, g.service_name, s.name, d.currency, min(d.charge_on), max(d.charge_on), sum(d.effective_cost),
    (SELECT max(p.last_day) FROM projects_deliverypart p WHERE p.source_id = s.id AND p.is_current)
FROM projects_spendday d {BILLED.format("d")}
WHERE d.initiative_id = %(id)s AND g.charge_category = 'Credit' GROUP BY s.id, 1, 2, 3, 4 ORDER BY 6 DESC, 7, 3, 1, 2
"""


@dataclass(frozen=True)
class Credit:
    """What one service of one bill was credited, from its first to its last day, and how far the bill itself reaches."""

    provider: str
    service: str
    source: str
    currency: str
    first_day: date
    last_day: date
    amount: Decimal
    bill_to: date

    @property
    def has_ended(self) -> bool:
        """Say whether the bill speaks of a whole month after the last credit's, in which none came."""
        return self.bill_to >= last_day_of(month_after(self.last_day))


def credits_of(initiative_id: int, eyes: Eyes) -> list[Credit]:
    """Return the credits of an initiative as a reader sees them, the newest first; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_CREDITS, {"id": initiative_id})
        rows = cursor.fetchall()
    return [
        Credit(eyes.text(provider) or "Not named", eyes.text(service) or "Not named", *rest)
        for provider, service, *rest in rows
    ]
