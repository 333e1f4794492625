"""The Celery application: queues, the tasks' base and the schedule."""

import os
from typing import Any

from celery import Celery
from celery.contrib.django.task import DjangoTask
from django.conf import settings
from django.db import transaction
from django_structlog.celery.steps import DjangoStructLogInitStep
from kombu.entity import Queue

from council.schedule import SCHEDULE

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "council.settings")


class Nudge(DjangoTask):  # type: ignore[misc]
    """A task whose message may be lost: what it would say stands in the database, and a sweep finds it there."""

    abstract = True

    def delay_on_commit(self, *args: Any, **kwargs: Any) -> None:
        """Queue after commit. A broker that is down is logged and does not fail the act that was just committed."""
        transaction.on_commit(lambda: self.delay(*args, **kwargs), robust=True)

    def apply_async_on_commit(self, *args: Any, **kwargs: Any) -> None:
        """Queue after commit with options; see `delay_on_commit`."""
        transaction.on_commit(lambda: self.apply_async(*args, **kwargs), robust=True)


app = Celery("tollgate", task_cls=Nudge)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.task_queues = [Queue(name) for name in ("default", "imports", "pdf")]  # type: ignore[no-untyped-call]
app.conf.beat_schedule = SCHEDULE
app.conf.update(settings.SCHEDULER)
app.autodiscover_tasks()
app.steps["worker"].add(DjangoStructLogInitStep)
