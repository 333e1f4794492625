"""Quality gates and their readings."""

import pgtrigger
from django.db import models
from django.db.models import F, Q

LARGEST = 10**15  # NaN sorts above every number, so an upper bound refuses it


class QualityKind(models.TextChoices):
    """What a gate watches."""

    QUALITY = "quality", "Quality"
    LATENCY = "latency", "Latency"
    RELIABILITY = "reliability", "Reliability"
    SAFETY = "safety", "Safety"


class Direction(models.TextChoices):
    """On which side of the threshold a figure is good."""

    AT_LEAST = "at_least", "At least"
    AT_MOST = "at_most", "At most"


class QualityGate(models.Model):
    """One measure of an initiative with the threshold that it must keep to."""

    initiative = models.ForeignKey("projects.Initiative", on_delete=models.PROTECT, related_name="quality_gates")
    kind = models.CharField(max_length=12, choices=QualityKind.choices, default=QualityKind.QUALITY)
    metric = models.CharField(max_length=120)
    unit = models.CharField(max_length=40, blank=True)
    threshold = models.DecimalField(max_digits=20, decimal_places=6)
    direction = models.CharField(max_length=8, choices=Direction.choices, default=Direction.AT_LEAST)
    cadence_days = models.PositiveSmallIntegerField(default=30)
    created_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("initiative_id", "kind", "metric")
        constraints = (
            models.UniqueConstraint(
                name="one_live_quality_gate", fields=["initiative", "metric"], condition=Q(retired_at__isnull=True)
            ),
            models.CheckConstraint(
                name="quality_threshold_finite", condition=Q(threshold__gt=-LARGEST, threshold__lt=LARGEST)
            ),
            models.CheckConstraint(name="quality_cadence_counts", condition=Q(cadence_days__gte=1)),
        )

    def __str__(self) -> str:
        return self.metric

    @property
    def audit_stream(self) -> str:
        """Return the initiative's stream."""
        return self.initiative.audit_stream


class QualityReading(models.Model):
    """A figure for a day, with where it comes from; only its verification is added later."""

    gate = models.ForeignKey(QualityGate, on_delete=models.PROTECT, related_name="readings")
    value = models.DecimalField(max_digits=20, decimal_places=6)
    read_on = models.DateField()
    source = models.CharField(max_length=200)
    evidence = models.TextField(blank=True)
    evidence_hash = models.CharField(max_length=64, blank=True)
    is_imported = models.BooleanField(default=False)
    entered_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()
    verified_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    verified_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("gate_id", "read_on", "id")
        constraints = (
            models.CheckConstraint(name="reading_finite", condition=Q(value__gt=-LARGEST, value__lt=LARGEST)),
            models.CheckConstraint(
                name="reading_verified_by_another",
                condition=Q(verified_by__isnull=True) | ~Q(verified_by=F("entered_by")),
            ),
            models.CheckConstraint(
                name="reading_verification_whole",
                condition=Q(verified_by__isnull=True, verified_at__isnull=True)
                | Q(verified_by__isnull=False, verified_at__isnull=False),
            ),
        )
        indexes = (models.Index(name="reading_of_gate", fields=["gate", "-read_on"]),)
        triggers = (
            pgtrigger.ReadOnly(
                name="figure_stays",
                fields=[
                    "gate",
                    "value",
                    "read_on",
                    "source",
                    "evidence",
                    "evidence_hash",
                    "is_imported",
                    "entered_by",
                    "entered_at",
                ],
            ),
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
        )

    def __str__(self) -> str:
        return f"{self.value} on {self.read_on}"

    @property
    def audit_stream(self) -> str:
        """Return the initiative's stream."""
        return self.gate.audit_stream

    @property
    def is_proven(self) -> bool:
        """Say whether it may prove something: imported, or verified by another person."""
        return self.is_imported or self.verified_at is not None
