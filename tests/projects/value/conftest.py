from datetime import date
from decimal import Decimal

import pytest

from projects.value.services import create_kpi_card, declare_claim
from tests.factories.gates import AT, cast, concept

OCTOBER = (date(2026, 10, 1), date(2026, 11, 1))


@pytest.fixture
def people(db):
    return cast()


@pytest.fixture
def initiative(people):
    return concept(people)


@pytest.fixture
def card(people, initiative):
    return create_kpi_card(
        initiative_id=initiative.pk,
        name="Cost per answer",
        unit="USD per answer",
        direction="down",
        measures="unit_cost",
        numerator_source="Cost data",
        baseline=Decimal(4),
        target=Decimal(2),
        ceiling=Decimal(3),
        owner=people.olga,
        by=people.olga,
        at=AT,
    )


@pytest.fixture
def claim(people, initiative):
    return declare_claim(
        initiative_id=initiative.pk,
        benefit="Faster answers",
        amount=Decimal(1000),
        period_start=OCTOBER[0],
        period_end=OCTOBER[1],
        share_percent=Decimal(60),
        by=people.olga,
        at=AT,
    )
