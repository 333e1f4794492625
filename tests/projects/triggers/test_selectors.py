from datetime import date, timedelta
from decimal import Decimal

import pytest

from projects.inputs.selectors import compute_inputs, spending_of
from projects.limits.selectors import policy_on
from projects.sources.models import CostGroup
from projects.triggers.selectors import fired_triggers, known_services, model_spend, projected_month, variable_services
from tests.factories.gates import AT, ON, cast, concept
from tests.factories.spend import spent

pytestmark = pytest.mark.django_db
FINAL = date(2026, 11, 13)


@pytest.fixture
def people():
    return cast()


@pytest.fixture
def initiative(people):
    return concept(people)


def bill(people, initiative, amount, day=FINAL, service="Tokens", layer="api_model", frequency="Usage-Based"):
    row = spent(initiative, day, amount, by=people.fay, at=AT)
    CostGroup.objects.filter(pk=row.group_id).update(
        service_name=service, owned_layer=layer, charge_frequency=frequency, charge_category="Usage"
    )
    return row


def fired(initiative, last_decided_on=None):
    found = fired_triggers(
        initiative,
        kind="advance",
        to_stage="mvp",
        ask=None,
        last_review_on=ON,
        last_decided_on=last_decided_on,
        policy=policy_on(ON),
        on=ON,
    )
    return [row.number for row in found]


def test_month_is_what_was_expected_until_something_is_spent(people, initiative):
    assert projected_month(initiative, final_on=FINAL, on=ON) == initiative.expected_monthly_cost

    bill(people, initiative, "1000", date(2026, 11, 13))

    assert projected_month(initiative, final_on=FINAL, on=ON) == 1000 + 17 * 1000


def test_month_above_the_amount_for_the_stage_fires(people, initiative):
    bill(people, initiative, "2000", date(2026, 11, 13))

    assert 3 in fired(initiative)


@pytest.mark.parametrize(
    ("day", "counts"),
    [
        (FINAL, True),
        (FINAL + timedelta(days=1), False),
        (FINAL - timedelta(days=89), True),
        (FINAL - timedelta(days=90), False),
    ],
)
def test_model_spend_counts_ninety_final_days(people, initiative, day, counts):
    bill(people, initiative, "7", day)

    assert model_spend(initiative, final_on=FINAL) == (Decimal(7) if counts else None)


def test_only_usage_based_services_of_variable_layers_count(people, initiative):
    bill(people, initiative, "1", service="Tokens")

    assert variable_services(initiative, since=None, on=ON) == {"Tokens"}
    CostGroup.objects.update(owned_layer="infrastructure")
    assert variable_services(initiative, since=None, on=ON) == set()


def test_services_of_the_last_decision_are_known(people, initiative):
    bill(people, initiative, "1", date(2026, 10, 5))

    assert known_services(initiative, date(2026, 10, 4)) == set()
    assert known_services(initiative, date(2026, 10, 5)) == {"Tokens"}
    assert 4 in fired(initiative, date(2026, 10, 4))
    assert 4 not in fired(initiative, date(2026, 10, 5))


def test_first_delivery_makes_its_services_known(people, initiative):
    bill(people, initiative, "1", date(2026, 10, 5))

    assert 4 not in fired(initiative)


def test_unknown_spend_stays_unknown_in_the_inputs(initiative):
    found = compute_inputs(initiative, ask={"ask": None}, on=ON)

    assert found.five["spend"]["spent"] is None
    assert found.five["spend"]["approved"] is None
    assert found.five["spend"]["unknown"]
    assert found.five["optimisation"]["unknown"]


def test_spend_is_read_to_its_last_day(people, initiative):
    bill(people, initiative, "12.5", date(2026, 10, 5))
    bill(people, initiative, "7.5", date(2026, 11, 2))

    found = spending_of(initiative, on=ON)

    assert found.data_to == date(2026, 11, 2)
    assert [(row.month, row.amount) for row in found.months] == [
        (date(2026, 10, 1), Decimal("12.5")),
        (date(2026, 11, 1), Decimal("7.5")),
    ]
