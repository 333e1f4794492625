"""Who sits on the council."""

from collections.abc import Iterable

from django.db.models import QuerySet

from council.seats.choices import Persona
from council.seats.models import SeatTerm
from projects.people.models import User
from projects.people.roles import Role

ROLE_OF_PERSONA = {Persona.FINOPS: Role.FINOPS_LEAD, Persona.RISK: Role.RISK}


def live_terms() -> "QuerySet[SeatTerm]":
    """Return the confirmed terms that run today, in the order of the seats."""
    terms = SeatTerm.objects.filter(until__isnull=True, confirmed_by__isnull=False, user__is_active=True)
    return terms.select_related("seat", "user").order_by("seat__order", "seat__name")


def seat_roles(user: User) -> Iterable[Role]:
    """Return the roles that a person's seat gives."""
    term = live_terms().filter(user=user).first()
    if term is None:
        return []
    votes = term.seat.is_voting or term.seat.deputy_of_id is not None
    roles = [Role.MEMBER if votes else Role.ADVISER]
    if term.seat.persona in ROLE_OF_PERSONA:
        roles.append(ROLE_OF_PERSONA[Persona(term.seat.persona)])
    if term.seat.is_chair:
        roles.append(Role.CHAIR)
    if term.seat.is_deputy_chair:
        roles.append(Role.DEPUTY_CHAIR)
    return roles
