"""Conditions of decisions."""

from datetime import date, datetime

from django.db import models
from django.db.models import F, Q
from django_fsm import transition

from projects.common.fields import StateField
from projects.common.triggers import lawful_states

MOVES = (
    ("open", "met"),
    ("met", "open"),
    ("met", "verified"),
    ("open", "waived"),
    ("met", "waived"),
)


class ConditionState(models.TextChoices):
    """Where a condition stands."""

    OPEN = "open", "Open"
    MET = "met", "Said to be met"
    VERIFIED = "verified", "Verified"
    WAIVED = "waived", "Waived"


class Blocks(models.TextChoices):
    """What a condition holds up until it is verified."""

    RELEASE = "release", "Blocks the release"
    NEXT_GATE = "next_gate", "Blocks the next gate"
    NOTHING = "nothing", "Blocks nothing"


class ConditionQuerySet(models.QuerySet["Condition"]):
    """Conditions by what is left to do."""

    def open(self) -> "ConditionQuerySet":
        """Return those that are neither verified nor waived."""
        return self.filter(state__in=[ConditionState.OPEN, ConditionState.MET])

    def overdue(self, *, on: date) -> "ConditionQuerySet":
        """Return open ones whose due date lies before a day."""
        return self.open().filter(due_on__lt=on)


class Condition(models.Model):
    """One condition of one decision."""

    initiative = models.ForeignKey("projects.Initiative", on_delete=models.PROTECT, related_name="conditions")
    number = models.PositiveSmallIntegerField()
    text = models.TextField()
    owner = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="conditions_owed")
    verifier = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="conditions_to_verify")
    due_on = models.DateField()
    blocks = models.CharField(max_length=10, choices=Blocks.choices)
    decision_reference = models.CharField(max_length=30)
    state = StateField(max_length=10, choices=ConditionState.choices, default=ConditionState.OPEN, protected=True)
    created_at = models.DateTimeField()
    evidence = models.TextField(blank=True)
    evidence_hash = models.CharField(max_length=64, blank=True)
    met_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    met_at = models.DateTimeField(null=True, blank=True)
    returned_reason = models.TextField(blank=True)
    verified_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    verified_at = models.DateTimeField(null=True, blank=True)
    waived_by_decision = models.CharField(max_length=30, blank=True)

    objects = ConditionQuerySet.as_manager()

    class Meta:
        ordering = ("initiative_id", "number")
        constraints = (
            models.UniqueConstraint(name="condition_number", fields=["initiative", "number"]),
            models.CheckConstraint(name="condition_verifier_not_owner", condition=~Q(verifier=F("owner"))),
            models.CheckConstraint(name="condition_names_its_decision", condition=~Q(decision_reference="")),
            models.CheckConstraint(
                name="condition_met_whole",
                condition=~Q(state__in=["met", "verified"])
                | Q(met_by__isnull=False, met_at__isnull=False) & ~Q(evidence=""),
            ),
            models.CheckConstraint(
                name="condition_verified_whole",
                condition=Q(state="verified", verified_by__isnull=False, verified_at__isnull=False)
                | ~Q(state="verified") & Q(verified_by__isnull=True, verified_at__isnull=True),
            ),
            models.CheckConstraint(
                name="condition_verified_by_another",
                condition=Q(verified_by__isnull=True) | ~Q(verified_by=F("met_by")) & ~Q(verified_by=F("owner")),
            ),
            models.CheckConstraint(
                name="condition_waived_by_decision", condition=~Q(state="waived") | ~Q(waived_by_decision="")
            ),
        )
        indexes = (models.Index(name="condition_due", fields=["state", "due_on"]),)
        triggers = lawful_states("state", start="open", moves=MOVES)

    def __str__(self) -> str:
        return f"Condition {self.number}: {self.text}"[:120]

    @property
    def audit_stream(self) -> str:
        """Return the initiative's stream."""
        return self.initiative.audit_stream

    @transition(field=state, source=ConditionState.OPEN, target=ConditionState.MET)
    def meet(self, *, by_id: int, at: datetime, evidence: str, evidence_hash: str) -> None:
        """Say that it is met, and what shows it."""
        self.met_by_id, self.met_at, self.evidence, self.evidence_hash = by_id, at, evidence, evidence_hash

    @transition(field=state, source=ConditionState.MET, target=ConditionState.OPEN)
    def give_back(self, *, reason: str) -> None:
        """Ask for more."""
        self.met_by_id, self.met_at, self.returned_reason = None, None, reason

    @transition(field=state, source=ConditionState.MET, target=ConditionState.VERIFIED)
    def verify(self, *, by_id: int, at: datetime) -> None:
        """Confirm it."""
        self.verified_by_id, self.verified_at = by_id, at

    @transition(field=state, source=[ConditionState.OPEN, ConditionState.MET], target=ConditionState.WAIVED)
    def waive(self, *, decision_reference: str) -> None:
        """Let it go, by a later decision."""
        self.waived_by_decision = decision_reference
