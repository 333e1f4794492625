"""The council, an initiative with a ready request, and money to decide on."""

from decimal import Decimal

import pytest

from projects.funding.services import open_envelope
from tests.factories.council import AT, council
from tests.factories.gates import cast, ready
from tests.factories.money import FY26


@pytest.fixture
def at():
    return AT


@pytest.fixture
def people(db):
    return cast()


@pytest.fixture
def board(people):
    return council()


@pytest.fixture
def envelope(people):
    return open_envelope(
        kind="company",
        name="FY26",
        currency="USD",
        starts_on=FY26[0],
        ends_on=FY26[1].replace(month=7),
        amount=Decimal(1_000_000),
        by=people.fay,
        at=AT.replace(month=1),
    )


@pytest.fixture
def ready_request(people, board):
    return ready(people)
