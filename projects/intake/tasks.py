"""The job that imports an uploaded portfolio."""

from typing import Any

from projects.common.clock import now
from projects.intake.uploads import KIND, finish_upload, page_of
from projects.jobs.models import Job
from projects.jobs.services import Progress, job


@job(KIND, queue="imports", under=(("Portfolio", "council:portfolio"), ("Import", "projects:portfolio-import")))
def import_upload(held: Job, progress: Progress) -> dict[str, Any]:
    """Import the upload that a job names and say where its result stands."""
    progress.step("Reading and importing rows")
    upload = finish_upload(upload_id=held.arguments["upload"], second_id=held.arguments["second"], at=now())
    return {"location": page_of(upload)}
