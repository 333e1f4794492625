"""KPI cards, their readings, and value claims."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django_fsm import transition

from projects.common.fields import StateField
from projects.common.models import AppendOnly
from projects.common.triggers import lawful_states
from projects.value.rules import CLAIM_MOVES, card_gaps

LARGEST = 10**15  # NaN sorts above every number, so an upper bound refuses it


class Direction(models.TextChoices):
    """Which way is better."""

    UP = "up", "Higher is better"
    DOWN = "down", "Lower is better"


class Measures(models.TextChoices):
    """What rules read the card for; empty for a card that people read."""

    UNIT_COST = "unit_cost", "Cost per outcome"
    ADOPTION = "adoption", "Adoption"
    MARGIN = "margin", "Margin"
    OUTCOMES = "outcomes", "Outcomes per period"


class Category(models.TextChoices):
    """Kind of benefit."""

    COST = "cost", "Cost efficiency"
    RESILIENCE = "resilience", "Resilience"
    EXPERIENCE = "experience", "User experience"
    PRODUCTIVITY = "productivity", "Productivity"
    SUSTAINABILITY = "sustainability", "Sustainability"
    GROWTH = "growth", "Growth"


class Mechanism(models.TextChoices):
    """How the benefit comes about."""

    COST_DISPLACED = "cost_displaced", "Cost displaced"
    REVENUE = "revenue", "Revenue uplift"
    RETENTION = "retention", "Retention"
    PRICE = "price", "Price"
    CAPACITY = "capacity", "Capacity freed"
    RISK = "risk", "Risk lowered"
    DECISION = "decision", "Decision improved"


class Confidence(models.TextChoices):
    """How sure the team is of the money behind the card."""

    LOW = "low", "Low"
    MEDIUM = "medium", "Medium"
    HIGH = "high", "High"


class Cadence(models.TextChoices):
    """How often a reading is due."""

    WEEKLY = "weekly", "Weekly"
    MONTHLY = "monthly", "Monthly"
    QUARTERLY = "quarterly", "Quarterly"


class KpiCard(models.Model):
    """What is measured, from what to what, and what one unit is worth."""

    initiative = models.ForeignKey("projects.Initiative", on_delete=models.PROTECT, related_name="kpis")
    name = models.CharField(max_length=200)
    formula = models.CharField(max_length=400, blank=True)
    unit = models.CharField(max_length=60)
    direction = models.CharField(max_length=4, choices=Direction.choices)
    measures = models.CharField(max_length=12, choices=Measures.choices, blank=True)
    numerator_source = models.CharField(max_length=200, blank=True)
    denominator_source = models.CharField(max_length=200, blank=True)
    baseline_from = models.DateField(null=True, blank=True)
    baseline_until = models.DateField(null=True, blank=True)
    baseline = models.DecimalField(max_digits=24, decimal_places=6, null=True, blank=True)
    target = models.DecimalField(max_digits=24, decimal_places=6, null=True, blank=True)
    floor = models.DecimalField(max_digits=24, decimal_places=6, null=True, blank=True)
    ceiling = models.DecimalField(max_digits=24, decimal_places=6, null=True, blank=True)
    target_volume = models.DecimalField(max_digits=24, decimal_places=6, null=True, blank=True)
    owner = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="+")
    cadence = models.CharField(max_length=10, choices=Cadence.choices, default=Cadence.MONTHLY)
    category = models.CharField(max_length=14, choices=Category.choices, blank=True)
    mechanism = models.CharField(max_length=16, choices=Mechanism.choices, blank=True)
    is_cashable = models.BooleanField(default=False)
    money_per_unit = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)
    realisation_percent = models.DecimalField(max_digits=5, decimal_places=2, default=Decimal(100))
    confidence = models.CharField(max_length=6, choices=Confidence.choices, blank=True)
    confidence_reason = models.TextField(blank=True)
    revision = models.PositiveIntegerField(default=1)
    created_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(name="kpi_once", fields=["initiative", "name"]),
            models.CheckConstraint(
                name="kpi_realisation_share", condition=Q(realisation_percent__gte=0, realisation_percent__lte=100)
            ),
            models.CheckConstraint(
                name="kpi_baseline_window",
                condition=Q(baseline_from__isnull=True, baseline_until__isnull=True)
                | Q(baseline_until__gt=F("baseline_from")),
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def audit_stream(self) -> str:
        """Return the initiative's stream."""
        return self.initiative.audit_stream

    @property
    def baseline_last(self) -> date | None:
        """Return the last day of the baseline's window."""
        return self.baseline_until - timedelta(days=1) if self.baseline_until else None

    @property
    def gaps(self) -> list[str]:
        """Name what is still missing for the card to prove anything."""
        return card_gaps(
            baseline=self.baseline,
            target=self.target,
            floor=self.floor,
            ceiling=self.ceiling,
            source=self.numerator_source,
            is_unit_cost=self.measures == Measures.UNIT_COST,
        )


