"""Declare a standing conflict, and end it."""

from datetime import datetime

from django.db import transaction

from projects.audit.services import record
from projects.common.outcomes import NotPermitted, Refused, WrongState
from projects.conflicts.models import StandingConflict
from projects.initiatives.models import Initiative
from projects.people.models import Team, User
from projects.people.permissions import Permission
from projects.people.selectors import may, require


class ConflictRefused(Refused):
    """A declaration without subject or reason."""

    code = "conflict_refused"


@transaction.atomic
def declare_conflict(
    *,
    user: User,
    initiative: Initiative | None = None,
    team: Team | None = None,
    provider: str = "",
    reason: str,
    by: User,
    at: datetime,
) -> StandingConflict:
    """Write down a person's standing interest; themselves, or the secretary for them. Raise ConflictRefused."""
    if by.pk == user.pk:
        require(by, Permission.DECLARE_CONFLICT)
    elif not may(by, Permission.TAKE_ATTENDANCE):
        raise NotPermitted(f"{user} declares their own interests; the secretary may write one down for them.")
    subjects = [thing for thing in (initiative, team, provider.strip()) if thing]
    if len(subjects) != 1 or not reason.strip():
        raise ConflictRefused("Name one initiative, team or provider, and the reason.")
    conflict = StandingConflict.objects.create(
        user=user,
        initiative=initiative,
        team=team,
        provider=provider.strip(),
        reason=reason.strip(),
        declared_by=by,
        declared_at=at,
    )
    record(verb="conflict.declared", target=conflict, by=by, at=at)
    return conflict


@transaction.atomic
def end_conflict(*, conflict_id: int, reason: str, by: User, at: datetime) -> StandingConflict:
    """End a declaration from now on; what was decided under it stays as it was. Only its own person may."""
    conflict = StandingConflict.objects.select_for_update(of=("self",)).select_related("user").get(pk=conflict_id)
    if by.pk != conflict.user_id:
        raise NotPermitted(f"{conflict.user} ends their own declarations.")
    if conflict.ended_at is not None:
        raise WrongState("This declaration was ended before.")
    if not reason.strip():
        raise ConflictRefused("Say why the interest is over.")
    conflict.ended_by, conflict.ended_at, conflict.end_reason = by, at, reason.strip()
    conflict.save()
    record(verb="conflict.ended", target=conflict, by=by, at=at)
    return conflict
