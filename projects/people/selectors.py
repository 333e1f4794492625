"""Who holds which role, and the one question that every service asks."""

from collections.abc import Callable, Iterable
from typing import Protocol

from projects.common.memo import once
from projects.common.outcomes import NotPermitted
from projects.people.models import Organisation, RoleGrant, User
from projects.people.permissions import BARRED_BY_INTEREST, NEEDS_PRESENCE, READING, Permission
from projects.people.presence import is_present
from projects.people.roles import ROLES, Role

IMPORT_SERVICE = "import-service"
_sources: list[Callable[[User], Iterable[Role]]] = []


def add_role_source(source: Callable[[User], Iterable[Role]]) -> None:
    """Let a higher package say which roles a person holds by other means, such as a seat."""
    if source not in _sources:
        _sources.append(source)


def roles_of(user: User) -> frozenset[Role]:
    """Return a person's live roles, from confirmed grants and from seats; one query a source, once a page."""
    return once(("roles", user.pk), lambda: _roles_of(user))


def _roles_of(user: User) -> frozenset[Role]:
    grants = RoleGrant.objects.filter(user_id=user.pk, revoked_at__isnull=True, confirmed_at__isnull=False)
    roles = {Role(name) for name in grants.values_list("role", flat=True)}
    for source in _sources:
        roles.update(source(user))
    if user.is_service and user.username == IMPORT_SERVICE:
        roles.add(Role.IMPORTER)
    return frozenset(roles)


def own_currency() -> str:
    """Return the organisation's currency, in which policy amounts are and foreign figures may be shown."""
    return Organisation.objects.values_list("currency", flat=True).first() or "USD"


class HasPeople(Protocol):
    """What a permission needs of an initiative: the roles a person holds in it, and whether they are interested."""

    key: str

    def roles_in_it(self, user: User) -> frozenset[Role]:
        """Return owner or contributor, where the person is one."""
        ...

    def is_interested(self, user: User) -> bool:
        """Say whether the person was owner, sponsor, contributor or an owner's line manager."""
        ...


def may(user: User, permission: Permission, *, initiative: HasPeople | None = None) -> bool:
    """Say whether a person holds a permission, generally or in an initiative; interest, auditing and absence bar."""
    if not user.is_active or user.is_anonymous:
        return False
    if permission in NEEDS_PRESENCE and not is_present():
        return False
    roles = roles_of(user)
    if Role.AUDITOR in roles and permission not in READING:
        return False
    if initiative is not None:
        roles = roles | initiative.roles_in_it(user)
    if not any(permission in ROLES[role].may for role in roles):
        return False
    return not (initiative is not None and permission in BARRED_BY_INTEREST and initiative.is_interested(user))


def require(user: User, permission: Permission, *, initiative: HasPeople | None = None) -> None:
    """Raise NotPermitted, naming who can, unless the person holds the permission."""
    if may(user, permission, initiative=initiative):
        return
    if permission in NEEDS_PRESENCE and not is_present():
        raise NotPermitted(
            f"You may not {permission} by an API token: it needs you in person. Sign in and do it there."
        )
    holders = ", ".join(definition.name for definition in ROLES.values() if permission in definition.may)
    if initiative is not None and permission in BARRED_BY_INTEREST and initiative.is_interested(user):
        raise NotPermitted(
            f"You may not {permission}: you have an interest in {initiative.key}. Someone else who may: {holders}."
        )
    where = f" in {initiative.key}" if initiative is not None else ""
    raise NotPermitted(f"You may not {permission}{where}. Who can: {holders}.")
