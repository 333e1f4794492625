"""Spend of an initiative on a day, as an import leaves it in the rollups."""

import uuid
from datetime import date, datetime
from decimal import Decimal

from projects.initiatives.models import Initiative
from projects.people.models import User
from projects.sources.models import CostGroup, Delivery, DeliveryPart, Source
from projects.spend.models import SpendDay, SpendMonth


def spent(
    initiative: Initiative, day: date, amount: str, *, by: User, at: datetime, role: str = "fact", currency: str = ""
) -> SpendDay:
    """Add cost of one day to an initiative, from a bill or from a gateway's log."""
    source = Source.objects.get_or_create(
        name=f"bill-{role}", defaults={"role": role, "scope": "account_period", "created_by": by, "created_at": at}
    )[0]
    number = Delivery.objects.count() + 1
    delivery = Delivery.objects.create(
        key=f"DL-{number:04d}",
        source=source,
        kind="focus",
        title="FOCUS",
        file_name=f"{number}.csv",
        file_sha256="0" * 64,
        file_bytes=1,
        fingerprint=f"{number:064d}",
        rows=1,
        accepted=1,
        evidence="none",
        evidence_sha256="0" * 64,
        imported_by=by,
        imported_at=at,
    )
    part = DeliveryPart.objects.create(
        delivery=delivery,
        source=source,
        billing_account_id=f"account-{number}",
        billing_period_start=day.replace(day=1),
        number=1,
        rows=1,
        first_day=day,
        last_day=day,
    )
    group = CostGroup.objects.create(
        source=source, digest=uuid.uuid4(), layer="unclassified", owned_layer="infrastructure"
    )
    told = {
        "group": group,
        "initiative": initiative,
        "currency": currency or initiative.currency,
        "rows": 1,
        "billed_cost": Decimal(amount),
        "effective_cost": Decimal(amount),
    }
    SpendMonth.objects.create(month=day.replace(day=1), **told)
    return SpendDay.objects.create(part=part, charge_on=day, **told)
