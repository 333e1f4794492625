"""The examples for production name what the product reads."""

import re

import pytest
import yaml

from launch.cluster import ROLES
from launch.places import CHECKOUT

README = (CHECKOUT / "README.md").read_text()
COMPOSE = yaml.safe_load((CHECKOUT / "deploy" / "compose.yaml").read_text())
OF_THE_MACHINERY = {"TOLLGATE_PROCESS"}


def test_every_variable_of_the_compose_file_is_explained():
    named = {
        name
        for service in COMPOSE["services"].values()
        for name in service.get("environment", {})
        if not name.startswith(("POSTGRES_", "PG"))
    }

    assert named > {"DATABASE_URL", "SECRET_KEY"}
    assert {name for name in named - OF_THE_MACHINERY if f"`{name}`" not in README} == set()


def test_every_variable_explained_is_read():
    source = "".join(
        path.read_text() for folder in ("council", "launch", "projects") for path in (CHECKOUT / folder).rglob("*.py")
    )
    table = [line for line in README.splitlines() if line.startswith("| `")]
    named = {name for line in table for name in re.findall(r"`([A-Z][A-Z_]+)`", line.split("|")[1])}

    assert {name for name in named if f'"{name}"' not in source} == set()


def test_only_the_migration_knows_the_owner():
    assert [
        name for name, service in COMPOSE["services"].items() if "DATABASE_OWNER_URL" in service.get("environment", {})
    ] == ["migrate"]


@pytest.mark.parametrize("process", ["web", "worker", "scheduler"])
def test_compose_and_unit_start_the_same_process(process):
    unit = (CHECKOUT / "deploy" / f"tollgate-{process}.service").read_text()
    command = re.search(r"^ExecStart=(.*)$", unit, re.M)[1].replace("--pidfile=", "--pidfile").split()
    composed = [part for part in COMPOSE["services"][process]["command"] if part]

    assert command[0].endswith(composed[0])
    assert [part.replace("127.0.0.1", "0.0.0.0") for part in command[1:]] == composed[1:]


def test_roles_of_production_are_those_of_the_demo():
    made = (CHECKOUT / "deploy" / "roles.sql").read_text()
    rights = [line for line in ROLES.splitlines() if line.startswith(("ALTER", "REVOKE", "GRANT CONNECT"))]

    for line in rights:
        words = line.format(owner="tollgate_owner", application="tollgate_app", database="tollgate")
        assert words.split(" = ")[0].rstrip(";") in made


def test_readme_credits_the_paper_and_the_licence():
    assert "Managing AI Value using FinOps Practice Operations" in README
    assert "CC BY 4.0" in README
    assert "Apache-2.0" in README
