"""Claims that nobody verified again stop counting in the night."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from projects.value.models import ClaimState, ValueClaim
from projects.value.selectors import verified_value
from projects.value.services import declare_claim, measure_claim, verify_claim
from projects.value.tasks import decay_old_claims
from tests.factories.gates import AT, cast, concept

pytestmark = pytest.mark.django_db
OCTOBER = (date(2026, 10, 1), date(2026, 11, 1))
DECAYS = AT.date().replace(year=AT.year + 1, month=AT.month - 6)  # the last day on which it counts


@pytest.fixture
def people():
    return cast()


@pytest.fixture
def claim(people):
    made = concept(people)
    start, end = OCTOBER
    claim = declare_claim(
        initiative_id=made.pk,
        benefit="Rings stopped",
        amount=Decimal(500),
        period_start=start,
        period_end=end,
        by=people.olga,
        at=AT,
    )
    measure_claim(claim_id=claim.pk, amount=Decimal(500), measured_from="Report", by=people.olga, at=AT)
    return verify_claim(claim_id=claim.pk, amount=Decimal(500), by=people.fay, at=AT)


@pytest.mark.parametrize(("day", "decayed"), [(DECAYS, 0), (DECAYS + timedelta(days=1), 1)])
def test_a_claim_decays_in_the_night_after_its_months(settings, claim, day, decayed):
    settings.TOLLGATE_NOW = f"{day.isoformat()}T01:10:00Z"

    assert decay_old_claims() == decayed
    assert decay_old_claims() == 0
    assert (ValueClaim.objects.get().state == ClaimState.DECAYED) == bool(decayed)


@pytest.mark.parametrize(
    ("until", "value"), [(date(2026, 10, 30), None), (date(2026, 10, 31), 500), (date(2026, 11, 1), 500)]
)
def test_value_shows_at_the_end_of_its_period(claim, until, value):
    assert verified_value([claim.initiative_id], AT.date(), until=until).get(claim.initiative_id) == value
