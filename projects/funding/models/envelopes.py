"""Envelopes."""

from datetime import date, timedelta

from django.db import models
from django.db.models import F, Q

from projects.funding.choices import EnvelopeKind
from projects.funding.models.laws import currency_iso


class Envelope(models.Model):
    """Money for a period, from ``starts_on`` up to but not including ``ends_on``; its amount stands in the ledger."""

    kind = models.CharField(max_length=10, choices=EnvelopeKind.choices)
    name = models.CharField(max_length=120, unique=True)
    currency = models.CharField(max_length=3)
    starts_on = models.DateField()
    ends_on = models.DateField()
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    opened_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()

    class Meta:
        ordering = ("starts_on", "name")
        constraints = (
            currency_iso("envelope_currency_iso"),
            models.CheckConstraint(name="envelope_has_days", condition=Q(ends_on__gt=F("starts_on"))),
            models.CheckConstraint(name="envelope_not_its_own_parent", condition=~Q(parent=F("id"))),
            models.CheckConstraint(name="company_envelope_on_top", condition=~Q(kind="company", parent__isnull=False)),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def last_day(self) -> date:
        """Return the last day that it pays for."""
        return self.ends_on - timedelta(days=1)

    @property
    def audit_stream(self) -> str:
        """Return the stream of all envelopes."""
        return "envelopes"
