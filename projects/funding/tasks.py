"""Look at tranches every night."""

from celery import shared_task

from projects.common.clock import now
from projects.funding.services import cover_late_costs, lapse_final_tranches


@shared_task(name="projects.funding.lapse_final_tranches")
def lapse_tranches() -> int:
    """Lapse tranches whose days are final, then cover what came in late; may run twice without harm."""
    at = now()
    return lapse_final_tranches(at=at) + cover_late_costs(at=at)
