"""The index of the council's tasks, for Celery."""

from council.escalations.tasks import sweep_all, sweep_initiatives

__all__ = ["sweep_all", "sweep_initiatives"]
