"""The index of the projects' tasks and jobs, for Celery."""

from projects.gates.tasks import sweep_proofs_hourly
from projects.intake.tasks import import_upload
from projects.jobs.tasks import look_for_lost_jobs, run_job
from projects.spend.tasks import give_out_again, import_held_file

__all__ = [
    "give_out_again",
    "import_held_file",
    "import_upload",
    "look_for_lost_jobs",
    "run_job",
    "sweep_proofs_hourly",
]
