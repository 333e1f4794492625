"""The index of the projects' tasks and jobs, for Celery."""

from projects.jobs.tasks import look_for_lost_jobs, run_job

__all__ = ["look_for_lost_jobs", "run_job"]
