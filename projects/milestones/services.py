"""Plan, baseline, deliver, accept, send back and cancel milestones."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Max

from projects.audit.services import record
from projects.common.outcomes import Refused, WrongState
from projects.initiatives.choices import Condition
from projects.initiatives.models import Initiative
from projects.milestones.models import Milestone, MilestoneBaseline, MilestoneState
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import require
from projects.signals import milestone_accepted, milestone_baselined


class MilestoneRefused(Refused):
    """A milestone that says too little, or an act on it without what the act needs."""

    code = "milestone_refused"


@transaction.atomic
def plan_milestone(
    *,
    initiative_id: int,
    name: str,
    acceptance_test: str,
    measure: str = "",
    forecast_due_on: date | None,
    by: User,
    at: datetime,
) -> Milestone:
    """Add a milestone at the end of the plan, without a baseline. Raise NotPermitted or MilestoneRefused."""
    initiative = Initiative.objects.select_for_update().get(pk=initiative_id)
    require(by, Permission.EDIT_INITIATIVE, initiative=initiative)
    if initiative.condition == Condition.CLOSED:
        raise WrongState(f"{initiative.key} is closed: nothing more is planned.")
    milestone = _add(initiative, name, acceptance_test, measure, forecast_due_on)
    record(verb="milestone.planned", target=milestone, by=by, at=at)
    return milestone


@transaction.atomic
def plan_decided_milestone(
    *,
    initiative_id: int,
    name: str,
    acceptance_test: str,
    measure: str = "",
    due_on: date,
    decision_reference: str,
    by: User,
    at: datetime,
) -> Milestone:
    """Add the milestone that a decision funds, baselined at once; an open one of the same name is baselined instead."""
    initiative = Initiative.objects.select_for_update().get(pk=initiative_id)
    milestone = initiative.milestones.open().filter(name__iexact=name.strip()).order_by("sequence").first()
    if milestone is None:
        milestone = _add(initiative, name, acceptance_test, measure, due_on)
        record(verb="milestone.planned", target=milestone, by=by, at=at, data={"decision": decision_reference})
    return baseline_milestone(
        milestone_id=milestone.pk, due_on=due_on, decision_reference=decision_reference, by=by, at=at
    )


def _add(initiative: Initiative, name: str, test: str, measure: str, forecast: date | None) -> Milestone:
    if not name.strip() or not test.strip():
        raise MilestoneRefused("A milestone needs a name and a test that shows whether it is met.")
    last = initiative.milestones.aggregate(last=Max("sequence"))["last"] or 0
    return Milestone.objects.create(
        initiative=initiative,
        sequence=last + 1,
        name=name.strip(),
        acceptance_test=test.strip(),
        measure=measure.strip(),
        forecast_due_on=forecast,
    )


@transaction.atomic
def baseline_milestone(
    *, milestone_id: int, due_on: date, decision_reference: str, by: User, at: datetime
) -> Milestone:
    """Set the due date by decision, keeping the one before. Raise WrongState for one that is accepted or cancelled."""
    milestone = _locked(milestone_id)
    if not decision_reference:
        raise MilestoneRefused("Only a decision moves a baseline: name it.")
    if not milestone.is_open:
        raise WrongState(f"{milestone.name} is {milestone.get_state_display().lower()}; its date no longer moves.")
    before = milestone.baselined_due_on
    MilestoneBaseline.objects.create(
        milestone=milestone, due_on=due_on, previous_due_on=before, decision_reference=decision_reference, at=at
    )
    milestone.baselined_due_on, milestone.decision_reference = due_on, decision_reference
    milestone.forecast_due_on = due_on
    milestone.save()
    data = {"before": before, "after": due_on, "decision": decision_reference}
    record(verb="milestone.baselined", target=milestone, by=by, at=at, data=data)
    milestone_baselined.send(sender=Milestone, milestone=milestone, by=by, at=at)
    return milestone


@transaction.atomic
def forecast_milestone(*, milestone_id: int, due_on: date, by: User, at: datetime) -> Milestone:
    """Move the owner's own expectation; the baseline stays."""
    milestone = _locked(milestone_id)
    require(by, Permission.RECORD_READING, initiative=milestone.initiative)
    _must_live(milestone)
    if not milestone.is_open:
        raise WrongState(f"{milestone.name} is {milestone.get_state_display().lower()}; there is nothing to forecast.")
    before, milestone.forecast_due_on = milestone.forecast_due_on, due_on
    milestone.save()
    record(verb="milestone.forecast", target=milestone, by=by, at=at, data={"before": before, "after": due_on})
    return milestone