class ReadingSource(models.TextChoices):
    """Who says so; only imported and verified readings prove."""

    TYPED = "typed", "Typed by the team"
    IMPORTED = "imported", "Imported"
    VERIFIED = "verified", "Verified by finance"


class KpiReading(AppendOnly):
    """The figure of one period, half-open; a later reading of the same period replaces it."""

    card = models.ForeignKey(KpiCard, on_delete=models.PROTECT, related_name="readings")
    period_start = models.DateField()
    period_end = models.DateField()
    numerator = models.DecimalField(max_digits=24, decimal_places=6, null=True)
    denominator = models.DecimalField(max_digits=24, decimal_places=6, null=True)
    value = models.DecimalField(max_digits=24, decimal_places=6)
    source = models.CharField(max_length=10, choices=ReadingSource.choices)
    note = models.TextField(blank=True)
    recorded_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        ordering = ("period_start", "id")
        constraints = (
            models.CheckConstraint(name="kpi_period_runs", condition=Q(period_end__gt=F("period_start"))),
            models.CheckConstraint(name="kpi_reading_finite", condition=Q(value__gt=-LARGEST, value__lt=LARGEST)),
        )
        indexes = (models.Index(name="kpi_reading_period", fields=["card", "period_start"]),)

    def __str__(self) -> str:
        return f"{self.value} from {self.period_start}"

    @property
    def last_day(self) -> date:
        """Return the last day of the period."""
        return self.period_end - timedelta(days=1)

    @property
    def is_proving(self) -> bool:
        """Say whether it proves something: imported or verified."""
        return self.source in (ReadingSource.IMPORTED, ReadingSource.VERIFIED)


class ClaimState(models.TextChoices):
    """How far a claim is proved."""

    DECLARED = "declared", "Declared"
    MEASURED = "measured", "Measured"
    VERIFIED = "verified", "Verified by finance"
    REJECTED = "rejected", "Rejected"
    DECAYED = "decayed", "Decayed"


class Benefit(models.Model):
    """Something gained, of which several initiatives may claim a share."""

    name = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints = (models.UniqueConstraint(Lower("name"), name="benefit_once_in_any_case"),)

    def __str__(self) -> str:
        return self.name


DECLARED = [
    "initiative",
    "benefit",
    "period_start",
    "period_end",
    "currency",
    "share_percent",
    "is_cashable",
    "declared_amount",
    "declared_by",
    "declared_at",
]


