"""Every entry of the schedule names a task that exists."""

from council.celery import app
from council.schedule import SCHEDULE


def test_every_entry_names_a_task_that_is_known():
    app.loader.import_default_modules()

    assert {entry["task"] for entry in SCHEDULE.values()} <= set(app.tasks)


def test_the_nights_work_is_asked_for():
    assert {"usage-alarms", "claims", "tranches", "purposes", "rollups"} <= set(SCHEDULE)
