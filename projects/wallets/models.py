"""What the parts of deliveries say of wallets and of unused commitments, a day a row; never changed, replaced with its part."""

from django.db import models
from django.db.models import Q

from projects.common.fields import ExactField
from projects.common.models import AppendOnly


class WalletDay(AppendOnly):
    """Units bought and used on one day, with what was billed for them and what their use costs."""

    part = models.ForeignKey("projects.DeliveryPart", on_delete=models.PROTECT, related_name="wallet_days")
    provider = models.TextField(blank=True)
    unit = models.TextField()
    day = models.DateField()
    currency = models.CharField(max_length=3)
    bought = ExactField(default=0)
    used = ExactField(default=0)
    paid = ExactField(default=0, help_text="Billed for what was bought.")
    drawn = ExactField(default=0, help_text="Effective cost of what was used.")
    is_priced_in = models.BooleanField(help_text="Some use is priced in this unit.")

    class Meta(AppendOnly.Meta):
        ordering = ("day", "pk")
        constraints = (
            models.UniqueConstraint(name="wallet_day_once", fields=["part", "provider", "unit", "day", "currency"]),
            models.CheckConstraint(name="wallet_unit_named", condition=~Q(unit="")),
        )

    def __str__(self) -> str:
        return f"{self.unit} of {self.provider} on {self.day}"


class UnusedDay(AppendOnly):
    """What commitments of one service cost on a day on which nobody used them."""

    part = models.ForeignKey("projects.DeliveryPart", on_delete=models.PROTECT, related_name="unused_days")
    provider = models.TextField(blank=True)
    service = models.TextField(blank=True)
    day = models.DateField()
    currency = models.CharField(max_length=3)
    effective_cost = ExactField()

    class Meta(AppendOnly.Meta):
        ordering = ("day", "pk")
        constraints = (
            models.UniqueConstraint(name="unused_day_once", fields=["part", "provider", "service", "day", "currency"]),
        )

    def __str__(self) -> str:
        return f"{self.service} of {self.provider} unused on {self.day}"
