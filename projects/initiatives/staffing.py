"""Who answers for an initiative: the next owner, contributors, and the alarm when somebody left."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from projects.audit.services import record
from projects.common.outcomes import NotPermitted, Refused, WrongState
from projects.initiatives.choices import Condition
from projects.initiatives.models import Initiative, Participation
from projects.initiatives.services import NoOwner, note_participation
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import may, require

PARTS = {
    "business_owner": "business owner",
    "technical_owner": "technical owner",
    "budget_owner": "budget owner",
    "sponsor": "sponsor",
}
INACTIVE = Q()
for _part in PARTS:
    INACTIVE |= Q(**{f"{_part}__is_active": False})


class StaffingRefused(Refused):
    """The person cannot take the part, or no reason is given."""

    code = "staffing_refused"


@dataclass(frozen=True)
class Absence:
    """Somebody who left while they still answer for an initiative."""

    initiative: Initiative
    part: str
    user: User

    @property
    def words(self) -> str:
        """Say which part has nobody: Ann Lee has left and is still business owner."""
        return f"{self.user} has left and is still {PARTS[self.part]}"


def absences(initiatives: Iterable[Initiative]) -> list[Absence]:
    """Return the parts of initiatives that people hold whose account is disabled; owners and sponsor at hand."""
    return [
        Absence(initiative, part, holder)
        for initiative in initiatives
        for part in PARTS
        if (holder := getattr(initiative, part)) is not None and not holder.is_active
    ]


def absences_for(user: User, *, sees_all: bool) -> list[Absence]:
    """Return who left the initiatives of an owner or sponsor, or for the secretary of all; one query."""
    mine = Q()
    for part in PARTS:
        mine |= Q(**{part: user})
    rows = Initiative.objects.exclude(condition=Condition.CLOSED).filter(INACTIVE)
    rows = rows if sees_all else rows.filter(mine)
    return absences(rows.select_related(*PARTS).order_by("key"))


def may_replace(by: User, initiative: Initiative, part: str) -> bool:
    """Say whether a person may name who takes a part: an owner; once the holder left, the sponsor and the secretary."""
    if may(by, Permission.EDIT_INITIATIVE, initiative=initiative):
        return True
    holder = getattr(initiative, part)
    if holder is not None and holder.is_active:
        return False
    return by.is_active and (by.pk == initiative.sponsor_id or may(by, Permission.NAME_OWNER))


@transaction.atomic
def replace_owner(*, initiative_id: int, part: str, user: User, reason: str, by: User, at: datetime) -> Initiative:
    """Give a part to the next person, with the reason; an initiative is never without a business owner.

    Raise NotPermitted, WrongState (closed), NoOwner for somebody who left, or StaffingRefused.
    """
    initiative = Initiative.objects.select_for_update(of=("self",)).select_related(*PARTS).get(pk=initiative_id)
    if part not in PARTS:
        raise StaffingRefused(f"{initiative.key} has no part {part}.")
    if not may_replace(by, initiative, part):
        raise NotPermitted(
            f"You may not name the {PARTS[part]} of {initiative.key}. Who can: its owners; "
            "once the holder has left, the sponsor and the secretary too."
        )
    if initiative.condition == Condition.CLOSED:
        raise WrongState(f"{initiative.key} is closed: its people no longer change.")
    if not user.is_active or user.is_service:
        raise NoOwner(f"{user} has left or is a service account. Name somebody who can answer for {initiative.key}.")
    if not reason.strip():
        raise StaffingRefused(f"Say why the {PARTS[part]} of {initiative.key} changes.")
    before = getattr(initiative, part)
    if before == user:
        raise StaffingRefused(f"{user} is the {PARTS[part]} of {initiative.key} already.")
    setattr(initiative, part, user)
    initiative.revision += 1
    initiative.save()
    note_participation(initiative, at=at)
    data = {"part": part, "before": str(before or ""), "after": str(user), "reason": reason.strip()}
    record(verb="initiative.owner_changed", target=initiative, by=by, at=at, data=data)
    return initiative


@transaction.atomic
def end_contribution(*, initiative_id: int, user: User, by: User, at: datetime) -> Participation:
    """End a person's contribution; that they took part stays known. Raise NotPermitted or WrongState."""
    initiative = Initiative.objects.select_for_update().get(pk=initiative_id)
    require(by, Permission.EDIT_INITIATIVE, initiative=initiative)
    spell = initiative.participants.filter(user=user, part="contributor", until__isnull=True).first()
    if spell is None:
        raise WrongState(f"{user} does not contribute to {initiative.key} today.")
    spell.until = at
    spell.save()
    record(verb="initiative.left", target=initiative, by=by, at=at, data={"user": str(user)})
    return spell
