"""Estimates and their lines."""

from django.db import models
from django.db.models import F, Q

from projects.common.models import AppendOnly
from projects.estimates.rules import LAYERS, LINES, Line

LARGEST = 10**15  # NaN sorts above every number, so an upper bound refuses it


def _rises(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        name=name, condition=Q(low__gte=0, likely__gte=F("low"), high__gte=F("likely"), high__lt=LARGEST)
    )


class Estimate(AppendOnly):
    """One version of what an initiative will cost a month, with the price sheet that it was made against."""

    initiative = models.ForeignKey("projects.Initiative", on_delete=models.PROTECT, related_name="estimates")
    version = models.PositiveSmallIntegerField()
    low = models.DecimalField(max_digits=18, decimal_places=2)
    likely = models.DecimalField(max_digits=18, decimal_places=2)
    high = models.DecimalField(max_digits=18, decimal_places=2)
    currency = models.CharField(max_length=3)
    price_sheet_version = models.CharField(max_length=60)
    assumptions = models.JSONField(default=dict, blank=True)
    made_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        ordering = ("initiative_id", "version")
        constraints = (
            models.UniqueConstraint(name="estimate_version", fields=["initiative", "version"]),
            models.CheckConstraint(name="estimate_currency_iso", condition=Q(currency__regex=r"^[A-Z]{3}$")),
            models.CheckConstraint(name="estimate_names_its_prices", condition=~Q(price_sheet_version="")),
            _rises("estimate_rises"),
        )

    def __str__(self) -> str:
        return f"Estimate {self.version}"

    @property
    def audit_stream(self) -> str:
        """Return the initiative's stream."""
        return self.initiative.audit_stream

    @property
    def figures(self) -> list[Line]:
        """Return its lines as the rules take them."""
        return [Line(row.code, row.layer, row.low, row.likely, row.high, row.note) for row in self.lines.all()]


class EstimateLine(AppendOnly):
    """One of the nine lines of full cost, with its cost layer."""

    estimate = models.ForeignKey(Estimate, on_delete=models.PROTECT, related_name="lines")
    code = models.CharField(max_length=20, choices=[(code, name) for code, (name, _) in LINES.items()])
    layer = models.CharField(max_length=14, choices=[(layer, layer) for layer in LAYERS])
    low = models.DecimalField(max_digits=18, decimal_places=2)
    likely = models.DecimalField(max_digits=18, decimal_places=2)
    high = models.DecimalField(max_digits=18, decimal_places=2)
    note = models.CharField(max_length=200, blank=True)

    class Meta(AppendOnly.Meta):
        ordering = ("estimate_id", "id")
        constraints = (
            models.UniqueConstraint(name="estimate_line_once", fields=["estimate", "code"]),
            _rises("estimate_line_rises"),
        )

    def __str__(self) -> str:
        return self.get_code_display()
