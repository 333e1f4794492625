import pytest

from projects.people.roles import Role
from projects.prices.services import load_shipped_sheets
from tests.factories.people import person
from tests.factories.prices import AT


@pytest.fixture
def fiona(db):
    return person("fiona", Role.FINANCE)


@pytest.fixture
def felix(db):
    return person("felix", Role.FINANCE)


@pytest.fixture
def max_the_stranger(db):
    return person("max")


@pytest.fixture
def public_prices(db):
    return load_shipped_sheets(at=AT)
