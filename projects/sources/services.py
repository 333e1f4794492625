"""Know sources, close and reopen billing months."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection, transaction

from projects.audit.services import record
from projects.common.outcomes import Refused, WrongState
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import require
from projects.sources.models import ClosedPeriod, Source, SourceRole, SourceScope

LOCK_PATIENCE = "15min"
WORK_MEMORY = "128MB"  # so that a month of a million rows is rolled up without going to disk


class BadSourceName(Refused):
    """A source without a name that can be read and spoken."""

    code = "bad_source_name"


@dataclass(frozen=True)
class NewSource:
    """What a source is when it delivers for the first time."""

    name: str
    role: str


def lock_source(new: NewSource, *, by: User, at: datetime) -> Source:
    """Hold a source until the transaction ends, made on its first delivery; other imports of it wait.

    Raise BadSourceName.
    """
    name = new.name.strip()
    if not name or len(name) > 100 or not name.isprintable():
        raise BadSourceName("Name the source in 1 to 100 printable characters, such as aws-focus.")
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_PATIENCE}'")
        cursor.execute(f"SET LOCAL work_mem = '{WORK_MEMORY}'")
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"source {name}"])
    source = Source.objects.filter(name=name).first()
    if source is not None:
        return source
    source = Source.objects.create(
        name=name, role=new.role, scope=proposed_scope(new.role), created_by=by, created_at=at
    )
    record(verb="source.added", target=source, by=by, at=at)
    return source


def hold_sources(names: Iterable[str]) -> None:
    """Hold sources until the transaction ends, one after the other; imports of them wait."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_PATIENCE}'")
        for name in names:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"source {name}"])


def proposed_scope(role: str) -> str:
    """Return what a newer delivery of a source replaces: of a bill an account's period, of a log the period."""
    return SourceScope.PERIOD if role == SourceRole.DETAIL else SourceScope.ACCOUNT_PERIOD


@transaction.atomic
def change_role(*, source_id: int, role: str, by: User, at: datetime) -> Source:
    """Say that a source is a bill or a log of one. Its scope stays, because it names what earlier parts were."""
    source = Source.objects.select_for_update().get(pk=source_id)
    require(by, Permission.IMPORT_COSTS)
    before, source.role = source.role, SourceRole(role)
    source.save(update_fields=["role"])
    record(verb="source.changed", target=source, by=by, at=at, data={"before": before, "after": role})
    return source


@transaction.atomic
def close_period(*, month: date, by: User, at: datetime) -> ClosedPeriod:
    """Close a billing month that is over: deliveries no longer change it. Raise WrongState also when it is closed already."""
    require(by, Permission.CLOSE_PERIOD)
    month = month.replace(day=1)
    if (at.year, at.month) <= (month.year, month.month):
        raise WrongState(f"{month:%B %Y} is not over and its bills still come. Close it when the month has ended.")
    if ClosedPeriod.objects.filter(month=month, reopened_at__isnull=True).exists():
        raise WrongState(f"{month:%B %Y} is closed already.")
    closed = ClosedPeriod.objects.create(month=month, closed_by=by, closed_at=at)
    record(verb="period.closed", target=closed, by=by, at=at)
    return closed


@transaction.atomic
def ask_reopening(*, month: date, reason: str, by: User, at: datetime) -> ClosedPeriod:
    """Ask for a closed month to be opened again; it stays closed until a second person agrees.

    Raise NotPermitted, WrongState or Refused.
    """
    closed = _closed(month)
    require(by, Permission.CLOSE_PERIOD)
    if not reason.strip():
        raise Refused("Say why the month must be opened again.")
    if closed.reopen_asked_at is not None:
        raise WrongState(
            f"{closed.reopen_asked_by} asked already for {closed} to be opened. Somebody else confirms it."
        )
    closed.reopen_asked_by, closed.reopen_asked_at, closed.reason = by, at, reason.strip()
    closed.save()
    record(verb="period.reopening_asked", target=closed, by=by, at=at, data={"reason": closed.reason})
    return closed


@transaction.atomic
def confirm_reopening(*, month: date, by: User, at: datetime) -> ClosedPeriod:
    """Open a closed month again that somebody else asked for. Raise NotPermitted, WrongState or Refused."""
    closed = _closed(month)
    require(by, Permission.CLOSE_PERIOD)
    if closed.reopen_asked_at is None:
        raise WrongState(f"Nobody has asked for {closed} to be opened again.")
    if closed.reopen_asked_by_id == by.pk:
        raise Refused(f"You asked for {closed} to be opened, so a second person of finance confirms it.")
    closed.reopened_by_id, closed.reopen_confirmed_by, closed.reopened_at = closed.reopen_asked_by_id, by, at
    closed.save()
    record(verb="period.reopened", target=closed, by=by, at=at, data={"reason": closed.reason})
    return closed


def _closed(month: date) -> ClosedPeriod:
    closed = ClosedPeriod.objects.select_for_update(of=("self",)).filter(month=month, reopened_at__isnull=True)
    found = closed.select_related("reopen_asked_by").first()
    if found is None:
        raise WrongState(f"{month:%B %Y} is not closed.")
    return found
