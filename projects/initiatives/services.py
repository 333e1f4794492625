"""Register, edit, staff, move and close initiatives."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django_fsm import can_proceed

from projects.audit.services import record
from projects.common.keys import next_key
from projects.common.outcomes import Blocker, Conflicted, NotPermitted, Refused, WrongState
from projects.initiatives.choices import Condition, Stage
from projects.initiatives.models import Initiative, Participation, StageMove
from projects.initiatives.tiers import tier_blockers
from projects.people.models import Organisation, User
from projects.people.permissions import Permission
from projects.people.selectors import require

OWNER_PARTS = ("business_owner", "technical_owner", "budget_owner", "sponsor")
TIER_FIELDS = {"model_tier", "workload_class", "model_tier_reason"}
DECIDED_FIELDS = {"stage", "condition", "key", "revision", "closed_as", "closed_at", "opening", "currency"}


class RegistrationRefused(Refused):
    """The five fields do not hold together."""

    code = "registration_refused"


class TierUnexplained(Refused):
    """A dearer tier of model than the work needs, and no reason for it."""

    code = "tier_reason_missing"


class NoOwner(Refused):
    """An initiative never has no owner."""

    code = "no_owner"


@dataclass(frozen=True)
class Registration:
    """The five fields, and why this is not one of its look-alikes."""

    name: str
    value_proposition: str
    business_owner: User
    cost_centre: str
    expected_monthly_cost: Decimal
    look_alike_reason: str = ""


@transaction.atomic
def register_initiative(*, registration: Registration, by: User, at: datetime) -> Initiative:
    """Register a Concept under the next key. Raise NotPermitted or RegistrationRefused."""
    require(by, Permission.REGISTER_INITIATIVE)
    if blockers := _registration_blockers(registration):
        raise RegistrationRefused(blockers)
    organisation = Organisation.objects.get()
    initiative = Initiative.objects.create(
        key=next_key("AI"),
        name=registration.name.strip(),
        value_proposition=registration.value_proposition.strip(),
        business_owner=registration.business_owner,
        cost_centre=registration.cost_centre.strip(),
        expected_monthly_cost=registration.expected_monthly_cost,
        look_alike_reason=registration.look_alike_reason.strip(),
        currency=organisation.currency,
        time_zone=organisation.time_zone,
        stage_since=at,
        registered_by=by,
        registered_at=at,
    )
    note_participation(initiative, at=at)
    record(verb="initiative.registered", target=initiative, by=by, at=at)
    return initiative


def _registration_blockers(registration: Registration) -> list[Blocker]:
    blockers = []
    if not registration.name.strip():
        blockers.append(Blocker("name_missing", "Give the initiative a name."))
    if not registration.value_proposition.strip():
        blockers.append(Blocker("value_missing", "Say what the initiative is worth, to whom."))
    if not registration.cost_centre.strip():
        blockers.append(Blocker("cost_centre_missing", "Name the cost centre that pays."))
    cost = registration.expected_monthly_cost
    if not cost.is_finite() or cost < 0:
        blockers.append(Blocker("cost_wrong", f"The expected monthly cost must be zero or more, not {cost}."))
    return blockers


@transaction.atomic
def edit_initiative(
    *, initiative_id: int, changes: dict[str, Any], revision: int, by: User, at: datetime
) -> Initiative:
    """Change fields other than stage and condition. Raise Conflicted when the row moved on since ``revision``."""
    initiative = Initiative.objects.select_for_update().get(pk=initiative_id)
    require(by, Permission.EDIT_INITIATIVE, initiative=initiative)
    if initiative.condition == Condition.CLOSED:
        raise WrongState(f"{initiative.key} is closed and cannot be edited.")
    if initiative.revision != revision:
        raise Conflicted(f"{initiative.key} was changed by somebody else meanwhile. Compare and save again.")
    forbidden = {"stage", "condition", "key", "revision", "closed_as", "closed_at", "opening", "currency"} & set(
        changes
    )
    if forbidden:
        raise NotPermitted(f"{', '.join(sorted(forbidden))} moves only by a decision.")
    if "business_owner" in changes and changes["business_owner"] is None:
        raise NoOwner(f"{initiative.key} must have a business owner. Name the next one.")
    before = {name: str(getattr(initiative, name)) for name in changes}
    for name, value in changes.items():
        setattr(initiative, name, value)
    if TIER_FIELDS & set(changes):
        _require_tier_reason(initiative)
    initiative.revision += 1
    initiative.full_clean(exclude=["stage", "condition"])
    initiative.save()
    note_participation(initiative, at=at)
    after = {name: str(getattr(initiative, name)) for name in changes}
    record(verb="initiative.edited", target=initiative, by=by, at=at, data={"before": before, "after": after})
    return initiative


def _require_tier_reason(initiative: Initiative) -> None:
    """Raise TierUnexplained for a tier above the one that the class of work needs, without a reason."""
    tier, work, reason = initiative.model_tier, initiative.workload_class, initiative.model_tier_reason
    if blockers := tier_blockers(tier=tier, workload_class=work, reason=reason):
        raise TierUnexplained(blockers)


def note_participation(initiative: Initiative, *, at: datetime) -> None:
    """Bring the spells of owners and sponsor in line with the initiative's own fields."""
    live = {
        (row.part, row.user_id): row for row in initiative.participants.filter(until__isnull=True, part__in=OWNER_PARTS)
    }
    wanted = {(part, user.pk): user for part in OWNER_PARTS if (user := getattr(initiative, part)) is not None}
    for key, row in live.items():
        if key not in wanted:
            Participation.objects.filter(pk=row.pk).update(until=at)
    Participation.objects.bulk_create(
        Participation(initiative=initiative, user=user, part=part, manager=user.line_manager, since=at)
        for (part, _), user in wanted.items()
        if (part, user.pk) not in live
    )


