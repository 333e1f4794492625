"""Give a seat, confirm it, end a term."""

from datetime import datetime

from django.db import transaction

from council.seats.models import Seat, SeatTerm
from projects.audit.services import record
from projects.common.outcomes import NotPermitted, WrongState
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.roles import Role
from projects.people.selectors import require, roles_of


class SeatTaken(WrongState):
    """The seat or the person is not free."""

    code = "seat_taken"


@transaction.atomic
def grant_seat(*, seat_id: int, user: User, by: User, at: datetime) -> SeatTerm:
    """Propose a person for a seat; it counts once a second person confirms. Raise SeatTaken or NotPermitted."""
    seat = Seat.objects.select_for_update().get(pk=seat_id)
    require(by, Permission.GRANT_ROLES)
    if user.pk == by.pk:
        raise NotPermitted("You may not give yourself a seat. Another administrator can.")
    if Role.AUDITOR in roles_of(user):
        raise NotPermitted(f"{user} is an auditor and may hold no other role.")
    if SeatTerm.objects.filter(until__isnull=True, seat=seat).exists():
        raise SeatTaken(f"{seat} is held already. End that term first.")
    if SeatTerm.objects.filter(until__isnull=True, user=user).exists():
        raise SeatTaken(f"{user} holds a seat already.")
    term = SeatTerm.objects.create(seat=seat, user=user, granted_by=by, since=at)
    record(verb="seat.granted", target=term, by=by, at=at)
    return term


@transaction.atomic
def confirm_seat(*, term_id: int, by: User, at: datetime) -> SeatTerm:
    """Confirm a proposed term as a second person, an administrator or the chair."""
    term = SeatTerm.objects.select_for_update().get(pk=term_id)
    require(by, Permission.CONFIRM_GRANTS)
    if by.pk in {term.granted_by_id, term.user_id}:
        raise NotPermitted("A grant is confirmed by somebody who neither gave nor receives it.")
    if term.confirmed_by_id or term.until:
        raise WrongState(f"{term} is confirmed or over already.")
    term.confirmed_by = by
    term.save()
    record(verb="seat.confirmed", target=term, by=by, at=at)
    return term


@transaction.atomic
def end_term(*, term_id: int, by: User, at: datetime) -> SeatTerm:
    """End a term at once; the next request of that person is refused."""
    term = SeatTerm.objects.select_for_update().get(pk=term_id)
    require(by, Permission.GRANT_ROLES)
    if term.until:
        raise WrongState(f"{term} has ended already.")
    term.until = at
    term.save()
    record(verb="seat.ended", target=term, by=by, at=at)
    return term
