"""People of the cast, with roles that two others granted them."""

from datetime import UTC, datetime

from projects.people.models import RoleGrant, User
from projects.people.roles import Role

GRANTED_AT = datetime(2026, 1, 5, 9, tzinfo=UTC)


def person(username: str, *roles: Role) -> User:
    """Return a new person who holds these roles."""
    user = User.objects.create(username=username, full_name=username.title())
    granting, confirming = (
        User.objects.get_or_create(username=name, defaults={"full_name": name.title()})[0]
        for name in ("granting", "confirming")
    )
    for role in roles:
        RoleGrant.objects.create(
            user=user,
            role=role,
            granted_by=granting,
            granted_at=GRANTED_AT,
            confirmed_by=confirming,
            confirmed_at=GRANTED_AT,
        )
    return user