@transaction.atomic
def deliver_milestone(*, milestone_id: int, evidence: str, by: User, at: datetime) -> Milestone:
    """Say that a milestone is there, today in the initiative's time zone, and what shows it; nothing is backdated."""
    milestone = _locked(milestone_id)
    require(by, Permission.EDIT_INITIATIVE, initiative=milestone.initiative)
    _must_live(milestone)
    _must_be(milestone, MilestoneState.PLANNED, "delivered")
    if not evidence.strip():
        raise MilestoneRefused(f"Say what shows that {milestone.name} is met.")
    today = at.astimezone(ZoneInfo(milestone.initiative.time_zone)).date()
    milestone.deliver(on=today, by_id=by.pk, evidence=evidence.strip())
    milestone.save()
    record(verb="milestone.delivered", target=milestone, by=by, at=at)
    return milestone


@transaction.atomic
def accept_milestone(*, milestone_id: int, by: User, at: datetime) -> Milestone:
    """Find a delivered milestone met. Raise NotPermitted for anybody with an interest in the initiative."""
    milestone = _locked(milestone_id)
    require(by, Permission.ACCEPT_MILESTONE, initiative=milestone.initiative)
    _must_live(milestone)
    _must_be(milestone, MilestoneState.DELIVERED, "accepted")
    milestone.accept(by_id=by.pk, at=at)
    milestone.save()
    record(verb="milestone.accepted", target=milestone, by=by, at=at)
    milestone_accepted.send(sender=Milestone, milestone=milestone, by=by, at=at)
    return milestone


@transaction.atomic
def send_back_milestone(*, milestone_id: int, reason: str, by: User, at: datetime) -> Milestone:
    """Ask for rework, with the reason; the milestone is planned again."""
    milestone = _locked(milestone_id)
    require(by, Permission.ACCEPT_MILESTONE, initiative=milestone.initiative)
    _must_live(milestone)
    _must_be(milestone, MilestoneState.DELIVERED, "sent back")
    if not reason.strip():
        raise MilestoneRefused(f"Say what {milestone.name} still lacks.")
    milestone.send_back(reason=reason.strip())
    milestone.save()
    record(verb="milestone.sent_back", target=milestone, by=by, at=at, data={"reason": reason.strip()})
    return milestone


@transaction.atomic
def cancel_milestone(*, milestone_id: int, decision_reference: str, by: User, at: datetime) -> Milestone:
    """Take a milestone out of the plan as the effect of a decision."""
    milestone = _locked(milestone_id)
    if not decision_reference:
        raise MilestoneRefused("Only a decision cancels a milestone: name it.")
    if not milestone.is_open:
        raise WrongState(f"{milestone.name} is {milestone.get_state_display().lower()} and cannot be cancelled.")
    milestone.cancel(at=at)
    milestone.save()
    record(verb="milestone.cancelled", target=milestone, by=by, at=at, data={"decision": decision_reference})
    return milestone


def _locked(milestone_id: int) -> Milestone:
    return Milestone.objects.select_for_update(of=("self",)).select_related("initiative").get(pk=milestone_id)


def _must_live(milestone: Milestone) -> None:
    if milestone.initiative.condition == Condition.CLOSED:
        raise WrongState(f"{milestone.initiative.key} is closed: its milestones stand as they were.")


def _must_be(milestone: Milestone, state: str, participle: str) -> None:
    if milestone.state != state:
        now = milestone.get_state_display().lower()
        raise WrongState(f"{milestone.name} is {now}: it cannot be {participle} now.")
