"""The regular look at proofs, and at reviews that are due."""

from celery import shared_task

from projects.common.clock import now
from projects.gates.due_reviews import draft_due_reviews, send_due_reviews
from projects.gates.sweeps import sweep_proofs


@shared_task(name="projects.gates.sweep_proofs")
def sweep_proofs_hourly() -> list[str]:
    """Find requests whose proofs ran out."""
    return sweep_proofs(at=now())


@shared_task(name="projects.gates.due_reviews")
def look_for_due_reviews() -> list[str]:
    """Draft the reviews whose time has come, and send those whose day has come."""
    at = now()
    return [*draft_due_reviews(at=at), *send_due_reviews(at=at)]
