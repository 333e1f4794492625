"""What the scheduler asks for and when (UTC). An entry only says "look now": the task works out what is due."""

from typing import Any

from celery.schedules import crontab

SCHEDULE: dict[str, dict[str, Any]] = {
    "escalations": {"task": "council.escalations.sweep_all", "schedule": 3600.0},
    "proofs": {"task": "projects.gates.sweep_proofs", "schedule": 3600.0},
    "lost-jobs": {"task": "projects.jobs.take_up_lost_jobs", "schedule": 30.0},
    "kept-figures": {"task": "projects.spend.fill_kept_figures", "schedule": 300.0},
    "usage-alarms": {"task": "projects.usage.sweep_alarms", "schedule": crontab(hour=1, minute=0)},
    "due-reviews": {"task": "projects.gates.due_reviews", "schedule": crontab(hour=0, minute=30)},
    "overdue-experts": {"task": "projects.reviews.pass_overdue", "schedule": crontab(hour=0, minute=45)},
    "claims": {"task": "projects.value.decay_claims", "schedule": crontab(hour=1, minute=10)},
    "tranches": {"task": "projects.funding.lapse_final_tranches", "schedule": crontab(hour=1, minute=20)},
    "kept-answers": {"task": "projects.interface.forget_answers", "schedule": crontab(hour=1, minute=30)},
    "purposes": {"task": "projects.spend.tell_purposes", "schedule": crontab(hour=1, minute=35)},
    "rollups": {"task": "projects.spend.verify_rollups", "schedule": crontab(hour=1, minute=40)},
}
