"""Forget old answers every night."""

from celery import shared_task

from projects.common.clock import now
from projects.interface.services import forget_answers


@shared_task(name="projects.interface.forget_answers")
def forget_old_answers() -> int:
    """Delete answers that nobody asks for again; may run twice without harm."""
    return forget_answers(at=now())
