"""Lines of full cost that no bill shows."""

from datetime import datetime

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django_fsm import transition

from projects.common.fields import ExactField, StateField
from projects.common.triggers import lawful_states
from projects.estimates.rules import LINES

KINDS = [(code, name) for code, (name, _) in LINES.items()]


class LineState(models.TextChoices):
    """A line counts once finance has confirmed it."""

    PROPOSED = "proposed", "Proposed"
    CONFIRMED = "confirmed", "Confirmed"
    DECLINED = "declined", "Declined"


class HarnessLineQuerySet(models.QuerySet["HarnessLine"]):
    """Lines by state."""

    def counting(self) -> "HarnessLineQuerySet":
        """Return the confirmed ones, those that take others back too."""
        return self.filter(state=LineState.CONFIRMED)

    def waiting(self) -> "HarnessLineQuerySet":
        """Return those that nobody has decided."""
        return self.filter(state=LineState.PROPOSED)


class HarnessLine(models.Model):
    """What one kind of work cost an initiative in a month; below zero where it takes another line back."""

    initiative = models.ForeignKey("projects.Initiative", on_delete=models.PROTECT, related_name="harness_lines")
    month = models.DateField(help_text="Its first day.")
    kind = models.CharField(max_length=30, choices=KINDS)
    amount = ExactField()
    currency = models.CharField(max_length=3)
    note = models.TextField(help_text="What it pays for, and how the figure was found.")
    takes_back = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="taken_back_by"
    )
    state = StateField(max_length=10, choices=LineState.choices, default=LineState.PROPOSED, protected=True)
    proposed_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = HarnessLineQuerySet.as_manager()

    class Meta:
        ordering = ("-month", "pk")
        constraints = (
            models.CheckConstraint(name="harness_month_is_a_first", condition=Q(month__day=1)),
            models.CheckConstraint(name="harness_kind_known", condition=Q(kind__in=[*LINES])),
            models.CheckConstraint(name="harness_currency_iso", condition=Q(currency__regex=r"^[A-Z]{3}$")),
            models.CheckConstraint(name="harness_note_given", condition=~Q(note="")),
            models.CheckConstraint(
                name="harness_negative_takes_back",
                condition=Q(amount__gt=0, takes_back__isnull=True) | Q(amount__lt=0, takes_back__isnull=False),
            ),
            models.CheckConstraint(
                name="harness_decided_whole",
                condition=Q(state="proposed", decided_by__isnull=True, decided_at__isnull=True)
                | ~Q(state="proposed") & Q(decided_by__isnull=False, decided_at__isnull=False),
            ),
            models.CheckConstraint(
                name="harness_negative_by_two",
                condition=Q(amount__gt=0) | ~Q(state="confirmed") | ~Q(decided_by=F("proposed_by")),
            ),
            models.UniqueConstraint(
                name="harness_taken_back_once",
                fields=["takes_back"],
                condition=Q(takes_back__isnull=False) & ~Q(state="declined"),
            ),
        )
        triggers = (
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="line_fixed",
                fields=[
                    "initiative",
                    "month",
                    "kind",
                    "amount",
                    "currency",
                    "note",
                    "takes_back",
                    "proposed_by",
                    "proposed_at",
                ],
            ),
            *lawful_states("state", start="proposed", moves=[("proposed", "confirmed"), ("proposed", "declined")]),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.month:%B %Y}"

    @property
    def audit_stream(self) -> str:
        """Return the initiative's stream."""
        return self.initiative.audit_stream

    @transition(field=state, source=LineState.PROPOSED, target=LineState.CONFIRMED)
    def confirm(self, *, by_id: int, at: datetime) -> None:
        """Let it count."""
        self.decided_by_id, self.decided_at = by_id, at

    @transition(field=state, source=LineState.PROPOSED, target=LineState.DECLINED)
    def decline(self, *, by_id: int, at: datetime) -> None:
        """Leave it out."""
        self.decided_by_id, self.decided_at = by_id, at
