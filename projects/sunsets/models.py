"""Structured sunset criteria of an initiative."""

import pgtrigger
from django.db import models
from django.db.models import Q

from projects.sunsets.rules import BY_FIGURE, BY_PERIODS, DAY, KPI, MOST_PERIODS

LARGEST = 10**15  # NaN sorts above every number, so an upper bound refuses it


class SunsetKind(models.TextChoices):
    """What data can prove."""

    KPI = "kpi_below_floor", "A KPI misses its floor, or its ceiling"
    UNIT_COST = "unit_cost_over", "Cost per outcome is above an amount"
    SPEND_OVER = "spend_over", "30 days cost more than an amount"
    SPEND_UNDER = "spend_under", "30 days cost less than an amount"
    DAY = "date_reached", "A day is reached"
    NO_USERS = "no_active_users", "Nobody uses it"


class SunsetCriterion(models.Model):
    """One criterion: written once, retired when it no longer holds, never changed."""

    initiative = models.ForeignKey("projects.Initiative", on_delete=models.PROTECT, related_name="sunset_when")
    kind = models.CharField(max_length=16, choices=SunsetKind.choices)
    card = models.ForeignKey("projects.KpiCard", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    figure = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)
    periods = models.PositiveSmallIntegerField(null=True, blank=True)
    day = models.DateField(null=True, blank=True)
    set_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(name="sunset_by_card", condition=~Q(kind=KPI) | Q(card__isnull=False)),
            models.CheckConstraint(
                name="sunset_by_figure", condition=~Q(kind__in=BY_FIGURE) | Q(figure__gte=0, figure__lt=LARGEST)
            ),
            models.CheckConstraint(
                name="sunset_by_periods",
                condition=~Q(kind__in=BY_PERIODS) | Q(periods__gte=1, periods__lte=MOST_PERIODS),
            ),
            models.CheckConstraint(name="sunset_by_day", condition=~Q(kind=DAY) | Q(day__isnull=False)),
        )
        triggers = (
            pgtrigger.ReadOnly(
                name="criterion_stays",
                fields=["initiative", "kind", "card", "figure", "periods", "day", "set_by", "set_at"],
            ),
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
        )

    def __str__(self) -> str:
        return str(self.get_kind_display())

    @property
    def audit_stream(self) -> str:
        """Return the initiative's stream."""
        return self.initiative.audit_stream

    @property
    def words(self) -> str:
        """Say the criterion with what it is held to: Claims cleared misses its floor."""
        return f"{self.card.name}: {self}" if self.card is not None else str(self)
