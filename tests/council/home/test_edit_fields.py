from decimal import Decimal

import pytest

from projects.initiatives.models import Initiative
from tests.factories.gates import AT, cast, concept

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(settings):
    settings.TOLLGATE_NOW = AT.isoformat()
    return cast()


def typed(initiative, **changes):
    told = {
        "revision": initiative.revision,
        "name": initiative.name,
        "value_proposition": initiative.value_proposition,
        "business_owner": initiative.business_owner_id,
        "cost_centre": initiative.cost_centre,
    }
    return told | changes


def test_owner_keeps_the_fields_that_later_gates_ask_for(client, people):
    initiative = concept(people)
    client.force_login(people.olga)
    fields = {
        "workload_class": "drafting",
        "application": "Policy desk",
        "request_types": "chat, extract, chat",
        "environments": "test, production",
        "links": "https://example.org/plan",
    }

    answer = client.post(f"/initiatives/{initiative.key}/edit/", typed(initiative, **fields))

    assert answer.status_code == 302
    kept = Initiative.objects.get()
    assert (kept.workload_class, kept.application, kept.request_types) == (
        "drafting",
        "Policy desk",
        ["chat", "extract"],
    )
    assert (kept.environments, kept.links) == (["test", "production"], ["https://example.org/plan"])
    assert kept.expected_monthly_cost is None


@pytest.mark.parametrize(
    "field", [{"request_types": "x" * 61}, {"environments": ", ".join(map(str, range(21)))}, {"links": "no address"}]
)
def test_words_that_cannot_stand_are_refused(client, people, field):
    initiative = concept(people)
    client.force_login(people.olga)

    assert client.post(f"/initiatives/{initiative.key}/edit/", typed(initiative, **field)).status_code == 422
    assert Initiative.objects.get().expected_monthly_cost == Decimal(9000)
