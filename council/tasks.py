"""The index of the council's tasks, for Celery."""

from council.escalations.tasks import sweep_all, sweep_initiatives
from council.packs.services import build_pack

__all__ = ["build_pack", "sweep_all", "sweep_initiatives"]
