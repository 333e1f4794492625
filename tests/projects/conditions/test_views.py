from datetime import date

import pytest
from django.urls import reverse

from projects.conditions.models import Condition
from projects.conditions.services import NewCondition, set_conditions

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _clock(settings, now):
    settings.TOLLGATE_NOW = now.isoformat()


@pytest.fixture
def condition(fraud, olga, vera, carol, now):
    return set_conditions(
        initiative_id=fraud.pk,
        conditions=[NewCondition("Sign the data agreement", olga, date(2026, 12, 1), vera, "release")],
        decision_reference="AIC-2026-014",
        by=carol,
        at=now,
    )[0]


def at(condition, *act):
    name = "projects:condition-act" if act else "projects:condition"
    return reverse(name, args=[condition.initiative.key, condition.number, *act])


def text(answer):
    return " ".join(answer.content.decode().split())


def test_anonymous_signs_in_and_a_stranger_finds_nothing(client, condition, max_the_stranger):
    assert client.get(at(condition)).status_code == 302
    client.force_login(max_the_stranger)
    assert client.get(at(condition)).status_code == 404


def test_owner_meets_and_verifier_confirms(client, condition, olga, vera):
    client.force_login(olga)
    assert "Blocks the release" in text(client.get(at(condition)))
    assert client.post(at(condition, "meet"), {"evidence": " "}).status_code == 422
    shown = text(client.post(at(condition, "meet"), {"evidence": "Signed on 20 Nov"}, follow=True))
    assert "Condition 1 said to be met. Vera checks it." in shown
    assert "Verify the condition" not in shown
    assert client.post(at(condition, "verify")).status_code == 403
    client.force_login(vera)

    answer = client.post(at(condition, "verify"), headers=HTMX)

    assert answer["HX-Trigger"] == "conditions-changed"
    assert "<html" not in text(answer)
    assert Condition.objects.get().state == "verified"


def test_verifier_returns_it_with_a_reason(client, condition, olga, vera):
    client.force_login(olga)
    client.post(at(condition, "meet"), {"evidence": "Signed on 20 Nov"})
    client.force_login(vera)

    shown = text(client.post(at(condition, "return"), {"reason": "The annex is unsigned"}, follow=True))

    assert "The annex is unsigned" in shown
    assert client.post(at(condition, "verify")).status_code == 409


def test_reader_may_look_and_not_meet(client, condition, fiona):
    client.force_login(fiona)

    assert "Say that it is met" not in text(client.get(at(condition)))
    assert client.post(at(condition, "meet"), {"evidence": "Signed"}).status_code == 403


def test_unknown_act_is_not_found(client, condition, olga):
    client.force_login(olga)

    assert client.post(at(condition, "erase")).status_code == 404
