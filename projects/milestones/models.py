"""Milestones and the dates that decisions set for them."""

from datetime import date, datetime

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django_fsm import transition

from projects.common.fields import StateField
from projects.common.models import AppendOnly
from projects.common.triggers import lawful_states
from projects.milestones.rules import MOVES

JUDGES_WITHOUT_INTEREST = """
IF EXISTS (
    SELECT 1 FROM projects_initiative i
    WHERE i.id = NEW.initiative_id AND NEW.accepted_by_id IN
        (i.business_owner_id, i.technical_owner_id, i.budget_owner_id, i.sponsor_id)
) OR EXISTS (
    SELECT 1 FROM projects_participation p
    WHERE p.initiative_id = NEW.initiative_id AND p.user_id = NEW.accepted_by_id
) THEN
    RAISE EXCEPTION 'A milestone is accepted by somebody without an interest in the initiative';
END IF;
RETURN NEW;
"""


class MilestoneState(models.TextChoices):
    """Where a milestone stands."""

    PLANNED = "planned", "Planned"
    DELIVERED = "delivered", "Delivered"
    ACCEPTED = "accepted", "Met"
    CANCELLED = "cancelled", "Cancelled"


class MilestoneQuerySet(models.QuerySet["Milestone"]):
    """Milestones by what is left to do."""

    def open(self) -> "MilestoneQuerySet":
        """Return those that are neither accepted nor cancelled."""
        return self.filter(state__in=[MilestoneState.PLANNED, MilestoneState.DELIVERED])

    def overdue(self, *, on: date) -> "MilestoneQuerySet":
        """Return open ones whose baselined date lies before a day."""
        return self.open().filter(baselined_due_on__lt=on)


class Milestone(models.Model):
    """One promise of an initiative: what will be shown, how it is tested, and when."""

    initiative = models.ForeignKey("projects.Initiative", on_delete=models.PROTECT, related_name="milestones")
    sequence = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=200)
    acceptance_test = models.TextField()
    measure = models.CharField(max_length=200, blank=True, help_text="What is measured: recall at or above 70%.")
    baselined_due_on = models.DateField(null=True, blank=True)
    forecast_due_on = models.DateField(null=True, blank=True)
    decision_reference = models.CharField(max_length=30, blank=True)
    state = StateField(max_length=10, choices=MilestoneState.choices, default=MilestoneState.PLANNED, protected=True)
    delivered_on = models.DateField(null=True, blank=True)
    delivered_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    evidence = models.TextField(blank=True)
    rework_count = models.PositiveSmallIntegerField(default=0)
    rework_reason = models.TextField(blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    cancelled_at = models.DateTimeField(null=True, blank=True)

    objects = MilestoneQuerySet.as_manager()

    class Meta:
        ordering = ("initiative_id", "sequence")
        constraints = (
            models.UniqueConstraint(name="milestone_sequence", fields=["initiative", "sequence"]),
            models.CheckConstraint(name="milestone_sequence_counts", condition=Q(sequence__gte=1)),
            models.CheckConstraint(
                name="milestone_delivery_whole",
                condition=Q(state__in=["planned", "cancelled"])
                | Q(delivered_on__isnull=False, delivered_by__isnull=False),
            ),
            models.CheckConstraint(
                name="milestone_acceptance_whole",
                condition=Q(state="accepted", accepted_at__isnull=False, accepted_by__isnull=False)
                | ~Q(state="accepted") & Q(accepted_at__isnull=True, accepted_by__isnull=True),
            ),
            models.CheckConstraint(
                name="milestone_accepted_by_another",
                condition=Q(accepted_by__isnull=True) | ~Q(accepted_by=F("delivered_by")),
            ),
            models.CheckConstraint(
                name="milestone_baseline_decided",
                condition=Q(baselined_due_on__isnull=True) | ~Q(decision_reference=""),
            ),
            models.CheckConstraint(
                name="milestone_cancellation_whole",
                condition=Q(state="cancelled", cancelled_at__isnull=False)
                | ~Q(state="cancelled") & Q(cancelled_at__isnull=True),
            ),
        )
        indexes = (models.Index(name="milestone_due", fields=["baselined_due_on"]),)
        triggers = (
            *lawful_states("state", start="planned", moves=MOVES),
            pgtrigger.Trigger(
                name="judged_without_interest",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(new__state="accepted") & ~pgtrigger.Q(old__state="accepted"),
                func=JUDGES_WITHOUT_INTEREST,
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def audit_stream(self) -> str:
        """Return the initiative's stream."""
        return self.initiative.audit_stream

    @property
    def is_open(self) -> bool:
        """Say whether it is still to be delivered or judged."""
        return self.state in {MilestoneState.PLANNED, MilestoneState.DELIVERED}

    @transition(field=state, source=MilestoneState.PLANNED, target=MilestoneState.DELIVERED)
    def deliver(self, *, on: date, by_id: int, evidence: str) -> None:
        """Say that it is there, with what shows it."""
        self.delivered_on, self.delivered_by_id, self.evidence = on, by_id, evidence

    @transition(field=state, source=MilestoneState.DELIVERED, target=MilestoneState.PLANNED)
    def send_back(self, *, reason: str) -> None:
        """Ask for rework; from now on the day of acceptance counts, not of delivery."""
        self.rework_count += 1
        self.rework_reason, self.delivered_on, self.delivered_by_id = reason, None, None

    @transition(field=state, source=MilestoneState.DELIVERED, target=MilestoneState.ACCEPTED)
    def accept(self, *, by_id: int, at: datetime) -> None:
        """Find it met."""
        self.accepted_by_id, self.accepted_at = by_id, at

    @transition(field=state, source=[MilestoneState.PLANNED, MilestoneState.DELIVERED], target=MilestoneState.CANCELLED)
    def cancel(self, *, at: datetime) -> None:
        """Take it out of the plan, by decision."""
        self.cancelled_at = at


class MilestoneBaseline(AppendOnly):
    """A due date that a decision set; the date before it stays readable."""

    milestone = models.ForeignKey(Milestone, on_delete=models.PROTECT, related_name="baselines")
    due_on = models.DateField()
    previous_due_on = models.DateField(null=True, blank=True)
    decision_reference = models.CharField(max_length=30)
    at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        ordering = ("at", "id")
        constraints = (
            models.CheckConstraint(name="baseline_names_its_decision", condition=~Q(decision_reference="")),
            models.UniqueConstraint(name="one_baseline_a_decision", fields=["milestone", "decision_reference"]),
        )

    def __str__(self) -> str:
        return f"{self.milestone_id} due {self.due_on} by {self.decision_reference}"
