import pytest

from projects.initiatives.models import Initiative
from projects.intake.look_alikes import look_alikes
from tests.factories.gates import cast, concept

pytestmark = pytest.mark.django_db
FIELDS = {
    "name": "Branch cash demand forecasting",
    "value_proposition": "Tills hold what branches need.",
    "cost_centre": "CC-3305",
    "expected_monthly_cost": "9k",
}


@pytest.fixture(autouse=True)
def clock(settings):
    settings.TOLLGATE_NOW = "2026-11-16T09:00:00Z"


@pytest.fixture
def people():
    return cast()


def register(client, user, **changes):
    client.force_login(user)
    return client.post("/initiatives/new/", {**FIELDS, "business_owner": user.pk, **changes})


def test_five_fields_register_a_concept(client, people):
    answer = register(client, people.olga)

    initiative = Initiative.objects.get()
    assert answer["Location"] == f"/requests/new/{initiative.key}/"
    assert (initiative.key, initiative.stage, initiative.expected_monthly_cost) == ("AI-001", "concept", 9000)


def test_nobody_registers_unsigned_and_strangers_may_not(client, people):
    assert client.get("/initiatives/new/").status_code == 302
    assert register(client, people.max).status_code == 403


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "Give the initiative a name"),
        ({"name": "\u202e \u200b"}, "Give the initiative a name"),
        ({"name": "x" * 201}, "at most 200 characters"),
        ({"value_proposition": ""}, "Say what the initiative is worth"),
        ({"business_owner": ""}, "Name the business owner"),
        ({"business_owner": "999999"}, "valid choice"),
        ({"cost_centre": ""}, "Name the cost centre"),
        ({"expected_monthly_cost": "-1"}, "Write the amount in figures"),
        ({"expected_monthly_cost": "NaN"}, "Write the amount in figures"),
        ({"expected_monthly_cost": ""}, "Give the expected monthly cost"),
    ],
)
def test_wrong_field_is_named(client, people, changes, words):
    answer = register(client, people.olga, **changes)

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Initiative.objects.exists()


def test_look_alike_is_shown_first_and_must_be_answered(client, people):
    concept(people, "Branch cash demand forecast")

    shown = register(client, people.olga)
    silent = register(client, people.olga, seen="1")
    told = register(client, people.olga, seen="1", look_alike_reason="Another country's branches.")

    assert shown.status_code == silent.status_code == 422
    assert "Is it one of these?" in shown.content.decode()
    assert "Say why this is not one of them" in silent.content.decode()
    assert told.status_code == 302
    assert Initiative.objects.latest("pk").look_alike_reason == "Another country's branches."


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Branch cash demand forecasting", True),
        ("branch CASH forecasting", True),
        ("Cash demand", True),
        ("Contract clause redlining", False),
        ("Br", False),
        ("%%%", False),
    ],
)
def test_names_alike_are_found_and_others_are_not(people, name, found):
    concept(people, "Branch cash demand forecasting")

    assert bool(look_alikes(name, "", people.olga)) is found


def test_look_alike_tells_stage_cost_and_likeness(people):
    concept(people, "Branch cash demand forecasting")

    alike = look_alikes("Branch cash demand forecasting", "", people.olga)[0]

    assert (alike.likeness, alike.became) == (100, "Concept, active")


def test_stranger_learns_nothing_from_look_alikes(people):
    concept(people, "Branch cash demand forecasting")

    assert look_alikes("Branch cash demand forecasting", "", people.max) == []


def test_look_alikes_answer_while_typing(client, people):
    concept(people, "Branch cash demand forecasting")
    client.force_login(people.olga)

    page = client.get("/initiatives/new/alike/", {"name": "Branch cash demand"}).content.decode()

    assert "AI-001 Branch cash demand forecasting" in page
