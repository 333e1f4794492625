"""The one clock: the database's, or ``TOLLGATE_NOW`` where it is set. Read once per request, task or command."""

from datetime import UTC, datetime

from django.conf import settings
from django.db import connection


def now() -> datetime:
    """Return the present instant in UTC. Raise ValueError if ``TOLLGATE_NOW`` is not an ISO 8601 instant."""
    if settings.TOLLGATE_NOW:
        fixed = datetime.fromisoformat(settings.TOLLGATE_NOW.replace("Z", "+00:00"))
        return fixed.replace(tzinfo=UTC) if fixed.tzinfo is None else fixed.astimezone(UTC)
    return machine_now()


def machine_now() -> datetime:
    """Return the database's own instant in UTC, for leases and heartbeats, which no set clock may stop."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        instant: datetime = cursor.fetchone()[0]
    return instant.astimezone(UTC)
