"""Run jobs, and look for lost ones."""

import os
import socket

import structlog
from celery import shared_task

from projects.common.clock import now
from projects.common.outcomes import Refused
from projects.jobs.models import Job
from projects.jobs.services import KINDS, Cancelled, Progress, end_job, take_job, take_up_lost_jobs

log = structlog.get_logger(__name__)


@shared_task(name="projects.jobs.run_job", acks_late=True, reject_on_worker_lost=True)
def run_job(*, job_id: int) -> None:
    """Do a job unless it is over or held by somebody else; may be sent twice without harm."""
    held = take_job(job_id=job_id, worker=f"{socket.gethostname()}:{os.getpid()}")
    if held is not None:
        _perform(held)


def _perform(held: Job) -> None:
    try:
        with Progress(held) as progress:
            result = KINDS[held.kind].handler(held, progress)
    except Cancelled:
        end_job(job_id=held.pk, act="cancel", at=now())
    except Refused as refusal:
        first = refusal.blockers[0]
        end_job(job_id=held.pk, act="fail", at=now(), code=first.code, error=str(refusal), details=refusal.details)
    except Exception as error:
        log.exception("job_failed", job=held.pk, kind=held.kind)
        words = (
            f"Something broke while doing this ({type(error).__name__}, job {held.pk}). Nothing was kept; try again."
        )
        end_job(job_id=held.pk, act="fail", at=now(), code="broken", error=words)
    else:
        end_job(job_id=held.pk, act="succeed", at=now(), result=result)


@shared_task(name="projects.jobs.take_up_lost_jobs")
def look_for_lost_jobs() -> int:
    """Take up jobs whose worker died or whose message was lost."""
    return take_up_lost_jobs()
