"""What the worker does for packs."""

from typing import Any

from council.packs.rules import KIND
from council.packs.services import build_pack
from projects.jobs.models import Job
from projects.jobs.services import Progress, job


@job(KIND, queue="pdf")
def make(held: Job, progress: Progress) -> dict[str, Any]:
    """Make the pack that the job asks for."""
    return build_pack(held, progress)
