"""Monthly rates as they were brought in; a newer version of a month and currency counts in place of the older."""

from django.db import models
from django.db.models import Q

from projects.common.fields import ExactField
from projects.common.models import AppendOnly
from projects.rates.rules import Rate


class MonthlyRate(AppendOnly):
    """What so many units of a currency were worth in dollars in a month, who says so, and since when."""

    month = models.DateField(help_text="Its first day.")
    currency = models.CharField(max_length=3)
    version = models.PositiveIntegerField(default=1, help_text="The highest counts.")
    dollars = ExactField(help_text="What the units are worth in US dollars.")
    units = ExactField(help_text="So many units of the currency.")
    source = models.CharField(max_length=200)
    quoted_on = models.DateField(help_text="The day on which the source was read.")
    entered_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        ordering = ("-month", "currency", "-version")
        constraints = (
            models.UniqueConstraint(name="rate_version_once", fields=["month", "currency", "version"]),
            models.CheckConstraint(name="rate_month_is_a_first", condition=Q(month__day=1)),
            models.CheckConstraint(name="rate_currency_iso", condition=Q(currency__regex=r"^[A-Z]{3}$")),
            models.CheckConstraint(name="rate_is_not_of_the_dollar", condition=~Q(currency="USD")),
            models.CheckConstraint(name="rate_positive", condition=Q(dollars__gt=0, units__gt=0)),
            models.CheckConstraint(name="rate_source_named", condition=~Q(source="")),
        )

    def __str__(self) -> str:
        return f"{self.units.normalize():f} {self.currency} = {self.dollars.normalize():f} USD in {self.month:%B %Y}"

    @property
    def rate(self) -> Rate:
        """Return the two numbers as rules take them."""
        return Rate(self.dollars, self.units)

    @property
    def audit_stream(self) -> str:
        """Return the stream that all rates share."""
        return "rates"
