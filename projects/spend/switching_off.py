"""Mark unclaimed charges for switch-off with an owner and a day, and say how that ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from projects.audit.services import record, record_many
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
def mark_for_switch_off(*, asked: ToSwitchOff, by: User, at: datetime) -> SwitchOff:
    """Let somebody see to it that charges end. Raise NotPermitted, WrongState when marked already, SwitchOffRefused."""
    return mark_all_for_switch_off(asked=[asked], by=by, at=at)[0]


@transaction.atomic
def mark_all_for_switch_off(*, asked: Sequence[ToSwitchOff], by: User, at: datetime) -> list[SwitchOff]:
    """Let somebody see to it that several charges end: all of them or none, set-based. Raise as for one."""
    require(by, Permission.KEEP_ATTRIBUTION)
    seeing = {owner for owner in {one.owner for one in asked} if may(owner, Permission.READ)}
    for one in asked:
        if blockers := _blockers(one, on=at.date(), can_see=one.owner in seeing):
            raise SwitchOffRefused(blockers)
    Source.objects.select_for_update().order_by("pk").in_bulk({one.source.pk for one in asked})
    marked = [
        SwitchOff(
            source=one.source,
            billing_account=one.billing_account,
            sub_account=one.sub_account,
            service=one.service,
            owner=one.owner,
            due_on=one.due_on,
            reason=one.reason.strip(),
            marked_by=by,
            marked_at=at,
        )
        for one in asked
    ]
    _require_unmarked(marked)
    SwitchOff.objects.bulk_create(marked)
    record_many(verb="switch_off.marked", targets=[(row, {}) for row in marked], by=by, at=at)
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


def _blockers(asked: ToSwitchOff, *, on: date, can_see: bool) -> list[Blocker]:
    """Say why nobody could see to a switch-off."""
    blockers = []
    if asked.due_on < on:
        blockers.append(Blocker("due_passed", "The day has passed. Give one that is still to come."))
    if not asked.reason.strip():
        blockers.append(Blocker("reason_missing", "Say why it is switched off."))
    if not can_see:
        blockers.append(Blocker("owner", f"{asked.owner} cannot see spend. Choose a person who holds a role."))
    return blockers


def _require_unmarked(marking: Sequence[SwitchOff]) -> None:
    """Raise WrongState for the first that is marked already, be it by one before it. Their sources are locked."""
    near = SwitchOff.objects.filter(
        ended_at__isnull=True,
        source_id__in={row.source_id for row in marking},
        billing_account__in={row.billing_account for row in marking},
        sub_account__in={row.sub_account for row in marking},
        service__in={row.service for row in marking},
    )
    standing = {row.place: row for row in near.select_related("owner", "source")}
    for row in marking:
        before = standing.setdefault(row.place, row)
        if before is not row:
            raise WrongState(f"{before}: {before.owner} sees to it already, until {before.due_on}.")
