"""Who says no demo gets an empty product, and is told how to found their own organisation."""

import json
from urllib.parse import quote

import pytest
from django.conf import settings

from launch import preparation
from launch.places import find_places
from launch.supervisor import environment_of_services, say_where
from projects.people.models import User
from projects.people.services import import_service

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def empty_database(monkeypatch):
    """The test's database, as somebody's own server."""
    told = settings.DATABASES["default"]
    person = f"{told['USER']}:{quote(told['PASSWORD'], safe='')}"
    monkeypatch.setenv("DATABASE_URL", f"postgresql://{person}@/{told['NAME']}?host={quote(str(told['HOST']))}")


@pytest.fixture
def commands(monkeypatch):
    """The commands that were run to prepare, none of which does anything."""
    run = []
    monkeypatch.setattr(preparation, "manage", lambda name, *rest, **more: run.append(name))
    return run


@pytest.fixture
def places(monkeypatch, tmp_path):
    """A home in which the demo's people are written down."""
    monkeypatch.setenv("TOLLGATE_HOME", str(tmp_path))
    people = [{"login": "helena", "password": "p", "name": "Helena", "role": "Chair"}]
    (tmp_path / "demo_logins.json").write_text(json.dumps(people))
    return find_places()


def choose(monkeypatch, said):
    monkeypatch.delenv("TOLLGATE_DEMO", raising=False)
    if said is not None:
        monkeypatch.setenv("TOLLGATE_DEMO", said)


@pytest.mark.parametrize(
    ("said", "wanted"), [(None, True), ("1", True), ("on", True), ("0", False), ("False", False), ("", False)]
)
def test_an_empty_database_is_filled_with_the_demo_unless_somebody_says_no(said, wanted, commands, places, monkeypatch):
    choose(monkeypatch, said)

    preparation.prepare(places)

    assert commands == ["migrate", "collectstatic", "load_prices", *(["seed_demo"] if wanted else [])]
    assert environment_of_services()["TOLLGATE_DEMO"] == ("1" if wanted else "0")


def test_a_database_in_use_is_never_filled(commands, places, monkeypatch):
    choose(monkeypatch, "1")
    User.objects.create(username="olga")

    preparation.prepare(places)

    assert "seed_demo" not in commands


def test_without_demo_the_start_says_how_an_organisation_is_founded_until_somebody_is_there(
    places, monkeypatch, capsys
):
    choose(monkeypatch, "0")
    import_service()
    say_where(places, 8123)
    before = capsys.readouterr().out
    User.objects.create(username="ada")

    say_where(places, 8123)

    after = capsys.readouterr().out
    assert "http://127.0.0.1:8123/" in before
    assert f"TOLLGATE_HOME={places.home} .venv/bin/python manage.py found_organisation" in before
    assert "found_organisation" not in after
    assert "helena" not in before + after


def test_with_the_demo_the_start_names_its_people(places, monkeypatch, capsys):
    choose(monkeypatch, "1")
    User.objects.create(username="helena")

    say_where(places, 8123)

    said = capsys.readouterr().out
    assert "helena" in said
    assert "found_organisation" not in said
