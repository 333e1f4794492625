"""The cast: Olga owns, Sam sponsors, Carl contributes, Carol chairs, Vera reviews, Fiona and Felix are finance."""

from datetime import UTC, datetime

import pytest

from projects.people.roles import Role
from tests.factories.initiatives import initiative
from tests.factories.people import person


@pytest.fixture
def now():
    return datetime(2026, 11, 19, 9, tzinfo=UTC)


@pytest.fixture
def olga(db):
    return person("olga", Role.REGISTRANT)


@pytest.fixture
def sam(db):
    return person("sam")


@pytest.fixture
def carol(db):
    return person("carol", Role.CHAIR)


@pytest.fixture
def vera(db):
    return person("vera", Role.REVIEWER)


@pytest.fixture
def fiona(db):
    return person("fiona", Role.FINANCE)


@pytest.fixture
def felix(db):
    return person("felix", Role.FINANCE)


@pytest.fixture
def audrey(db):
    return person("audrey", Role.AUDITOR)


@pytest.fixture
def max_the_stranger(db):
    return person("max")


@pytest.fixture
def fraud(olga, sam):
    """An MVP that Olga owns and Sam sponsors."""
    return initiative(olga, "mvp", sponsor=sam)
