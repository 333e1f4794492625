"""Reads of initiatives that span people."""

from collections.abc import Collection, Iterable

from django.db.models import Q, QuerySet

from projects.initiatives.models import Initiative
from projects.people.models import User

OWNERS = ("business_owner", "technical_owner", "budget_owner")


def owned_by(user: User) -> QuerySet[Initiative]:
    """Return the initiatives that a person answers for as business, technical or budget owner."""
    return Initiative.objects.filter(Q(business_owner=user) | Q(technical_owner=user) | Q(budget_owner=user))


def interested_keys(user: User, keys: Collection[str]) -> list[str]:
    """Return those of some initiatives in which a person has or had an interest, in one query."""
    live = Q(sponsor=user)
    for owner in OWNERS:
        live |= Q(**{owner: user}) | Q(**{f"{owner}__line_manager": user})
    taken_part = Q(participants__user=user) | Q(participants__part__in=OWNERS, participants__manager_id=user.pk)
    found = Initiative.objects.filter(live | taken_part, key__in=keys)
    return sorted(found.values_list("key", flat=True).distinct())


def initiatives_named(typed: Iterable[str]) -> dict[str, Initiative]:
    """Return the initiatives that people name, by their key: it may be typed in any case."""
    return {row.key: row for row in Initiative.objects.filter(key__in={key.upper() for key in typed})}
