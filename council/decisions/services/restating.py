"""Keep what a delivery found under open escalations, before they are told with the figures that it brought."""

from datetime import datetime

from django.db import transaction

from council.decisions.restated import restated_escalations
from projects.audit.services import record_many
from projects.sources.models import Delivery
from projects.spend.restatements import Frozen


@transaction.atomic
def record_restated(*, delivery: Delivery, at: datetime) -> list[str]:
    """Record with each open escalation on which figure it stood until a delivery moved it; return their keys.

    The next sweep tells them with new figures, and the delivery's page goes on to name the old ones.
    """
    told = [(row, _told(line, delivery)) for row, line in restated_escalations(delivery)]
    record_many(verb="escalation.restated", targets=told, by=None, at=at)
    return [row.key for row, _ in told]


def _told(line: Frozen, delivery: Delivery) -> dict[str, dict[str, str]]:
    before = {"figure": f"{line.then:f}", "currency": line.currency}
    return {"before": before, "after": {"restated by": delivery.key}}
