"""Gate templates and their criteria."""

from datetime import date, datetime

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django_fsm import transition

from projects.common.fields import StateField
from projects.common.triggers import lawful_states
from projects.gates.choices import ProofKind, TemplateState, Waiver
from projects.gates.template_rules import TEMPLATE_MOVES


class GateTemplate(models.Model):
    """A numbered set of criteria; requests in flight keep theirs."""

    version = models.PositiveIntegerField(unique=True)
    state = StateField(max_length=10, choices=TemplateState.choices, default=TemplateState.DRAFT, protected=True)
    reason = models.TextField(blank=True)
    is_shipped = models.BooleanField(default=False, help_text="The template that comes with the product.")
    effective_on = models.DateField(null=True, blank=True)
    drafted_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, null=True, related_name="+")
    drafted_at = models.DateTimeField()
    approved_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=0)
    edited_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("version",)
        constraints = (
            models.UniqueConstraint(name="one_template_draft", fields=["state"], condition=Q(state="draft")),
            models.CheckConstraint(
                name="template_approved_by_another",
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("drafted_by")),
            ),
            models.CheckConstraint(
                name="template_approval_whole",
                condition=~Q(state="approved")
                | Q(effective_on__isnull=False, approved_at__isnull=False, is_shipped=True)
                | Q(
                    effective_on__isnull=False,
                    approved_at__isnull=False,
                    approved_by__isnull=False,
                    drafted_by__isnull=False,
                ),
            ),
        )
        triggers = lawful_states("state", start="draft", moves=TEMPLATE_MOVES)

    def __str__(self) -> str:
        return f"Gate template {self.version}"

    @property
    def audit_stream(self) -> str:
        """Return the stream that all versions share."""
        return "gate-templates"

    @transition(field=state, source=TemplateState.DRAFT, target=TemplateState.APPROVED)
    def approve(self, *, by_id: int | None, at: datetime, effective_on: date) -> None:
        """Bind requests drafted from a date on."""
        self.approved_by_id, self.approved_at, self.effective_on = by_id, at, effective_on

    @transition(field=state, source=TemplateState.DRAFT, target=TemplateState.WITHDRAWN)
    def withdraw(self) -> None:
        """Give the draft up."""


class Criterion(models.Model):
    """One line of a template. ``condition`` maps an initiative's field to the values under which it applies."""

    template = models.ForeignKey(GateTemplate, on_delete=models.PROTECT, related_name="criteria")
    gate = models.CharField(max_length=16)
    code = models.CharField(max_length=40)
    text = models.TextField()
    must = models.BooleanField()
    proof = models.CharField(max_length=1, choices=ProofKind.choices)
    check_name = models.CharField(max_length=40, blank=True)
    topic = models.CharField(max_length=20, blank=True)
    freshness_days = models.PositiveIntegerField(null=True, blank=True, help_text="Default: the policy's.")
    condition = models.JSONField(default=dict, blank=True)
    waiver = models.CharField(max_length=8, choices=Waiver.choices, default=Waiver.COUNCIL)
    position = models.PositiveIntegerField()

    class Meta:
        ordering = ("position", "id")
        constraints = (
            models.UniqueConstraint(name="criterion_once", fields=["template", "gate", "code"]),
            models.CheckConstraint(name="computed_criterion_names_check", condition=~Q(proof="c") | ~Q(check_name="")),
            models.CheckConstraint(
                name="criterion_freshness_above_zero",
                condition=Q(freshness_days__isnull=True) | Q(freshness_days__gt=0),
            ),
        )
        triggers = (
            pgtrigger.Trigger(
                name="approved_template_stands",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                func=(
                    "IF EXISTS (SELECT 1 FROM projects_gatetemplate WHERE state <> 'draft' AND id = "
                    "(CASE WHEN TG_OP = 'DELETE' THEN OLD.template_id ELSE NEW.template_id END)) THEN "
                    "RAISE EXCEPTION 'Criteria of a gate template change only in a draft'; END IF; "
                    "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;"
                ),
            ),
        )

    def __str__(self) -> str:
        return self.text