@transaction.atomic
def invite_contributor(*, initiative_id: int, user: User, by: User, at: datetime) -> Participation:
    """Let a person draft for the owner."""
    initiative = Initiative.objects.select_for_update().get(pk=initiative_id)
    require(by, Permission.EDIT_INITIATIVE, initiative=initiative)
    if initiative.condition == Condition.CLOSED:
        raise WrongState(f"{initiative.key} is closed: nobody joins it any more.")
    spell, created = Participation.objects.get_or_create(
        initiative=initiative, user=user, part="contributor", until=None, defaults={"since": at}
    )
    if created:
        record(verb="initiative.joined", target=initiative, by=by, at=at, data={"user": str(user)})
    return spell


@transaction.atomic
def move_stage(
    *, initiative_id: int, to: str, decision_reference: str, template_version: int | None, by: User, at: datetime
) -> Initiative:
    """Move to another stage as the effect of a decision. Raise WrongState when the stages are not neighbours."""
    initiative = Initiative.objects.select_for_update().get(pk=initiative_id)
    if initiative.condition != Condition.ACTIVE:
        raise WrongState(f"{initiative.key} is {initiative.get_condition_display().lower()} and cannot change stage.")
    before = initiative.stage
    move = getattr(initiative, f"to_{to}", None)
    if move is None or not can_proceed(move):
        raise WrongState(f"{initiative.key} cannot go from {Stage(before).label} to {Stage(to).label}.")
    move(at=at)
    initiative.save()
    _note_move(initiative, "stage", before, to, decision_reference, template_version, by, at)
    record(
        verb="initiative.staged",
        target=initiative,
        by=by,
        at=at,
        data={"before": before, "decision": decision_reference},
    )
    return initiative


@transaction.atomic
def hold_initiative(*, initiative_id: int, decision_reference: str, by: User, at: datetime) -> Initiative:
    """Put it on hold as the effect of a decision."""
    return _change_condition(initiative_id, "hold", "initiative.held", decision_reference, by, at)


@transaction.atomic
def resume_initiative(*, initiative_id: int, decision_reference: str, by: User, at: datetime) -> Initiative:
    """Resume it as the effect of a decision."""
    return _change_condition(initiative_id, "resume", "initiative.resumed", decision_reference, by, at)


@transaction.atomic
def close_initiative(
    *, initiative_id: int, closed_as: str, decision_reference: str, by: User, at: datetime, reason: str = ""
) -> Initiative:
    """Close it as the effect of a decision; only an owner's own Concept is closed for a reason without one."""
    return _change_condition(
        initiative_id, "close", "initiative.closed", decision_reference, by, at, closed_as=closed_as, reason=reason
    )


def _change_condition(
    initiative_id: int,
    act: str,
    verb: str,
    decision_reference: str,
    by: User,
    at: datetime,
    closed_as: str = "",
    reason: str = "",
) -> Initiative:
    initiative = Initiative.objects.select_for_update().get(pk=initiative_id)
    before = initiative.condition
    if not can_proceed(getattr(initiative, act)):
        raise WrongState(f"{initiative.key} is {initiative.get_condition_display().lower()}: it cannot {act} now.")
    if act == "close":
        initiative.close(closed_as=closed_as, at=at)
    else:
        getattr(initiative, act)()
    initiative.save()
    _note_move(initiative, "condition", before, initiative.condition, decision_reference, None, by, at, reason)
    said = {"reason": reason, "closed_as": closed_as} if reason else {"decision": decision_reference}
    record(verb=verb, target=initiative, by=by, at=at, data=said)
    return initiative


def _note_move(
    initiative: Initiative,
    field: str,
    before: str,
    after: str,
    reference: str,
    template: int | None,
    by: User,
    at: datetime,
    reason: str = "",
) -> None:
    StageMove.objects.create(
        initiative=initiative,
        field=field,
        before=before,
        after=after,
        decision_reference=reference,
        template_version=template,
        moved_by=by,
        moved_at=at,
        reason=reason,
    )
