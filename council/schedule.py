"""What the scheduler asks for and when (UTC). An entry only says "look now": the task works out what is due."""

from typing import Any

SCHEDULE: dict[str, dict[str, Any]] = {
    "escalations": {"task": "council.escalations.sweep_all", "schedule": 3600.0},
    "proofs": {"task": "projects.gates.sweep_proofs", "schedule": 3600.0},
    "lost-jobs": {"task": "projects.jobs.take_up_lost_jobs", "schedule": 30.0},
}
