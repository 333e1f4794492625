"""Mark unclaimed charges for switch-off with an owner and a day, and say how that ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from projects.audit.services import record
from projects.common.outcomes import Blocker, Refused, WrongState
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import may, require
from projects.sources.models import Source
from projects.spend.models import SwitchOff


class SwitchOffRefused(Refused):
    """A switch-off that nobody could see to."""

    code = "switch_off_refused"


@dataclass(frozen=True)
class ToSwitchOff:
    """Which charges, who sees to it, until when, and why."""

    source: Source
    owner: User
    due_on: date
    reason: str
    billing_account: str = ""
    sub_account: str = ""
    service: str = ""


@transaction.atomic
def mark_all_for_switch_off(*, asked: Sequence[ToSwitchOff], by: User, at: datetime) -> list[SwitchOff]:
    """Let somebody see to it that several charges end: all of them or none. Raise as for one."""
    return [mark_for_switch_off(asked=one, by=by, at=at) for one in asked]


@transaction.atomic
def mark_for_switch_off(*, asked: ToSwitchOff, by: User, at: datetime) -> SwitchOff:
    """Let somebody see to it that charges end. Raise NotPermitted, WrongState when marked already, SwitchOffRefused."""
    require(by, Permission.KEEP_ATTRIBUTION)
    blockers = []
    if asked.due_on < at.date():
        blockers.append(Blocker("due_passed", "The day has passed. Give one that is still to come."))
    if not asked.reason.strip():
        blockers.append(Blocker("reason_missing", "Say why it is switched off."))
    if not may(asked.owner, Permission.READ):
        blockers.append(Blocker("owner", f"{asked.owner} cannot see spend. Choose a person who holds a role."))
    if blockers:
        raise SwitchOffRefused(blockers)
    place = {name: getattr(asked, name) for name in ("source", "billing_account", "sub_account", "service")}
    Source.objects.select_for_update().get(pk=asked.source.pk)
    standing = SwitchOff.objects.filter(**place, ended_at__isnull=True).select_related("owner").first()
    if standing is not None:
        raise WrongState(f"{standing}: {standing.owner} sees to it already, until {standing.due_on}.")
    marked = SwitchOff.objects.create(
        **place, owner=asked.owner, due_on=asked.due_on, reason=asked.reason.strip(), marked_by=by, marked_at=at
    )
    record(verb="switch_off.marked", target=marked, by=by, at=at)
    return marked


@transaction.atomic
def end_switch_off(*, switch_off_id: int, outcome: str, by: User, at: datetime) -> SwitchOff:
    """Say that it is switched off, or kept on after all: by its owner, or by who keeps attribution.

    Raise NotPermitted or WrongState.
    """
    marked = SwitchOff.objects.select_for_update().get(pk=switch_off_id)
    if by.pk != marked.owner_id:
        require(by, Permission.KEEP_ATTRIBUTION)
    if marked.ended_at is not None:
        raise WrongState(f"{marked} is over already: {marked.get_outcome_display().lower()}.")
    if outcome not in {"done", "dropped"}:
        raise WrongState("Say whether it is switched off, or kept on.")
    marked.outcome, marked.ended_by, marked.ended_at = outcome, by, at
    marked.save(update_fields=["outcome", "ended_by", "ended_at"])
    record(verb="switch_off.ended", target=marked, by=by, at=at)
    return marked
