"""Ask for a job, hold it, report its progress, cancel it, take it up again."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self

import structlog
from celery import current_app
from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Q
from kombu.exceptions import OperationalError

from projects.audit.services import record
from projects.common.clock import machine_now
from projects.common.outcomes import NotPermitted, WrongState
from projects.jobs.models import Job, JobState
from projects.people.models import User

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=30)
HEARTBEAT_SECONDS = 5.0
ATTEMPTS = 3
GAVE_UP = f"Stopped {ATTEMPTS} times without an end. Nothing was kept; try again."


class Cancelled(Exception):
    """Somebody asked for the job to stop."""


class JobOver(WrongState):
    """The job has ended already, or has not ended yet."""

    code = "job_state"


Handler = Callable[[Job, "Progress"], dict[str, Any]]


@dataclass(frozen=True)
class Kind:
    """What runs a kind of job, on which queue, and the pages it belongs under, each with its URL name, outermost first.

    `refusal` is the template that shows the figures behind a refusal, where there are any; `about` is the URL name of what
    the work is done for, with the argument that holds its id.
    """

    handler: Handler
    queue: str
    under: tuple[tuple[str, str], ...] = ()
    refusal: str = ""
    about: tuple[str, str] | None = None


KINDS: dict[str, Kind] = {}


def job(
    kind: str,
    *,
    queue: str = "default",
    under: tuple[tuple[str, str], ...] = (),
    refusal: str = "",
    about: tuple[str, str] | None = None,
) -> Callable[[Handler], Handler]:
    """Register the function that does a kind of job; it takes the job and its progress and returns a result."""

    def register(handler: Handler) -> Handler:
        KINDS[kind] = Kind(handler, queue, under, refusal, about)
        return handler

    return register


@transaction.atomic
def request_job(*, kind: str, label: str, arguments: dict[str, Any], by: User | None, at: datetime) -> Job:
    """Write down a job to be done; the caller's transaction carries it, a message after commit says "look now"."""
    asked = Job.objects.create(
        kind=kind,
        label=label[:300],
        arguments=arguments,
        requested_by=by,
        created_at=at,
        heartbeat_at=machine_now(),
    )
    record(verb="job.requested", target=asked, by=by, at=at, data={"kind": kind})
    _nudge(asked)
    return asked


@transaction.atomic
def cancel_job(*, job_id: int, by: User, at: datetime) -> Job:
    """Stop a waiting job at once and a running one at its next step. Raise JobOver or NotPermitted."""
    asked = _own_job(job_id, by)
    if asked.is_over:
        raise JobOver(f"{asked.label} has already ended.")
    if asked.state == JobState.QUEUED:
        asked.cancel(at=at)
    asked.cancel_requested = True
    asked.save()
    record(verb="job.cancelled", target=asked, by=by, at=at)
    return asked


@transaction.atomic
def retry_job(*, job_id: int, by: User, at: datetime) -> Job:
    """Queue a failed or cancelled job again. Raise JobOver or NotPermitted."""
    asked = _own_job(job_id, by)
    if asked.state not in {JobState.FAILED, JobState.CANCELLED}:
        raise JobOver(f"{asked.label} has not failed.")
    asked.retry()
    asked.attempts, asked.heartbeat_at = 0, machine_now()
    asked.save()
    record(verb="job.retried", target=asked, by=by, at=at)
    _nudge(asked)
    return asked


def _own_job(job_id: int, by: User) -> Job:
    asked = Job.objects.select_for_update().get(pk=job_id)
    if asked.requested_by_id != by.pk:
        raise NotPermitted(f"{asked.label} was asked for by {asked.requested_by}, who can stop or repeat it.")
    return asked


def _nudge(asked: Job) -> None:
    queue = KINDS[asked.kind].queue if asked.kind in KINDS else "default"
    transaction.on_commit(lambda: _send(asked.pk, queue))


def _send(job_id: int, queue: str) -> None:
    try:
        current_app.send_task("projects.jobs.run_job", kwargs={"job_id": job_id}, queue=queue, retry=False)
    except OperationalError:
        log.warning("broker_unreachable", job=job_id)  # the look for lost jobs finds the row


