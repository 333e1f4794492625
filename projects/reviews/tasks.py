"""The regular look at experts who are past their day."""

from celery import shared_task

from projects.common.clock import now
from projects.reviews.sweeps import pass_overdue_reviews


@shared_task(name="projects.reviews.pass_overdue")
def pass_overdue() -> list[str]:
    """Find due reviews that nobody holds up any more."""
    return pass_overdue_reviews(at=now())
