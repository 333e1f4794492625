import pytest
from django.db import connection

from council.celery import app
from projects.common.models import KeyCounter
from projects.tasks import look_for_lost_jobs
from tests.harness.processes import children_of, is_alive


def test_worker_answers_and_does_what_is_queued(celery_worker_process):
    before = celery_worker_process.log.read_text().count("take_up_lost_jobs")

    look_for_lost_jobs.delay()

    celery_worker_process.wait_until(lambda: celery_worker_process.log.read_text().count("take_up_lost_jobs") > before)
    assert app.control.ping(timeout=30, limit=1)


def test_killed_worker_leaves_no_child(start_worker):
    worker = start_worker()
    pid = worker.process.pid
    children = worker.wait_until(lambda: len(children_of(pid)) >= 2 and children_of(pid), what="two children")

    worker.kill()

    gone = lambda: not any(is_alive(child) for child in children)  # noqa: E731
    worker.wait_until(gone, seconds=60, what="the children to end")


def test_worker_uses_the_runs_database(celery_worker_process):
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE usename = 'tollgate_app'")

        assert cursor.fetchone()[0] >= 1


@pytest.mark.django_db(transaction=True)
def test_what_a_test_commits_is_gone_after_it():
    KeyCounter.objects.create(prefix="AI")


@pytest.mark.django_db(transaction=True)
def test_what_a_test_commits_is_gone_before_the_next():
    assert not KeyCounter.objects.filter(prefix="AI").exists()
