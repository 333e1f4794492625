"""The regular look at proofs."""

from celery import shared_task

from projects.common.clock import now
from projects.gates.sweeps import sweep_proofs


@shared_task(name="projects.gates.sweep_proofs")
def sweep_proofs_hourly() -> list[str]:
    """Find requests whose proofs ran out."""
    return sweep_proofs(at=now())
