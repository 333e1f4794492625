from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from projects.people.models import RoleGrant, User
from projects.people.roles import Role
from projects.prices.services import EntryFields, Terms, keep_model, load_price_sheet
from projects.prices.shipped import FOLDER

AT = datetime(2026, 11, 19, 9, tzinfo=UTC)


def person(username: str, *roles: Role) -> User:
    user = User.objects.create(username=username, full_name=username.title())
    grantors = [User.objects.get_or_create(username=name, full_name=name)[0] for name in ("granting", "confirming")]
    for role in roles:
        RoleGrant.objects.create(
            user=user,
            role=role,
            granted_by=grantors[0],
            granted_at=AT,
            confirmed_by=grantors[1],
            confirmed_at=AT,
        )
    return user


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
    return [
        load_price_sheet(content=path.read_bytes(), by=None, at=AT) for path in sorted(FOLDER.glob("genai-prices-*"))
    ]


def terms(**changes: object) -> Terms:
    fields = {
        "provider": "openai",
        "model_pattern": "gpt-4o",
        "price_key": "input_mtok",
        "price": Decimal("2"),
        "currency": "USD",
        "valid_from": date(2026, 6, 1),
        "valid_to": None,
        "reason": "Framework agreement of June",
    }
    return Terms(**{**fields, **changes})


def catalogued(provider: str, model: str, tier: str = "mid", status: str = "approved", **fields: object):
    entry = EntryFields(provider, model, tier, status, date(2027, 3, 1), **fields)
    return keep_model(fields=entry, by=None, at=AT)
