"""Price sheets as they were taken, prices of our own contracts, and the catalogue of models."""

from datetime import date, datetime

from django.db import models
from django.db.models import F, Q
from django_fsm import transition

from projects.common.fields import ExactField, StateField
from projects.common.models import AppendOnly
from projects.common.triggers import lawful_states
from projects.initiatives.choices import ModelTier


class PriceSheet(AppendOnly):
    """A snapshot of public prices, kept whole as its gzipped document."""

    source = models.CharField(max_length=120)
    taken_on = models.DateField(unique=True)
    sha256 = models.CharField(max_length=64, unique=True)
    entries = models.PositiveIntegerField()
    content = models.BinaryField()
    loaded_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    loaded_at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        ordering = ("-taken_on",)

    def __str__(self) -> str:
        return f"Prices of {self.taken_on}, {self.source}"


class OverrideState(models.TextChoices):
    """An override counts once a second person has approved it."""

    PROPOSED = "proposed", "Proposed"
    APPROVED = "approved", "Approved"
    WITHDRAWN = "withdrawn", "Withdrawn"


class OverrideQuerySet(models.QuerySet["PriceOverride"]):
    """Overrides by state and day."""

    def valid(self, *, on: date) -> "OverrideQuerySet":
        """Return the approved ones in force on a day; the last day is not included."""
        open_or_later = Q(valid_to__isnull=True) | Q(valid_to__gt=on)
        return self.filter(open_or_later, state=OverrideState.APPROVED, valid_from__lte=on)


class PriceOverride(models.Model):
    """What our contract says one unit of a model costs, from one day to before another."""

    provider = models.CharField(max_length=80)
    model_pattern = models.CharField(max_length=120, help_text="A model's name; * stands for any text.")
    price_key = models.CharField(max_length=40)
    price = ExactField(help_text="For a million tokens, or for the unit's own number.")
    currency = models.CharField(max_length=3)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True, help_text="The first day on which it no longer holds.")
    reason = models.TextField()
    state = StateField(max_length=10, choices=OverrideState.choices, default=OverrideState.PROPOSED, protected=True)
    proposed_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    approved_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)

    objects = OverrideQuerySet.as_manager()

    class Meta:
        ordering = ("provider", "model_pattern", "price_key", "valid_from")
        constraints = (
            models.CheckConstraint(name="override_price_not_negative", condition=Q(price__gte=0)),
            models.CheckConstraint(name="override_currency_iso", condition=Q(currency__regex=r"^[A-Z]{3}$")),
            models.CheckConstraint(
                name="override_ends_after_it_starts",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
            ),
            models.CheckConstraint(
                name="override_approved_by_another",
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="override_approval_whole",
                condition=~Q(state="approved") | Q(approved_by__isnull=False, approved_at__isnull=False),
            ),
        )
        triggers = lawful_states("state", start="proposed", moves=[("proposed", "approved"), ("proposed", "withdrawn")])

    def __str__(self) -> str:
        return f"{self.provider} {self.model_pattern}: {self.price_key} {self.price:f} {self.currency}"

    @property
    def audit_stream(self) -> str:
        """Return the stream that all prices share."""
        return "prices"

    @transition(field=state, source=OverrideState.PROPOSED, target=OverrideState.APPROVED)
    def approve(self, *, by_id: int, at: datetime) -> None:
        """Let it count, by a second person."""
        self.approved_by_id, self.approved_at = by_id, at

    @transition(field=state, source=OverrideState.PROPOSED, target=OverrideState.WITHDRAWN)
    def withdraw(self) -> None:
        """Give it up before it counted."""


class ModelStatus(models.TextChoices):
    """Whether the organisation lets a model be used."""

    APPROVED = "approved", "Approved"
    TRIAL = "trial", "Trial"
    RETIRING = "retiring", "Retiring"
    BARRED = "barred", "Barred"


class ModelEntryQuerySet(models.QuerySet["ModelEntry"]):
    """Catalogue entries by status and review."""

    def usable(self) -> "ModelEntryQuerySet":
        """Return those that new work may choose."""
        return self.filter(status__in=[ModelStatus.APPROVED, ModelStatus.TRIAL])

    def due_for_review(self, *, on: date) -> "ModelEntryQuerySet":
        """Return those whose review day has come."""
        return self.filter(review_on__lte=on).exclude(status=ModelStatus.BARRED)


class ModelEntry(models.Model):
    """One model in the catalogue; use of a model outside it is a finding."""

    provider = models.CharField(max_length=80)
    model = models.CharField(max_length=120)
    version = models.CharField(max_length=60, blank=True)
    tier = models.CharField(max_length=10, choices=ModelTier.choices)
    status = models.CharField(max_length=10, choices=ModelStatus.choices)
    reviewed_on = models.DateField(null=True, blank=True, help_text="When provider and data handling were reviewed.")
    review_on = models.DateField(help_text="When the review is due again.")
    review_note = models.TextField(blank=True)
    rate_limit = models.CharField(max_length=120, blank=True)
    benchmark = models.CharField(max_length=200, blank=True)
    entered_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    entered_at = models.DateTimeField()

    objects = ModelEntryQuerySet.as_manager()

    class Meta:
        ordering = ("provider", "model")
        constraints = (models.UniqueConstraint(name="model_entered_once", fields=["provider", "model"]),)

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """Return provider and model as shortlists write them: ``openai:gpt-4o``."""
        return f"{self.provider}:{self.model}"

    @property
    def audit_stream(self) -> str:
        """Return the stream that all prices share."""
        return "prices"
