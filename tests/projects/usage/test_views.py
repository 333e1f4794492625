from datetime import timedelta

import pytest
from django.urls import reverse

from projects.common.clock import now
from projects.people.roles import Role
from projects.usage.selectors import models_in_use
from projects.usage.services import record_usage
from tests.factories.people import person
from tests.factories.prices import catalogued
from tests.projects.usage.conftest import AT, DAY, figures, unknown

pytestmark = pytest.mark.django_db
NEXT = DAY + timedelta(days=1)


def record(part, *days):
    return record_usage(part_id=part.pk, days=days, by=None, at=AT)


def page(client) -> str:
    client.force_login(person("rita", Role.REVIEWER))
    return client.get(reverse("projects:usage")).content.decode()


def test_without_usage_the_page_says_what_would_fill_it(client):
    assert "No usage in the last 30 days" in page(client)


def test_models_in_use_show_calls_tokens_and_cost(client, deliver, public_prices):
    today = now().date()
    catalogued("openai", "gpt-4o", "frontier")
    record(deliver(), figures(day=today), figures(day=today - timedelta(days=30), model="gpt-4o-mini"))

    shown = page(client)

    assert "Frontier" in shown
    assert "1,600" in shown
    assert "$0.01" in shown
    assert "gpt-4o-mini" not in shown.split("Models in use</h1>")[1].split("alarms")[0]


def test_an_alarm_names_the_model_and_its_cost_is_unknown(client, deliver):
    record(deliver(), unknown(day=now().date()))

    shown = page(client)

    assert "1 alarm" in shown
    assert "Nobody knows house-llama." in shown
    assert "Unknown" in shown


def test_models_in_use_count_calls_told_twice_once(deliver, initiative):
    mine = {"initiative_id": initiative.pk}
    record(deliver("gateway", "detail"), figures(**mine))
    record(deliver("bill", "fact"), figures(**mine), figures(), figures(model="o3"))

    found = {(one.model, one.calls, one.initiatives) for one in models_in_use(DAY, NEXT)}

    assert found == {("gpt-4o", 20, 1), ("o3", 10, 0)}


def test_a_partly_unpriced_model_has_an_unknown_cost(deliver):
    record(deliver(), unknown("m"), figures(model="m", version="2"))

    (found,) = models_in_use(DAY, NEXT)

    assert (found.computed_cost, found.currency, found.calls) == (None, "", 20)
