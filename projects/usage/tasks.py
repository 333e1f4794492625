"""Look at usage every night."""

from celery import shared_task

from projects.common.clock import now
from projects.usage.services import sweep_alarms


@shared_task(name="projects.usage.sweep_alarms")
def sweep_usage_alarms() -> int:
    """Raise, refresh and clear the alarms about models; may run twice without harm."""
    return len(sweep_alarms(at=now()))
