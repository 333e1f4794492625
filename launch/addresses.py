"""Addresses of the servers: the ones given in the environment, else the embedded ones."""

import os
from urllib.parse import quote

from launch.keys import read_keys
from launch.places import find_places

DATABASE = "tollgate"
LOGINS = {"superuser": "postgres", "owner": "tollgate_owner", "application": "tollgate_app"}


def embedded_database() -> bool:
    """Say whether the database is ours to start."""
    return not os.environ.get("DATABASE_URL")


def embedded_broker() -> bool:
    """Say whether the broker is ours to start."""
    return not os.environ.get("BROKER_URL")


def database_url(role: str) -> str:
    """Return the address for `role` (owner or application); one given address serves both."""
    given = os.environ.get("DATABASE_URL", "")
    if role == "owner":
        given = os.environ.get("DATABASE_OWNER_URL", "") or given
    return given or embedded_database_url(role)


def embedded_database_url(role: str, *, name: str = DATABASE) -> str:
    """Return the embedded cluster's address for `role`, in the form libpq reads too."""
    places = find_places()
    password = read_keys(places.home).get(role, "")
    return f"postgresql://{LOGINS[role]}:{quote(password, safe='')}@/{name}?host={quote(str(places.sockets))}"


def broker_url() -> str:
    """Return the broker's address as Celery spells it."""
    return os.environ.get("BROKER_URL") or f"redis+socket://{find_places().broker_socket}"
