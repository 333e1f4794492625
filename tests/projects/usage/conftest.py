from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import transaction

from projects.initiatives.models import Initiative
from projects.people.models import User
from projects.people.roles import Role
from projects.prices.services import load_shipped_sheets
from projects.sources.models import Delivery, DeliveryPart, Source
from projects.usage.rules import Computed, Counts, DayFigures
from tests.factories.people import person

AT = datetime(2026, 11, 19, 9, tzinfo=UTC)
DAY = date(2026, 11, 10)


@pytest.fixture
def fiona(db):
    return person("fiona", Role.FINANCE)


@pytest.fixture
def felix(db):
    return person("felix", Role.FINANCE)


@pytest.fixture
def public_prices(db):
    return load_shipped_sheets(at=AT)


@pytest.fixture
def initiative(fiona):
    return Initiative.objects.create(
        key="AI-031",
        name="Fraud network detection",
        value_proposition="Find rings early.",
        business_owner=fiona,
        cost_centre="CC-1",
        expected_monthly_cost=Decimal("1000"),
        currency="USD",
        stage_since=AT,
        registered_by=fiona,
        registered_at=AT,
    )


@pytest.fixture
def deliver(fiona):
    """Return a function that makes a part of a source; a later one of the same source replaces the earlier."""

    def make(name: str = "gateway", role: str = "detail") -> DeliveryPart:
        return delivered(fiona, name, role)

    return make


def delivered(by: User, name: str, role: str) -> DeliveryPart:
    source, _ = Source.objects.get_or_create(
        name=name, defaults={"role": role, "scope": "period", "created_by": by, "created_at": AT}
    )
    number = Delivery.objects.count() + 1
    with transaction.atomic():
        old = DeliveryPart.objects.filter(source=source, is_current=True).first()
        delivery = Delivery.objects.create(
            key=f"DL-{number:04}",
            source=source,
            kind="litellm_spend_logs",
            title="LiteLLM spend log",
            file_name="logs.csv",
            file_sha256=f"{number:064}",
            file_bytes=1,
            fingerprint=f"{number:064}",
            rows=1,
            accepted=1,
            evidence="evidence/none",
            evidence_sha256=f"{number:064}",
            imported_by=by,
            imported_at=AT,
        )
        part = DeliveryPart(
            delivery=delivery,
            source=source,
            billing_period_start=date(2026, 11, 1),
            number=1,
            rows=1,
            first_day=DAY,
            last_day=DAY,
        )
        if old is None:
            part.save()
            return part
        part.is_current, part.superseded_by = False, old
        part.save()
        DeliveryPart.objects.filter(pk=old.pk).update(is_current=False, superseded_by=part)
        DeliveryPart.objects.filter(pk=part.pk).update(is_current=True, superseded_by=None)
        return DeliveryPart.objects.get(pk=part.pk)


def figures(**changes: object) -> DayFigures:
    fields = {
        "initiative_id": None,
        "cost_key_id": None,
        "provider": "openai",
        "model": "gpt-4o",
        "version": "",
        "day": DAY,
        "currency": "USD",
        "counts": Counts(calls=10, input_tokens=1000, cached_read_tokens=200, output_tokens=300, reasoning_tokens=100),
        "stated_cost": Decimal("0.01"),
        "computed": Computed(Decimal("0.0075"), "USD"),
    }
    return DayFigures(**{**fields, **changes})


def unknown(model: str = "house-llama", **changes: object) -> DayFigures:
    return figures(model=model, computed=Computed(None, reason=f"Nobody knows {model}."), **changes)
