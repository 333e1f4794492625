"""What a token may be made for, and when it still opens anything."""

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum

from projects.common.outcomes import Blocker

LONGEST_DAYS = 366
SEEN_EVERY = timedelta(minutes=1)


class Scope(StrEnum):
    """What a token may be used for."""

    READ = "read"
    READINGS = "readings"


SCOPE_WORDS = {
    Scope.READ: "Read what you may read",
    Scope.READINGS: "Enter readings of quality metrics and KPIs",
}


def token_blockers(name: str, scopes: Collection[str], days: int) -> list[Blocker]:
    """Say why a token cannot be made: no name, no or unknown uses, or no day on which it ends."""
    unknown = sorted(set(scopes) - set(Scope))
    return (
        ([] if name.strip() else [Blocker("token_name", "Name the program that will use the token.")])
        + ([] if scopes else [Blocker("token_scopes", "Choose at least one thing that the token may be used for.")])
        + ([Blocker("token_scopes", f"There is no use called {', '.join(unknown)}.")] if unknown else [])
        + (
            []
            if 1 <= days <= LONGEST_DAYS
            else [Blocker("token_days", f"A token lasts between 1 and {LONGEST_DAYS} days, not {days}.")]
        )
    )


def why_shut(*, revoked_at: datetime | None, expires_at: datetime, at: datetime) -> str:
    """Say why a token opens nothing any more, empty while it does; it ends at its last instant."""
    if revoked_at is not None:
        return "This token was revoked."
    return "This token has ended." if at >= expires_at else ""


def is_seen_anew(last_used_at: datetime | None, at: datetime) -> bool:
    """Say whether a use is written down: once a minute is enough to tell a used token from a forgotten one."""
    return last_used_at is None or at - last_used_at >= SEEN_EVERY
