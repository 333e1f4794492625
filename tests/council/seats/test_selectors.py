"""What a seat lets its holder do beside voting."""

import pytest

from projects.funding.models import Tranche
from projects.funding.services import freeze_tranche
from projects.people.roles import Role
from projects.people.selectors import roles_of
from tests.factories.council import AT, seat_member
from tests.factories.money import tranche


@pytest.mark.parametrize(
    ("name", "roles"),
    [
        ("rick", {Role.MEMBER, Role.RISK}),
        ("arno", {Role.MEMBER}),
        ("carol", {Role.MEMBER, Role.CHAIR}),
        ("dave", {Role.MEMBER}),
    ],
)
def test_a_seat_gives_its_roles(board, name, roles):
    assert roles_of(board.people[name]) == roles


def test_the_finops_seat_makes_the_finops_lead(board):
    seat_member(board, "ken", "FinOps", "finops", order=6)

    assert roles_of(board.ken) == {Role.MEMBER, Role.FINOPS_LEAD}


def test_security_and_risk_freeze_spend_in_an_emergency(board, people, envelope, ready_request):
    given = tranche(ready_request.initiative, envelope, people.fay, AT)

    freeze_tranche(tranche_id=given.pk, reason="Customer data leaves the tenant.", by=board.rick, at=AT)

    assert Tranche.objects.get(pk=given.pk).state == "frozen"
