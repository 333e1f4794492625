"""A frozen meeting of two items; Rick sponsors the second, so he is recused there."""

import shutil
from pathlib import Path

import pytest
from django.conf import settings

from council.packs.services import request_pack
from projects.jobs.models import Job
from projects.jobs.tasks import run_job
from tests.factories.council import AT, frozen
from tests.factories.gates import concept, ready


@pytest.fixture
def meeting(people, board, envelope):
    ready(people)
    ready(people, concept(people, "Claims letters", sponsor=board.rick))
    return frozen(board)


@pytest.fixture
def store():
    """The folder of packs, empty before the test."""
    folder = Path(settings.MEDIA_ROOT) / "packs"
    shutil.rmtree(folder, ignore_errors=True)
    return folder


@pytest.fixture
def made(transactional_db, store, meeting, board):
    """A made pack."""
    return run(request_pack(meeting_id=meeting.pk, by=board.sybil, at=AT))


def run(job):
    """Do a job here and now, and return its pack."""
    run_job(job_id=job.pk)
    job = Job.objects.get(pk=job.pk)
    assert job.state == "succeeded", job.error
    from council.packs.models import Pack

    return Pack.objects.get(pk=job.result["pack"])
