"""Join an initiative instead of registering another like it: somebody asks, an owner accepts or declines with a reason."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django_fsm import can_proceed

from projects.audit.services import record
from projects.common.outcomes import NotPermitted, Refused, WrongState
from projects.initiatives.choices import Condition
from projects.initiatives.models import Initiative, JoinRequest, JoinState
from projects.initiatives.services import invite_contributor
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import require


class JoinRefused(Refused):
    """The ask or the answer lacks its reason."""

    code = "join_refused"


@transaction.atomic
def ask_to_join(*, initiative_id: int, reason: str, by: User, at: datetime) -> JoinRequest:
    """Ask to contribute to an initiative. Raise NotPermitted, JoinRefused, or WrongState where it is closed or idle."""
    initiative = Initiative.objects.select_for_update().get(pk=initiative_id)
    require(by, Permission.REGISTER_INITIATIVE)
    if initiative.condition == Condition.CLOSED:
        raise WrongState(f"{initiative.key} is closed: nobody joins it. Say in your registration what it taught.")
    if initiative.roles_in_it(by):
        raise WrongState(f"You take part in {initiative.key} already.")
    if initiative.joins.filter(asked_by=by, state=JoinState.ASKED).exists():
        raise WrongState(f"You asked to join {initiative.key} already. {initiative.business_owner} answers.")
    if not reason.strip():
        raise JoinRefused(f"Say what you would bring to {initiative.key}.")
    join = JoinRequest.objects.create(initiative=initiative, asked_by=by, asked_at=at, reason=reason.strip())
    record(verb="join.asked", target=join, by=by, at=at, data={"reason": join.reason})
    return join


@transaction.atomic
def accept_join(*, join_id: int, by: User, at: datetime) -> JoinRequest:
    """Let who asked contribute from now on, which makes them interested. Raise NotPermitted or WrongState."""
    join = _answerable(join_id, by)
    if not join.asked_by.is_active:
        raise WrongState(f"{join.asked_by} has left. Decline, and say so.")
    join.accept(by_id=by.pk, at=at)
    join.save()
    record(verb="join.accepted", target=join, by=by, at=at)
    invite_contributor(initiative_id=join.initiative_id, user=join.asked_by, by=by, at=at)
    return join


@transaction.atomic
def decline_join(*, join_id: int, reason: str, by: User, at: datetime) -> JoinRequest:
    """Leave who asked outside, with the reason. Raise NotPermitted, WrongState or JoinRefused."""
    join = _answerable(join_id, by)
    if not reason.strip():
        raise JoinRefused(f"Say to {join.asked_by} why not.")
    join.decline(by_id=by.pk, at=at, reason=reason.strip())
    join.save()
    record(verb="join.declined", target=join, by=by, at=at, data={"reason": join.answer})
    return join


def waiting_joins(user: User) -> QuerySet[JoinRequest]:
    """Return what an owner of open initiatives is asked, the oldest first."""
    owns = Q()
    for part in ("business_owner", "technical_owner", "budget_owner"):
        owns |= Q(**{f"initiative__{part}": user})
    rows = JoinRequest.objects.filter(owns, state=JoinState.ASKED).exclude(initiative__condition=Condition.CLOSED)
    return rows.select_related("initiative", "asked_by").order_by("asked_at", "pk")


def _answerable(join_id: int, by: User) -> JoinRequest:
    initiative_id = JoinRequest.objects.values_list("initiative_id", flat=True).get(pk=join_id)
    initiative = Initiative.objects.select_for_update().get(pk=initiative_id)
    join = JoinRequest.objects.select_for_update(of=("self",)).select_related("asked_by").get(pk=join_id)
    require(by, Permission.EDIT_INITIATIVE, initiative=initiative)
    join.initiative = initiative
    if not can_proceed(join.accept):
        raise WrongState(f"The ask of {join.asked_by} is {join.get_state_display().lower()} already.")
    if initiative.condition == Condition.CLOSED:
        raise WrongState(f"{initiative.key} is closed: its people no longer change.")
    if join.asked_by_id == by.pk:
        raise NotPermitted("You asked this yourself: another owner answers.")
    return join
