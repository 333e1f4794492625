"""Keep the money part of a request in step: funding knows an ask by its request's key."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from projects.funding.models import FundingRequest
from projects.funding.services.asks import (
    Ask,
    Event,
    decide_funding_request,
    open_funding_request,
    save_funding_request,
    take_back_funding_request,
    withdraw_funding_request,
)
from projects.gates.models import GateRequest
from projects.gates.rules import funds_harness
from projects.gates.submission import decimal_layers
from projects.people.models import User

ONE_DAY = timedelta(days=1)


def open_ask(gate: GateRequest, *, by: User, at: datetime) -> None:
    """Send the ask with its request. Raise FundingRefused with all that it lacks."""
    if not gate.asks_for_money:
        return
    events = [Event(date.fromisoformat(row["on"]), row["name"], Decimal(row["amount"])) for row in gate.planned_events]
    ask = Ask(
        minimum=gate.minimum,
        ask=gate.ask,
        maximum=gate.maximum,
        milestone_name=gate.milestone_name,
        acceptance_test=gate.milestone_test,
        milestone_due_on=gate.milestone_due_on,
        starts_on=at.date(),
        ends_on=gate.ends_on + ONE_DAY if gate.ends_on else None,
        events=events,
        funds_harness=funds_harness(decimal_layers(gate)),
    )
    save_funding_request(initiative_id=gate.initiative_id, request_key=gate.key, ask=ask, by=by, at=at)
    open_funding_request(request_key=gate.key, by=by, at=at)


def take_back_ask(gate: GateRequest, *, by: User, at: datetime) -> None:
    """Make the ask a draft again because its request went back."""
    if _has_ask(gate):
        take_back_funding_request(request_key=gate.key, by=by, at=at)


def decide_ask(gate: GateRequest, *, by: User, at: datetime) -> None:
    """End the ask because its request was decided."""
    if _has_ask(gate):
        decide_funding_request(request_key=gate.key, decision_reference=gate.decision_reference, by=by, at=at)


def withdraw_ask(gate: GateRequest, *, by: User, at: datetime) -> None:
    """Give the ask up with its request."""
    if _has_ask(gate):
        withdraw_funding_request(request_key=gate.key, by=by, at=at)


def _has_ask(gate: GateRequest) -> bool:
    return FundingRequest.objects.filter(request_key=gate.key).exists()
