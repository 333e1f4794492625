"""Policy versions and who acknowledged which."""

from datetime import date, datetime

from django.db import models
from django.db.models import F, Q
from django_fsm import transition

from projects.common.fields import StateField
from projects.common.triggers import lawful_states


class PolicyState(models.TextChoices):
    """Where a version stands; it binds from ``effective_on`` once approved."""

    DRAFT = "draft", "Draft"
    PROPOSED = "proposed", "Proposed"
    APPROVED = "approved", "Approved"
    WITHDRAWN = "withdrawn", "Withdrawn"


class PolicyVersion(models.Model):
    """One numbered set of thresholds."""

    number = models.PositiveIntegerField(unique=True)
    state = StateField(max_length=12, choices=PolicyState.choices, default=PolicyState.DRAFT, protected=True)
    values = models.JSONField()
    reason = models.TextField(blank=True)
    revision = models.PositiveIntegerField(default=1)
    effective_on = models.DateField(null=True, blank=True)
    drafted_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField()
    proposed_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("number",)
        constraints = (
            models.CheckConstraint(
                name="policy_approved_by_another",
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("drafted_by")),
            ),
            models.CheckConstraint(
                name="policy_approval_whole",
                condition=~Q(state="approved")
                | Q(approved_by__isnull=False, approved_at__isnull=False, effective_on__isnull=False),
            ),
        )
        triggers = lawful_states(
            "state",
            start="draft",
            moves=[
                ("draft", "proposed"),
                ("proposed", "draft"),
                ("proposed", "approved"),
                ("draft", "withdrawn"),
                ("proposed", "withdrawn"),
            ],
        )

    def __str__(self) -> str:
        return f"Policy version {self.number}"

    @property
    def audit_stream(self) -> str:
        """Return the stream that all versions share."""
        return "policy"

    @transition(field=state, source=PolicyState.DRAFT, target=PolicyState.PROPOSED)
    def propose(self, *, at: datetime) -> None:
        """Ask for a second person's approval."""
        self.proposed_at = at

    @transition(field=state, source=PolicyState.PROPOSED, target=PolicyState.DRAFT)
    def reopen(self) -> None:
        """Take it back to be edited."""
        self.proposed_at = None

    @transition(field=state, source=PolicyState.PROPOSED, target=PolicyState.APPROVED)
    def approve(self, *, by_id: int, at: datetime, effective_on: date) -> None:
        """Bind from a date on."""
        self.approved_by_id, self.approved_at, self.effective_on = by_id, at, effective_on

    @transition(field=state, source=[PolicyState.DRAFT, PolicyState.PROPOSED], target=PolicyState.WITHDRAWN)
    def withdraw(self) -> None:
        """Give it up."""


class PolicyAcknowledgement(models.Model):
    """An owner read a policy version."""

    user = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="acknowledgements")
    version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="acknowledgements")
    at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(name="acknowledged_once", fields=["user", "version"]),)

    def __str__(self) -> str:
        return f"{self.user} read {self.version}"
