"""A worker that is killed while it renders leaves nothing behind, and the job is taken up again."""

from datetime import UTC, datetime

import pytest

from council.packs.models import Pack
from council.packs.services import is_intact, request_pack
from projects.jobs.models import Job
from projects.jobs.services import take_up_lost_jobs
from tests.factories.council import AT
from tests.harness.worker import wait_until

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.django_db(transaction=True)
def test_killed_worker_leaves_no_half_pack_and_another_takes_the_job_up(store, meeting, board, start_worker):
    worker = start_worker()
    job = request_pack(meeting_id=meeting.pk, by=board.sybil, at=AT)
    wait_until(lambda: Job.objects.get(pk=job.pk).step == "Rendering pages", seconds=40, what="the pages")

    worker.kill()

    assert not Pack.objects.exists()
    assert [path for path in store.rglob("*") if path.is_file()] == []
    assert Job.objects.get(pk=job.pk).state == "running"

    Job.objects.filter(pk=job.pk).update(lease_until=LONG_AGO)
    start_worker()
    take_up_lost_jobs()
    wait_until(lambda: Job.objects.get(pk=job.pk).is_over, seconds=90, what="the pack")

    assert Job.objects.get(pk=job.pk).state == "succeeded"
    assert Job.objects.get(pk=job.pk).attempts == 2
    assert is_intact(Pack.objects.get())
