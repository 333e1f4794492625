"""Keep what a delivery found under open escalations, before they are told with the figures that it brought."""

from datetime import datetime

from django.db import transaction

from council.decisions.restated import ESCALATION, frozen_figures
from council.escalations.models import Escalation
from projects.audit.services import record_many
from projects.sources.models import Delivery
from projects.spend.restatements import Frozen


@transaction.atomic
def record_restated(*, delivery: Delivery, at: datetime) -> list[str]:
    """Record with each open escalation on which figure it stood until a delivery moved it; return their keys.

    The next sweep tells them with new figures, and the delivery's page goes on to name the old ones.
    """
    keys = sorted({line["initiative"] for line in delivery.moved if line["initiative"]})
    if not keys:
        return []
    found = {line.key: line for line in frozen_figures(delivery, keys) if line.kind == ESCALATION}
    rows = Escalation.objects.open().filter(key__in=found).select_related("initiative").order_by("pk")
    told = [(row, _told(found[row.key], delivery)) for row in rows]
    record_many(verb="escalation.restated", targets=told, by=None, at=at)
    return [row.key for row, _ in told]


def _told(line: Frozen, delivery: Delivery) -> dict[str, dict[str, str]]:
    before = {"figure": f"{line.then:f}", "currency": line.currency}
    return {"before": before, "after": {"restated by": delivery.key}}
