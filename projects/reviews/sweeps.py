"""Let a due review go on to the agenda when its experts are past their day: silence does not stop it."""

from datetime import datetime

from projects.gates.choices import State
from projects.gates.models import GateRequest
from projects.gates.review_rules import REVIEWS
from projects.gates.selectors import readiness_by_request
from projects.gates.services import mark_ready
from projects.reviews.models import Review, ReviewState


def pass_overdue_reviews(*, at: datetime) -> list[str]:
    """Make ready the due reviews whose experts had their time and which miss no must; return the keys."""
    waiting = Review.objects.filter(state=ReviewState.OPEN, due_at__gt=at)
    rows = GateRequest.objects.filter(kind__in=REVIEWS, state=State.EXPERT_REVIEW, due_on__lte=at.date())
    due = list(rows.exclude(pk__in=waiting.values("request")).with_people().order_by("pk"))
    found = readiness_by_request(due, at.date())
    passed = [gate for gate in due if not found[gate.pk].missing]
    return [mark_ready(gate_request_id=gate.pk, by=None, at=at).key for gate in passed]
