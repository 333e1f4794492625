"""The acts of people on an escalation."""

from datetime import date, datetime

from django.db import transaction

from council.escalations.models import OPEN_STATES, Escalation, EscalationState
from projects.audit.services import record
from projects.common.outcomes import Refused, WrongState
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import require


class EscalationRefused(Refused):
    """The act lacks what it needs."""

    code = "escalation_refused"


class EscalationOver(WrongState):
    """The escalation is not in a state for this act."""

    code = "escalation_state"


@transaction.atomic
def acknowledge_escalation(*, escalation_id: int, by: User, at: datetime) -> Escalation:
    """Say that somebody has seen it. Raise EscalationOver or NotPermitted."""
    row = _locked(escalation_id)
    require(by, Permission.HANDLE_ESCALATION, initiative=row.initiative)
    if row.state != EscalationState.RAISED:
        raise EscalationOver(f"{row.key} is {row.get_state_display().lower()} already.")
    row.acknowledge(by_id=by.pk, at=at)
    row.save()
    record(verb="escalation.acknowledged", target=row, by=by, at=at)
    return row


@transaction.atomic
def file_plan(*, escalation_id: int, plan: str, by: User, at: datetime) -> Escalation:
    """File the owner's plan: what will be done, by whom, by when. Raise EscalationRefused, EscalationOver, NotPermitted."""
    row = _locked(escalation_id)
    require(by, Permission.FILE_PLAN, initiative=row.initiative)
    if not plan.strip():
        raise EscalationRefused("Say what will be done, by whom and by when.")
    if row.state in {EscalationState.RAISED, EscalationState.ACKNOWLEDGED}:
        row.file_plan(plan=plan.strip(), by_id=by.pk, at=at)
    elif row.state in {EscalationState.PLAN_FILED, EscalationState.ON_AGENDA}:
        row.plan, row.plan_by, row.plan_at = plan.strip(), by, at
    else:
        raise EscalationOver(f"{row.key} is {row.get_state_display().lower()}; a plan comes too late.")
    row.save()
    record(verb="escalation.plan_filed", target=row, by=by, at=at, data={"plan": plan.strip()})
    return row


@transaction.atomic
def snooze_escalation(
    *, escalation_id: int, until: date, reason: str, latest: date, by: User, at: datetime
) -> Escalation:
    """Keep it off agendas until a day not past ``latest``, the next meeting. Raise EscalationRefused or EscalationOver."""
    row = _locked(escalation_id)
    require(by, Permission.HANDLE_ESCALATION, initiative=row.initiative)
    if not reason.strip():
        raise EscalationRefused("Say why it can wait.")
    if not at.date() < until <= latest:
        raise EscalationRefused(f"It can wait until {latest.isoformat()} at the latest, when the council meets next.")
    if row.state not in OPEN_STATES[:3]:
        raise EscalationOver(f"{row.key} is {row.get_state_display().lower()} and cannot be snoozed.")
    row.snoozed_until, row.snooze_reason = until, reason.strip()[:300]
    row.save()
    record(verb="escalation.snoozed", target=row, by=by, at=at, data={"until": until.isoformat()})
    return row


def decide_escalation(*, escalation_id: int, reference: str, by: User, at: datetime) -> Escalation:
    """Mark as decided by a decision, which thereby accepts the figures as they stand. Part of the decision's transaction."""
    row = _locked(escalation_id)
    if row.state != EscalationState.ON_AGENDA:
        raise EscalationOver(
            f"{row.key} is {row.get_state_display().lower()}; only what stands on an agenda is decided."
        )
    row.decide(reference=reference, figures=row.figures)
    row.save()
    record(verb="escalation.decided", target=row, by=by, at=at, data={"decision": reference})
    return row


@transaction.atomic
def close_escalation(*, escalation_id: int, note: str, by: User, at: datetime) -> Escalation:
    """Close what was decided or whose cause has cleared. Raise EscalationOver while the cause stands undecided."""
    row = _locked(escalation_id)
    require(by, Permission.HANDLE_ESCALATION, initiative=row.initiative)
    if row.state in {EscalationState.CLOSED, EscalationState.ON_AGENDA}:
        raise EscalationOver(f"{row.key} is {row.get_state_display().lower()} and cannot be closed now.")
    if row.state != EscalationState.DECIDED and row.cleared_at is None and not row.is_soft:
        raise EscalationOver(f"The cause of {row.key} stands and no decision covers it. Put it on an agenda.")
    row.close(by_id=by.pk, at=at, note=note.strip())
    row.save()
    record(verb="escalation.closed", target=row, by=by, at=at, data={"note": note.strip()})
    return row


def _locked(escalation_id: int) -> Escalation:
    return Escalation.objects.select_for_update(of=("self",)).select_related("initiative").get(pk=escalation_id)
