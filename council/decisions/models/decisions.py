"""Decisions: what was decided, and never edited."""

from django.db import models
from django.db.models import F, Q

from council.decisions.choices import DELEGATED, Outcome, Route
from council.decisions.models.voting import Motion
from projects.common.models import AppendOnly


class Decision(AppendOnly):
    """What was decided, by whom, under which policy, with which quorum, tally and effects. Never edited."""

    reference = models.CharField(max_length=30, unique=True)
    route = models.CharField(max_length=10, choices=Route.choices)
    initiative = models.ForeignKey("projects.Initiative", on_delete=models.PROTECT, related_name="+")
    item = models.OneToOneField(
        "council.AgendaItem", on_delete=models.PROTECT, null=True, blank=True, related_name="decision"
    )
    motion = models.OneToOneField(Motion, on_delete=models.PROTECT, null=True, blank=True, related_name="decision")
    gate_request_key = models.CharField(max_length=12, blank=True)
    escalation_key = models.CharField(max_length=12, blank=True)
    outcome = models.CharField(max_length=20, choices=Outcome.choices)
    amount = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    currency = models.CharField(max_length=3)
    reason = models.CharField(max_length=300)
    conditions = models.JSONField(default=list)
    authority = models.CharField(max_length=300)
    policy_version = models.PositiveIntegerField()
    quorum = models.JSONField(default=dict)
    tally = models.JSONField(default=dict)
    effects = models.JSONField(default=dict)
    decided_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="+")
    second_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        ordering = ("decided_at", "id")
        constraints = (
            models.CheckConstraint(
                name="decision_by_two_people", condition=Q(second_by__isnull=True) | ~Q(second_by=F("decided_by"))
            ),
            models.CheckConstraint(
                name="decision_signed_as_its_route_asks",
                condition=~Q(route__in=["finops", "board"]) | Q(second_by__isnull=False),
            ),
            models.CheckConstraint(name="decision_amount_not_negative", condition=Q(amount__gte=0)),
        )

    def __str__(self) -> str:
        return self.reference

    @property
    def audit_stream(self) -> str:
        """Return the stream of the initiative."""
        return self.initiative.audit_stream

    @property
    def is_delegated(self) -> bool:
        """Say whether it was made below the chair, by delegation: listed in the next consent block."""
        return self.route in DELEGATED

    @property
    def kind_words(self) -> str:
        """Return what kind of decision it is."""
        if self.is_delegated:
            return "Delegated decision"
        return {Route.CHAIR: "Chair's action", Route.BOARD: "Decision of the executive board"}.get(
            Route(self.route), "Decision of the council"
        )
