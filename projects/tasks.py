"""The index of the projects' tasks and jobs, for Celery."""

from projects.funding.tasks import lapse_tranches
from projects.gates.tasks import look_for_due_reviews, sweep_proofs_hourly
from projects.intake.tasks import import_upload
from projects.interface.tasks import forget_old_answers
from projects.jobs.tasks import look_for_lost_jobs, run_job
from projects.reviews.tasks import pass_overdue
from projects.rulebook.tasks import keep, try_out
from projects.showback.papers import make_paper
from projects.spend.tasks import fill_figures, give_out_again, import_held_file, verify_rollups
from projects.usage.tasks import sweep_usage_alarms
from projects.value.tasks import decay_old_claims

__all__ = [
    "decay_old_claims",
    "fill_figures",
    "forget_old_answers",
    "give_out_again",
    "import_held_file",
    "import_upload",
    "keep",
    "lapse_tranches",
    "look_for_due_reviews",
    "look_for_lost_jobs",
    "make_paper",
    "pass_overdue",
    "run_job",
    "sweep_proofs_hourly",
    "sweep_usage_alarms",
    "try_out",
    "verify_rollups",
]