@transaction.atomic
def take_job(*, job_id: int, worker: str) -> Job | None:
    """Hold a job that waits or whose holder died; return None when it is over or somebody else holds it."""
    at = machine_now()
    asked = Job.objects.select_for_update(skip_locked=True).filter(pk=job_id).first()
    if asked is None or asked.is_over:
        return None
    if asked.state == JobState.RUNNING and asked.lease_until and asked.lease_until > at:
        return None
    if asked.attempts >= ATTEMPTS:
        asked.start(worker=worker, at=at, lease_until=at + LEASE)
        asked.fail(
            at=at, code="gave_up", error=f"Stopped {ATTEMPTS} times without an end. Nothing was kept; try again."
        )
        asked.save()
        return None
    asked.start(worker=worker, at=at, lease_until=at + LEASE)
    asked.save()
    return asked


@transaction.atomic
def end_job(*, job_id: int, act: str, at: datetime, **details: Any) -> Job:
    """Mark a held job as succeeded, failed or cancelled."""
    held = Job.objects.select_for_update().get(pk=job_id)
    getattr(held, act)(at=at, **details)
    held.save()
    return held


def lost_jobs() -> list[Job]:
    """Return jobs whose holder died, and jobs that have waited long enough for their message to be lost."""
    at = machine_now()
    waited = Q(state=JobState.QUEUED, heartbeat_at__lt=at - LEASE)
    died = Q(state=JobState.RUNNING, lease_until__lt=at)
    return list(Job.objects.filter(waited | died).order_by("created_at")[:100])


def take_up_lost_jobs() -> int:
    """Send a new message for every lost job and return their number."""
    lost = lost_jobs()
    with transaction.atomic():
        for asked in lost:
            _nudge(asked)
    return len(lost)


class Progress:
    """A running job's voice: it tells how far it is, renews the lease, and hears that it shall stop.

    It speaks on a connection of its own, so that progress shows while the work's transaction is still open.
    """

    def __init__(self, held: Job) -> None:
        """Speak for a held job."""
        self._job_id = held.pk
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._cancelled = threading.Event()
        self._state: dict[str, Any] = {"step": "", "done": 0, "total": None, "unit": "rows", "rows": None}
        self._connection: BaseDatabaseWrapper = connection.copy()
        self._thread = threading.Thread(target=self._beat, name=f"job-{held.pk}", daemon=True)

    def __enter__(self) -> Self:
        """Start the heartbeat."""
        self._connection.inc_thread_sharing()
        self._tell()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the heartbeat."""
        self._stop.set()
        self._thread.join()
        self._connection.close()

    def step(self, name: str, *, done: int = 0, total: int | None = None, unit: str = "rows") -> None:
        """Begin a named step. Raise Cancelled when somebody asked for a stop."""
        self._state = {"step": name[:200], "done": done, "total": total, "unit": unit, "rows": None}
        self._tell()
        self.check()

    def advance(self, done: int, total: int | None = None, *, rows: int | None = None) -> None:
        """Say how far the step is; written with the next heartbeat. Raise Cancelled when asked to stop."""
        self._state |= {"done": done, "total": total if total is not None else self._state["total"], "rows": rows}
        self.check()

    def check(self) -> None:
        """Raise Cancelled when somebody asked for a stop."""
        if self._cancelled.is_set():
            raise Cancelled

    def _beat(self) -> None:
        written = dict(self._state)
        waited = 0.0
        while not self._stop.wait(0.5):
            waited += 0.5
            if self._state != written or waited >= HEARTBEAT_SECONDS:
                written, waited = dict(self._state), 0.0
                self._tell()

    def _tell(self) -> None:
        state = [self._state[name] for name in ("step", "step", "done", "total", "unit", "rows")]
        with self._lock, self._connection.cursor() as cursor:
            cursor.execute(
                "UPDATE projects_job SET step_started_at = CASE WHEN step = %s THEN coalesce(step_started_at, "
                "clock_timestamp()) ELSE clock_timestamp() END, step = %s, done = %s, total = %s, unit = %s, rows = %s, "
                "heartbeat_at = clock_timestamp(), lease_until = clock_timestamp() + make_interval(secs => %s) "
                "WHERE id = %s AND state = 'running' RETURNING cancel_requested",
                [*state, LEASE.total_seconds(), self._job_id],
            )
            row = cursor.fetchone()
        if row is None or row[0]:
            self._cancelled.set()
