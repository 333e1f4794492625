"""A review and its verdicts."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django_fsm import transition

from projects.common.fields import StateField
from projects.common.models import AppendOnly
from projects.common.triggers import lawful_states
from projects.gates.template_rules import TOPIC_NAMES
from projects.reviews.rules import REVIEW_MOVES


class ReviewState(models.TextChoices):
    """Where a review stands."""

    OPEN = "open", "Open"
    SUBMITTED = "submitted", "Finished"
    DECLINED = "declined", "Conflict declared"
    SUPERSEDED = "superseded", "Superseded"


class Recommendation(models.TextChoices):
    """What the reviewer tells the council."""

    READY = "ready", "Ready"
    CONDITIONS = "conditions", "Ready with conditions"
    NOT_READY = "not_ready", "Not ready, return to owner"


class Answer(models.TextChoices):
    """A verdict on one criterion."""

    ACCEPT = "accept", "Met"
    ASK = "ask", "Ask more"
    REJECT = "reject", "Not met"


class Review(models.Model):
    """One topic of one round of a request; without a reviewer until somebody uninterested is found."""

    request = models.ForeignKey("projects.GateRequest", on_delete=models.PROTECT, related_name="reviews")
    round = models.PositiveSmallIntegerField()
    topic = models.CharField(max_length=20)
    reviewer = models.ForeignKey(
        "projects.User", on_delete=models.PROTECT, null=True, blank=True, related_name="reviews"
    )
    state = StateField(max_length=12, choices=ReviewState.choices, default=ReviewState.OPEN, protected=True)
    why = models.CharField(max_length=200)
    drafted = models.JSONField(default=dict, help_text="Verdicts, recommendation and condition before they are given.")
    revision = models.PositiveIntegerField(default=0)
    recommendation = models.CharField(max_length=12, choices=Recommendation.choices, blank=True)
    condition = models.TextField(blank=True)
    conflict = models.TextField(blank=True)
    routed_at = models.DateTimeField()
    due_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("due_at", "id")
        constraints = (
            models.UniqueConstraint(
                name="one_live_review",
                fields=["request", "round", "topic"],
                condition=Q(state__in=["open", "submitted"]),
            ),
            models.CheckConstraint(
                name="review_finished_whole",
                condition=~Q(state="submitted")
                | Q(reviewer__isnull=False, finished_at__isnull=False) & ~Q(recommendation=""),
            ),
        )
        triggers = lawful_states("state", start="open", moves=REVIEW_MOVES)

    def __str__(self) -> str:
        return f"{self.topic} review of {self.request_id}, round {self.round}"

    @property
    def audit_stream(self) -> str:
        """Return the initiative's stream."""
        return self.request.audit_stream

    @property
    def topic_name(self) -> str:
        """Return the topic as it is written."""
        return TOPIC_NAMES.get(self.topic, self.topic.capitalize())

    @transition(field=state, source=ReviewState.OPEN, target=ReviewState.SUBMITTED)
    def finish(self, *, recommendation: str, condition: str, at: datetime) -> None:
        """Give the verdicts."""
        self.recommendation, self.condition, self.finished_at = recommendation, condition, at

    @transition(field=state, source=ReviewState.OPEN, target=ReviewState.DECLINED)
    def decline(self, *, conflict: str, at: datetime) -> None:
        """Step back because of a conflict."""
        self.conflict, self.finished_at = conflict, at

    @transition(field=state, source=[ReviewState.OPEN, ReviewState.SUBMITTED], target=ReviewState.SUPERSEDED)
    def supersede(self) -> None:
        """Give way to the next round."""


class Verdict(AppendOnly):
    """One reviewer's answer on one item: a criterion's code, or ``guardrail:`` and its code."""

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="verdicts")
    item = models.CharField(max_length=60)
    answer = models.CharField(max_length=8, choices=Answer.choices)
    reason = models.TextField(blank=True)
    given_at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(name="one_verdict", fields=["review", "item"]),
            models.CheckConstraint(name="verdict_says_why", condition=Q(answer="accept") | ~Q(reason="")),
        )

    def __str__(self) -> str:
        return f"{self.item}: {self.answer}"
