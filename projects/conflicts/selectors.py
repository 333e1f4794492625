"""Whom a standing declaration keeps out of which initiative."""

from datetime import datetime

from projects.conflicts.models import StandingConflict
from projects.initiatives.models import Initiative
from projects.people.models import User


def conflicted_user_ids(initiative: Initiative, *, at: datetime) -> set[int]:
    """Return everybody whose live declaration touches the initiative, its team, its unit or its providers."""
    rows = StandingConflict.objects.live(at=at).touching(initiative)
    return set(rows.values_list("user_id", flat=True))


def standing_conflict(user: User, initiative: Initiative, *, at: datetime) -> StandingConflict | None:
    """Return a person's live declaration that touches an initiative, or None."""
    return StandingConflict.objects.live(at=at).touching(initiative).filter(user=user).first()
