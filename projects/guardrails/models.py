"""One guardrail of one initiative."""

from decimal import Decimal

from django.db import models
from django.db.models import F, Q

from projects.guardrails.rules import DEFINITIONS, Definition, is_filled, number_of


class ProofState(models.TextChoices):
    """What imported rows say."""

    UNPROVED = "unproved", "Not proved yet"
    PROVED = "proved", "Proved"
    FAILED = "failed", "Failed"


class Guardrail(models.Model):
    """A limit with its value, unit, source and last proof."""

    initiative = models.ForeignKey("projects.Initiative", on_delete=models.PROTECT, related_name="guardrails")
    code = models.CharField(max_length=20, choices=[(row.code, row.title) for row in DEFINITIONS.values()])
    value = models.CharField(max_length=400, blank=True)
    unit = models.CharField(max_length=60, blank=True)
    source = models.CharField(max_length=200, blank=True, help_text="Where it is set: gateway, provider console, code.")
    not_applicable = models.CharField(max_length=400, blank=True)
    proof_state = models.CharField(max_length=10, choices=ProofState.choices, default=ProofState.UNPROVED)
    proof_figure = models.CharField(max_length=60, blank=True)
    proof_note = models.TextField(blank=True)
    last_proof_at = models.DateTimeField(null=True, blank=True)
    evidence = models.TextField(blank=True)
    evidence_hash = models.CharField(max_length=64, blank=True)
    evidence_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    evidence_at = models.DateTimeField(null=True, blank=True)
    judged_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    revision = models.PositiveIntegerField(default=1)
    set_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(name="guardrail_once", fields=["initiative", "code"]),
            models.CheckConstraint(
                name="guardrail_proof_has_time",
                condition=Q(proof_state="unproved", last_proof_at__isnull=True)
                | ~Q(proof_state="unproved") & Q(last_proof_at__isnull=False),
            ),
            models.CheckConstraint(
                name="guardrail_evidence_whole",
                condition=Q(evidence="", evidence_hash="", evidence_by__isnull=True, evidence_at__isnull=True)
                | ~Q(evidence="") & ~Q(evidence_hash="") & Q(evidence_by__isnull=False, evidence_at__isnull=False),
            ),
            models.CheckConstraint(
                name="guardrail_judged_by_another",
                condition=Q(judged_by__isnull=True) | Q(evidence_by__isnull=True) | ~Q(judged_by=F("evidence_by")),
            ),
            models.CheckConstraint(name="guardrail_value_or_reason", condition=Q(value="") | Q(not_applicable="")),
        )

    def __str__(self) -> str:
        return f"{self.definition.title} of {self.initiative.key}"

    @property
    def audit_stream(self) -> str:
        """Return the initiative's stream."""
        return self.initiative.audit_stream

    @property
    def definition(self) -> Definition:
        """Return what this guardrail is."""
        return DEFINITIONS[self.code]

    @property
    def amount(self) -> Decimal | None:
        """Return the value as a number where it is one."""
        return number_of(self.value) if self.definition.is_number else None

    @property
    def is_filled(self) -> bool:
        """Say whether the value is known or does not apply."""
        return is_filled(self.value, self.not_applicable)