class ValueClaim(models.Model):
    """A share of a benefit over a period; amounts are the whole benefit in the initiative's currency."""

    initiative = models.ForeignKey("projects.Initiative", on_delete=models.PROTECT, related_name="claims")
    benefit = models.ForeignKey(Benefit, on_delete=models.PROTECT, related_name="claims")
    card = models.ForeignKey(KpiCard, on_delete=models.PROTECT, null=True, blank=True, related_name="claims")
    period_start = models.DateField()
    period_end = models.DateField()
    currency = models.CharField(max_length=3)
    share_percent = models.DecimalField(max_digits=7, decimal_places=4, default=Decimal(100))
    is_cashable = models.BooleanField(default=False)
    state = StateField(max_length=10, choices=ClaimState.choices, default=ClaimState.DECLARED, protected=True)
    declared_amount = models.DecimalField(max_digits=18, decimal_places=2)
    declared_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="+")
    declared_at = models.DateTimeField()
    frozen_amount = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    frozen_at = models.DateTimeField(null=True, blank=True)
    measured_amount = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    measured_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    measured_at = models.DateTimeField(null=True, blank=True)
    measured_from = models.TextField(blank=True)
    verified_amount = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    verified_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    verified_at = models.DateTimeField(null=True, blank=True)
    rejected_reason = models.TextField(blank=True)
    decayed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("period_start", "id")
        constraints = (
            models.CheckConstraint(name="claim_share", condition=Q(share_percent__gt=0, share_percent__lte=100)),
            models.CheckConstraint(name="claim_period_runs", condition=Q(period_end__gt=F("period_start"))),
            models.CheckConstraint(
                name="claim_amounts_finite",
                condition=Q(declared_amount__gte=0, declared_amount__lt=LARGEST)
                & (Q(verified_amount__isnull=True) | Q(verified_amount__gte=0, verified_amount__lt=LARGEST)),
            ),
            models.CheckConstraint(
                name="claim_verified_by_another",
                condition=Q(verified_by__isnull=True) | ~Q(verified_by=F("declared_by")),
            ),
            models.CheckConstraint(
                name="claim_verified_whole",
                condition=~Q(state="verified")
                | Q(verified_by__isnull=False, verified_at__isnull=False, verified_amount__isnull=False),
            ),
            models.CheckConstraint(
                name="claim_frozen_whole",
                condition=Q(frozen_amount__isnull=True, frozen_at__isnull=True)
                | Q(frozen_amount__isnull=False, frozen_at__isnull=False),
            ),
        )
        triggers = (
            *lawful_states("state", start="declared", moves=CLAIM_MOVES),
            pgtrigger.ReadOnly(name="declaration_stays", fields=DECLARED),
            pgtrigger.Protect(
                name="frozen_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__frozen_at__isnull=False)
                & (
                    pgtrigger.Q(old__frozen_amount__df=pgtrigger.F("new__frozen_amount"))
                    | pgtrigger.Q(old__frozen_at__df=pgtrigger.F("new__frozen_at"))
                ),
            ),
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
        )

    def __str__(self) -> str:
        return f"{self.share_percent:f}% of {self.benefit}"

    @property
    def audit_stream(self) -> str:
        """Return the initiative's stream."""
        return self.initiative.audit_stream

    @transition(field=state, source=[ClaimState.DECLARED, ClaimState.DECAYED], target=ClaimState.MEASURED)
    def measure(self, *, amount: Decimal, measured_from: str, by_id: int, at: datetime) -> None:
        """Keep what was measured, and from what."""
        self.measured_amount, self.measured_from = amount, measured_from
        self.measured_by_id, self.measured_at = by_id, at

    @transition(field=state, source=ClaimState.MEASURED, target=ClaimState.VERIFIED)
    def verify(self, *, amount: Decimal, by_id: int, at: datetime) -> None:
        """Count it."""
        self.verified_amount, self.verified_by_id, self.verified_at, self.decayed_at = amount, by_id, at, None

    @transition(field=state, source=[ClaimState.DECLARED, ClaimState.MEASURED], target=ClaimState.REJECTED)
    def reject(self, *, reason: str) -> None:
        """Do not count it, and say why."""
        self.rejected_reason = reason

    @transition(field=state, source=ClaimState.VERIFIED, target=ClaimState.DECAYED)
    def decay(self, *, at: datetime) -> None:
        """Stop counting it until it is measured and verified again."""
        self.decayed_at = at
