"""An organisation is founded once, in an empty database, with two administrators or more."""

import json
from dataclasses import replace

import pytest
from django.core.management import call_command

from council.demo.services import NotEmpty, seed_demo
from council.seats.founding import FoundedAlready, Founder, FoundingRefused, found_organisation
from projects.audit.models import AuditEvent
from projects.common.outcomes import NotPermitted
from projects.people.models import Organisation, RoleGrant, User
from projects.people.permissions import Permission
from projects.people.roles import Role
from projects.people.selectors import may, require, roles_of
from projects.people.services import import_service, setup_service
from tests.factories.council import AT

pytestmark = pytest.mark.django_db
ADA = Founder("ada", "Ada Kowalski", "ada@acme.example")
BRUNO = Founder("bruno", "Bruno Silva", "bruno@acme.example")


@pytest.fixture
def now():
    return AT


def found(at, **changed):
    asked = {"name": " Acme ", "currency": "EUR", "time_zone": "Europe/Berlin", "administrators": [ADA, BRUNO]}
    return found_organisation(**{**asked, **changed}, at=at)


def counts():
    return [model.objects.count() for model in (Organisation, User, RoleGrant, AuditEvent)]


def test_the_founded_organisation_has_its_administrators_and_nobody_else(now):
    import_service()

    passwords = found(now)

    told = Organisation.objects.get()
    assert (told.name, told.currency, told.time_zone, told.is_demo) == ("Acme", "EUR", "Europe/Berlin", False)
    people = User.objects.filter(is_service=False).order_by("username")
    assert [(one.username, one.full_name, one.email) for one in people] == [
        ("ada", "Ada Kowalski", "ada@acme.example"),
        ("bruno", "Bruno Silva", "bruno@acme.example"),
    ]
    assert [roles_of(one) for one in people] == [{Role.ADMINISTRATOR}] * 2
    assert may(people[0], Permission.GRANT_ROLES)
    with pytest.raises(NotPermitted):
        require(people[0], Permission.VOTE)
    assert [one.check_password(passwords[one.username]) for one in people] == [True, True]
    assert len(set(passwords.values())) == 2


def test_nobody_is_said_to_have_given_or_confirmed_the_first_grants(now):
    found(now)

    for grant in RoleGrant.objects.select_related("granted_by", "confirmed_by"):
        assert (grant.granted_by.username, grant.confirmed_by.username) == ("set-up", "policy")
        assert grant.granted_by.is_service
        assert grant.confirmed_by.is_service
    told = AuditEvent.objects.order_by("pk").values_list("verb", "actor_name")
    assert list(told) == [("organisation.founded", "Tollgate"), *[("role.granted", "Tollgate")] * 2]


def test_an_administrator_signs_in_with_the_first_password_and_the_set_up_does_not(client, now):
    passwords = found(now)
    setup = setup_service()
    setup.set_password("a password for nobody")
    setup.save()

    refused = client.post("/account/login/", {"login": "set-up", "password": "a password for nobody"})
    answer = client.post("/account/login/", {"login": "ada", "password": passwords["ada"]})

    assert (refused.status_code, answer.status_code) == (200, 302)
    assert client.get("/policy/").status_code == 200


@pytest.mark.parametrize("somebody", ["the organisation", "a person"])
def test_where_somebody_is_nothing_is_founded(somebody, now):
    if somebody == "a person":
        User.objects.create(username="olga")
    else:
        Organisation.objects.create(name="Acme")
    before = counts()

    with pytest.raises(FoundedAlready):
        found(now)

    assert counts() == before


@pytest.mark.parametrize(
    ("changed", "codes"),
    [
        ({"name": " "}, ["name"]),
        ({"name": "A" * 201}, ["name"]),
        ({"name": "A\nB"}, ["name"]),
        ({"currency": "eur"}, ["currency"]),
        ({"currency": "QQQ"}, ["currency"]),
        ({"time_zone": "Berlin"}, ["time_zone"]),
        ({"administrators": [ADA]}, ["administrators"]),
        ({"administrators": [ADA, replace(BRUNO, login="Ada")]}, ["login_double", "login_double"]),
        ({"administrators": [ADA, replace(BRUNO, login="b b")]}, ["login"]),
        ({"administrators": [ADA, replace(BRUNO, name="")]}, ["person_name"]),
        ({"administrators": [ADA, replace(BRUNO, email="bruno")]}, ["email"]),
    ],
)
def test_what_could_not_be_run_is_refused_and_leaves_nothing(changed, codes, now):
    before = counts()

    with pytest.raises(FoundingRefused) as refused:
        found(now, **changed)

    assert [blocker.code for blocker in refused.value.blockers] == codes
    assert counts() == before


def test_the_longest_name_is_accepted(now):
    found(now, name="A" * 200)

    assert len(Organisation.objects.get().name) == 200


def test_the_demo_takes_over_no_founded_organisation(now):
    found(now)

    with pytest.raises(NotEmpty, match="people"):
        seed_demo(today=now.date())

    assert Organisation.objects.get().name == "Acme"


def test_the_command_prints_the_passwords_once_and_refuses_the_second_time(capsys):
    named = [word for one in (ADA, BRUNO) for word in ("--administrator", one.login, one.name, one.email)]
    asked = ["found_organisation", "Acme", "--currency", "EUR", *named, "--json"]

    call_command(*asked)
    told = json.loads(capsys.readouterr().out)
    with pytest.raises(SystemExit) as ended:
        call_command(*asked)

    assert told["organisation"] == "Acme"
    assert User.objects.get(username="bruno").check_password(told["passwords"]["bruno"])
    assert (ended.value.code, json.loads(capsys.readouterr().out)["error"]["code"]) == (2, "founded_already")


@pytest.mark.parametrize("address", ["/account/login/", "/"])
def test_a_database_that_holds_nothing_shows_the_sign_in_page(address, client):
    answer = client.get(address, follow=True)

    assert answer.status_code == 200
    assert "Sign in" in answer.content.decode()
