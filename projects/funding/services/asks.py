"""Save, open, take back and end the money part of a gate request."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from projects.audit.services import record
from projects.common.outcomes import Blocker, WrongState
from projects.funding import rules
from projects.funding.choices import RequestState
from projects.funding.models import FundingRequest, PlannedEvent
from projects.funding.services.errors import FundingRefused
from projects.initiatives.models import Initiative
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import require


@dataclass(frozen=True)
class Event:
    """A dated cost that is planned: a training run, a load test, a migration."""

    on: date
    name: str
    amount: Decimal


@dataclass(frozen=True)
class Ask:
    """The money part as far as it is filled in; a draft may leave anything open."""

    minimum: Decimal | None = None
    ask: Decimal | None = None
    maximum: Decimal | None = None
    milestone_name: str = ""
    acceptance_test: str = ""
    measure: str = ""
    milestone_due_on: date | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    carry_unspent: bool = True
    funds_harness: bool = False
    events: Sequence[Event] = ()


@transaction.atomic
def save_funding_request(*, initiative_id: int, request_key: str, ask: Ask, by: User, at: datetime) -> FundingRequest:
    """Save the draft of a gate request's ask as far as it goes. Raise WrongState once it is open or over."""
    initiative = Initiative.objects.select_for_update().get(pk=initiative_id)
    require(by, Permission.DRAFT_FOR_OWNER, initiative=initiative)
    request = FundingRequest.objects.select_for_update().filter(request_key=request_key).first()
    if request is None:
        request = FundingRequest(request_key=request_key, initiative=initiative, currency=initiative.currency)
    elif request.initiative_id != initiative.pk:
        raise FundingRefused(f"{request_key} belongs to another initiative.")
    elif request.state != RequestState.DRAFT:
        raise WrongState(f"The ask of {request_key} is {request.get_state_display().lower()} and cannot be edited.")
    else:
        request.revision += 1
    for field in Ask.__dataclass_fields__.keys() - {"events"}:
        value = getattr(ask, field)
        setattr(request, field, value.strip() if isinstance(value, str) else value)
    request.saved_by, request.saved_at = by, at
    request.save()
    if blockers := [
        blocker for event in ask.events for blocker in rules.amount_blockers(event.amount, request.currency)
    ]:
        raise FundingRefused(blockers)
    request.planned_events.all().delete()
    PlannedEvent.objects.bulk_create(
        PlannedEvent(request=request, on=event.on, name=event.name.strip(), amount=event.amount) for event in ask.events
    )
    record(verb="funding_request.saved", target=request, by=by, at=at)
    return request


def funding_request_blockers(request: FundingRequest, *, on: date) -> list[Blocker]:
    """Say what an ask still lacks before it can be sent on a day."""
    blockers = rules.ask_blockers(request.minimum, request.ask, request.maximum, request.currency)
    if not request.milestone_name or not request.acceptance_test:
        blockers.append(Blocker("milestone_missing", "Name the next milestone and the test that shows it is met."))
    if request.milestone_due_on is None or request.milestone_due_on <= on:
        blockers.append(Blocker("due_date_missing", "Give the day ahead on which the milestone is due."))
    if request.ends_on is None or request.ends_on <= on:
        blockers.append(Blocker("end_date_missing", "Give the day ahead on which the money ends."))
    elif request.milestone_due_on is not None and request.ends_on < request.milestone_due_on:
        blockers.append(Blocker("ends_before_due", "The money must last until the milestone is due."))
    other = FundingRequest.objects.filter(initiative=request.initiative_id, state=RequestState.OPEN)
    for row in other.exclude(pk=request.pk):
        blockers.append(Blocker("another_ask_open", f"{row.request_key} asks for money already. Withdraw one of them."))
    return blockers


@transaction.atomic
def open_funding_request(*, request_key: str, by: User, at: datetime) -> FundingRequest:
    """Send the ask together with its gate request. Raise FundingRefused with all that it lacks."""
    request = _locked(request_key)
    require(by, Permission.SUBMIT_REQUEST, initiative=request.initiative)
    _must_be(request, [RequestState.DRAFT], "sent")
    if blockers := funding_request_blockers(request, on=at.date()):
        raise FundingRefused(blockers)
    request.open()
    return _note(request, "funding_request.opened", by, at)


@transaction.atomic
def take_back_funding_request(*, request_key: str, by: User, at: datetime) -> FundingRequest:
    """Make the ask a draft again because its gate request went back to the owner."""
    request = _locked(request_key)
    _must_be(request, [RequestState.OPEN], "taken back")
    request.take_back()
    return _note(request, "funding_request.taken_back", by, at)


@transaction.atomic
def decide_funding_request(*, request_key: str, decision_reference: str, by: User, at: datetime) -> FundingRequest:
    """End the ask because its gate request was decided, whatever the outcome."""
    request = _locked(request_key)
    _must_be(request, [RequestState.OPEN], "decided")
    request.decide()
    return _note(request, "funding_request.decided", by, at, decision=decision_reference)


@transaction.atomic
def withdraw_funding_request(*, request_key: str, by: User, at: datetime) -> FundingRequest:
    """Give the ask up together with its gate request."""
    request = _locked(request_key)
    _must_be(request, [RequestState.DRAFT, RequestState.OPEN], "withdrawn")
    request.withdraw()
    return _note(request, "funding_request.withdrawn", by, at)


def _note(request: FundingRequest, verb: str, by: User, at: datetime, **data: str) -> FundingRequest:
    request.save()
    record(verb=verb, target=request, by=by, at=at, data=dict(data))
    return request


def _locked(request_key: str) -> FundingRequest:
    rows = FundingRequest.objects.select_for_update(of=("self",)).select_related("initiative")
    return rows.get(request_key=request_key)


def _must_be(request: FundingRequest, states: Sequence[str], participle: str) -> None:
    if request.state not in states:
        now = request.get_state_display().lower()
        raise WrongState(f"The ask of {request.request_key} is {now}: it cannot be {participle} now.")
