"""One piece of long work."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Q
from django_fsm import transition

from projects.common.fields import StateField
from projects.common.triggers import lawful_states
from projects.jobs.rules import left_words, rate, seconds_left, silent_seconds


class JobState(models.TextChoices):
    """Where a job stands."""

    QUEUED = "queued", "Waiting"
    RUNNING = "running", "Running"
    SUCCEEDED = "succeeded", "Done"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


class Job(models.Model):
    """An import, a pack, a re-attribution: what it does, how far it is, who holds it and until when."""

    kind = models.CharField(max_length=40)
    label = models.CharField(max_length=300)
    state = StateField(max_length=12, choices=JobState.choices, default=JobState.QUEUED, protected=True)
    arguments = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    step = models.CharField(max_length=200, blank=True)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True, blank=True)
    unit = models.CharField(max_length=20, default="rows")
    rows = models.BigIntegerField(null=True, blank=True, help_text="Handled in this step, where it counts rows.")
    step_started_at = models.DateTimeField(null=True, blank=True)
    error_code = models.CharField(max_length=60, blank=True)
    error = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    cancel_requested = models.BooleanField(default=False)
    worker = models.CharField(max_length=120, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    requested_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="job_finished_when_over",
                condition=Q(state__in=["queued", "running"], finished_at__isnull=True)
                | Q(state__in=["succeeded", "failed", "cancelled"], finished_at__isnull=False),
            ),
        )
        indexes = (models.Index(name="job_open", fields=["state", "lease_until"]),)
        triggers = lawful_states(
            "state",
            start="queued",
            moves=[
                ("queued", "running"),
                ("queued", "cancelled"),
                ("running", "succeeded"),
                ("running", "failed"),
                ("running", "cancelled"),
                ("failed", "queued"),
                ("cancelled", "queued"),
            ],
        )

    def __str__(self) -> str:
        return self.label

    @property
    def percent(self) -> int | None:
        """Return whole percent done, or None when the total is unknown."""
        return None if not self.total else min(100, self.done * 100 // self.total)

    @property
    def seconds(self) -> Decimal | None:
        """Return how long the step has run, as of the last heartbeat."""
        if self.step_started_at is None or self.heartbeat_at is None:
            return None
        return Decimal((self.heartbeat_at - self.step_started_at) // timedelta(milliseconds=1)) / 1000

    @property
    def rows_a_second(self) -> int | None:
        """Return how fast rows go by; None where it is too early to say."""
        handled = self.rows if self.rows is not None else self.done if self.unit == "rows" else None
        return None if handled is None or self.seconds is None else rate(handled, self.seconds)

    @property
    def time_left(self) -> str:
        """Say how long the step will still take at its pace; empty where that is unknown."""
        if self.seconds is None or not self.total:
            return ""
        left = seconds_left(done=self.done, total=self.total, seconds=self.seconds)
        return "" if left is None else left_words(left)

    def silent_seconds(self, *, at: datetime) -> int | None:
        """Return for how long nothing was heard of open work, by the database's own clock; None while all is well."""
        return None if self.is_over else silent_seconds(heard_at=self.heartbeat_at, at=at)

    @property
    def is_over(self) -> bool:
        """Say whether nothing more will happen unless somebody retries."""
        return self.state in {JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED}

    @transition(field=state, source=[JobState.QUEUED, JobState.RUNNING], target=JobState.RUNNING)
    def start(self, *, worker: str, at: datetime, lease_until: datetime) -> None:
        """Take the job: a fresh one, or one whose lease ran out."""
        self.worker, self.started_at, self.heartbeat_at, self.lease_until = worker, at, at, lease_until
        self.attempts += 1

    @transition(field=state, source=JobState.RUNNING, target=JobState.SUCCEEDED)
    def succeed(self, *, at: datetime, result: dict[str, Any]) -> None:
        """Keep the result."""
        self.finished_at, self.result, self.lease_until = at, result, None

    @transition(field=state, source=JobState.RUNNING, target=JobState.FAILED)
    def fail(self, *, at: datetime, code: str, error: str, details: dict[str, Any] | None = None) -> None:
        """Keep the reason, and the figures behind it."""
        self.finished_at, self.error_code, self.error, self.lease_until = at, code, error, None
        self.result = details or {}

    @transition(field=state, source=[JobState.QUEUED, JobState.RUNNING], target=JobState.CANCELLED)
    def cancel(self, *, at: datetime) -> None:
        """Stop for good."""
        self.finished_at, self.lease_until = at, None

    @transition(field=state, source=[JobState.FAILED, JobState.CANCELLED], target=JobState.QUEUED)
    def retry(self) -> None:
        """Queue it again from the start."""
        self.finished_at, self.error_code, self.error, self.cancel_requested = None, "", "", False
        self.done, self.step, self.worker, self.lease_until = 0, "", "", None
        self.rows, self.step_started_at, self.result = None, None, {}
