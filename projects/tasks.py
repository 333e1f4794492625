"""The index of the projects' tasks and jobs, for Celery."""

from projects.intake.tasks import import_upload
from projects.jobs.tasks import look_for_lost_jobs, run_job

__all__ = ["import_upload", "look_for_lost_jobs", "run_job"]
