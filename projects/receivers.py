"""This fact → that service: how the parts of projects react to each other."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from projects.gates.models import GateRequest
from projects.gates.services import check_readiness
from projects.people.models import User
from projects.reviews.services import route_reviews
from projects.signals import gate_request_checked, gate_request_submitted, spend_reattributed
from projects.usage.services import follow_attribution


@receiver(gate_request_submitted)
def check_what_was_submitted(gate: GateRequest, by: User, at: datetime, **_: Any) -> None:
    """A request was submitted: check its readiness."""
    check_readiness(gate_request_id=gate.pk, by=by, at=at)


@receiver(gate_request_checked)
def review_what_was_checked(gate: GateRequest, by: User, at: datetime, **_: Any) -> None:
    """A request passed the check: ask the experts."""
    route_reviews(gate_request_id=gate.pk, by=by, at=at)


@receiver(spend_reattributed)
def move_usage_with_its_spend(**_: Any) -> None:
    """Keys belong to others now: so does their usage."""
    follow_attribution()
