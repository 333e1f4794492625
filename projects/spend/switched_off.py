"""What was said to be switched off, and what was charged for it on later days all the same."""

from collections.abc import Collection
from decimal import Decimal

from django.db import connection

from projects.spend.models import SwitchOff

Place = tuple[int, str, str, str]
_SINCE = """
SELECT s.id, d.currency, sum(d.effective_cost) FROM projects_switchoff s
JOIN projects_costgroup g ON g.source_id = s.source_id AND coalesce(g.billing_account_id, '') = s.billing_account
    AND coalesce(g.sub_account_id, '') = s.sub_account AND coalesce(g.service_name, '') = s.service
JOIN projects_spendday d ON d.group_id = g.id AND d.initiative_id IS NULL
    AND d.charge_on > (s.ended_at AT TIME ZONE 'UTC')::date AND d.charge_on > %(first)s
WHERE s.id = ANY(%(ids)s) GROUP BY 1, 2 HAVING sum(d.effective_cost) <> 0
"""


def switched_off(places: Collection[Place]) -> dict[Place, tuple[SwitchOff, dict[str, Decimal]]]:
    """Return the last switch-off that was carried out of each of some places, with what was charged since, by currency."""
    done = SwitchOff.objects.filter(outcome="done", source_id__in={place[0] for place in places})
    last = {row.place: row for row in done.select_related("ended_by").order_by("ended_at", "pk") if row.place in places}
    if not last:
        return {}
    since: dict[int, dict[str, Decimal]] = {}
    first = min(row.ended_at for row in last.values() if row.ended_at is not None).date()
    with connection.cursor() as cursor:
        cursor.execute(_SINCE, {"ids": [row.pk for row in last.values()], "first": first})
        for pk, currency, amount in cursor.fetchall():
            since.setdefault(pk, {})[currency] = amount
    return {place: (row, since.get(row.pk, {})) for place, row in last.items()}
