from datetime import UTC, datetime

import pytest

from projects.people.models import Organisation, RoleGrant, User

AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def at():
    return AT


@pytest.fixture
def organisation(db):
    return Organisation.objects.create(name="Acme", currency="USD", time_zone="Europe/Berlin")


@pytest.fixture
def person(db):
    """Make a person by name, with roles that two others granted."""

    def make(name, *roles, **fields):
        user = User.objects.create(username=name.lower(), full_name=name, email=f"{name.lower()}@example.com", **fields)
        for role in roles:
            granter, _ = User.objects.get_or_create(username="granter", is_active=False)
            confirmer, _ = User.objects.get_or_create(username="confirmer", is_active=False)
            RoleGrant.objects.create(
                user=user, role=role, granted_by=granter, confirmed_by=confirmer, granted_at=AT, confirmed_at=AT
            )
        return user

    return make


@pytest.fixture
def fiona(person):
    """Finance: may import a portfolio."""
    return person("Fiona", "finance")


@pytest.fixture
def frank(person):
    """Finance too: may sign as the second."""
    return person("Frank", "finance")


@pytest.fixture
def olga(person):
    """Owns initiatives."""
    return person("Olga", "registrant")
