"""The index of the council's tasks, for Celery."""

from council.escalations.tasks import sweep_all, sweep_initiatives
from council.packs.tasks import make

__all__ = ["make", "sweep_all", "sweep_initiatives"]
