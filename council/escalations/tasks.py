"""Sweep on schedule and after facts changed."""

from celery import shared_task

from council.escalations.selectors import missed_days
from council.escalations.sweeps import sweep
from projects.common.clock import now


@shared_task(name="council.escalations.sweep_initiatives")
def sweep_initiatives(*, initiative_ids: list[int]) -> int:
    """Sweep the initiatives that a fact touched; may run twice without harm."""
    at = now()
    return len(sweep(on=at.date(), at=at, initiative_ids=initiative_ids).raised)


@shared_task(name="council.escalations.sweep_all")
def sweep_all() -> int:
    """Sweep everything, each missed day first; repeats what a lost message would have missed."""
    at = now()
    return sum(len(sweep(on=day, at=at).raised) for day in [*missed_days(at.date()), at.date()])
