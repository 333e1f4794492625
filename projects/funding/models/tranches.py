"""Tranches, what each envelope gives to them, and freezes."""

from datetime import date, datetime, timedelta

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q
from django_fsm import transition

from projects.common.fields import StateField
from projects.common.models import AppendOnly
from projects.common.triggers import lawful_states
from projects.funding.choices import TRANCHE_MOVES, TrancheKind, TrancheState
from projects.funding.models.laws import LARGEST, DateRange, currency_iso


class TrancheQuerySet(models.QuerySet["Tranche"]):
    """Tranches by where they stand."""

    def in_force(self, *, on: date) -> "TrancheQuerySet":
        """Return those whose window holds a day."""
        return self.filter(released_at__isnull=False, starts_on__lte=on, ends_on__gt=on)

    def live(self) -> "TrancheQuerySet":
        """Return released and frozen ones."""
        return self.filter(state__in=[TrancheState.RELEASED, TrancheState.FROZEN])

    def awaiting(self) -> "TrancheQuerySet":
        """Return those decided but not released."""
        return self.filter(state=TrancheState.AWAITING)


class Tranche(models.Model):
    """Money that a decision gave an initiative, in force from ``starts_on`` up to but not including ``ends_on``."""

    initiative = models.ForeignKey("projects.Initiative", on_delete=models.PROTECT, related_name="tranches")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=TrancheKind.choices, default=TrancheKind.MILESTONE)
    state = StateField(max_length=20, choices=TrancheState.choices, default=TrancheState.AWAITING, protected=True)
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    asked = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    band_amount = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    currency = models.CharField(max_length=3)
    milestone = models.ForeignKey(
        "projects.Milestone", on_delete=models.PROTECT, null=True, blank=True, related_name="tranches"
    )
    starts_on = models.DateField()
    ends_on = models.DateField(help_text="The first day after its window.")
    valid_release_until = models.DateField(null=True, blank=True)
    funds_harness = models.BooleanField(default=False, help_text="Pays for harness lines of its days, too.")
    carry_rest = models.BooleanField(default=True)
    decision_reference = models.CharField(max_length=30)
    requested_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()
    awaits_conditions = models.BooleanField(default=False)
    needs_two = models.BooleanField(default=False)
    first_released_by = models.ForeignKey(
        "projects.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    first_released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    released_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = TrancheQuerySet.as_manager()

    class Meta:
        ordering = ("initiative_id", "number")
        constraints = (
            currency_iso("tranche_currency_iso"),
            models.UniqueConstraint(name="tranche_number", fields=["initiative", "number"]),
            models.CheckConstraint(name="tranche_amount_positive", condition=Q(amount__gt=0, amount__lt=LARGEST)),
            models.CheckConstraint(
                name="tranche_band_not_negative", condition=Q(band_amount__gte=0, band_amount__lt=LARGEST)
            ),
            models.CheckConstraint(name="tranche_window", condition=Q(ends_on__gte=F("starts_on"))),
            models.CheckConstraint(name="tranche_needs_decision", condition=~Q(decision_reference="")),
            models.CheckConstraint(
                name="tranche_milestone_named", condition=~Q(kind="milestone") | Q(milestone__isnull=False)
            ),
            models.CheckConstraint(
                name="tranche_release_whole",
                condition=Q(released_at__isnull=True, released_by__isnull=True)
                | Q(released_at__isnull=False, released_by__isnull=False),
            ),
            models.CheckConstraint(
                name="tranche_released_before_it_ran",
                condition=~Q(state__in=["released", "frozen", "exhausted"]) | Q(released_at__isnull=False),
            ),
            models.CheckConstraint(
                name="tranche_not_released_by_its_asker",
                condition=Q(awaits_conditions=False)
                | Q(requested_by__isnull=True)
                | (Q(released_by__isnull=True) | ~Q(released_by=F("requested_by")))
                & (Q(first_released_by__isnull=True) | ~Q(first_released_by=F("requested_by"))),
            ),
            models.CheckConstraint(
                name="tranche_released_by_two",
                condition=Q(needs_two=False)
                | Q(released_by__isnull=True)
                | Q(first_released_by__isnull=False) & ~Q(first_released_by=F("released_by")),
            ),
            ExclusionConstraint(
                name="tranche_windows_never_overlap",
                expressions=[
                    ("initiative", RangeOperators.EQUAL),
                    (DateRange("starts_on", "ends_on"), RangeOperators.OVERLAPS),
                ],
                condition=Q(released_at__isnull=False),
            ),
        )
        triggers = lawful_states("state", start="awaiting_conditions", moves=TRANCHE_MOVES)

    def __str__(self) -> str:
        return f"Tranche {self.number}"

    @property
    def label(self) -> str:
        """Return its short key within the initiative: T5."""
        return f"T{self.number}"

    @property
    def last_day(self) -> date:
        """Return the last day of its window."""
        return self.ends_on - timedelta(days=1)

    @property
    def audit_stream(self) -> str:
        """Return the initiative's stream."""
        return self.initiative.audit_stream

    @transition(field=state, source=TrancheState.AWAITING, target=TrancheState.RELEASED)
    def release(self, *, by_id: int, at: datetime, starts_on: date) -> None:
        """Let it be spent."""
        self.released_by_id, self.released_at, self.starts_on = by_id, at, starts_on

    @transition(field=state, source=TrancheState.RELEASED, target=TrancheState.FROZEN)
    def freeze(self) -> None:
        """Stop it; it stays approved."""

    @transition(field=state, source=TrancheState.FROZEN, target=TrancheState.RELEASED)
    def lift(self) -> None:
        """Let it be spent again."""

    @transition(field=state, source=TrancheState.RELEASED, target=TrancheState.EXHAUSTED)
    def exhaust(self, *, at: datetime) -> None:
        """End it with nothing left, or with its rest carried to the next one."""
        self.ended_at = at

    @transition(
        field=state,
        source=[TrancheState.AWAITING, TrancheState.RELEASED, TrancheState.FROZEN],
        target=TrancheState.LAPSED,
    )
    def lapse(self, *, at: datetime) -> None:
        """End it because its time ran out."""
        self.ended_at = at

    @transition(
        field=state,
        source=[TrancheState.AWAITING, TrancheState.RELEASED, TrancheState.FROZEN],
        target=TrancheState.RETURNED,
    )
    def give_back(self, *, at: datetime) -> None:
        """End it by decision; what is unspent goes back."""
        self.ended_at = at


class TranchePart(AppendOnly):
    """What one envelope gives to a tranche; a tranche that outlives a period names an envelope for each part."""

    tranche = models.ForeignKey(Tranche, on_delete=models.PROTECT, related_name="parts")
    envelope = models.ForeignKey("projects.Envelope", on_delete=models.PROTECT, related_name="parts")
    amount = models.DecimalField(max_digits=18, decimal_places=2)

    class Meta(AppendOnly.Meta):
        ordering = ("tranche_id", "id")
        constraints = (
            models.UniqueConstraint(name="one_part_an_envelope", fields=["tranche", "envelope"]),
            models.CheckConstraint(name="part_amount_positive", condition=Q(amount__gt=0, amount__lt=LARGEST)),
        )

    def __str__(self) -> str:
        return f"{self.amount} of {self.envelope_id} for tranche {self.tranche_id}"


class Freeze(models.Model):
    """An emergency stop of a tranche by one person, lifted by two, or handed to the chair when its time is up."""

    tranche = models.ForeignKey(Tranche, on_delete=models.PROTECT, related_name="freezes")
    reason = models.TextField()
    decision_reference = models.CharField(max_length=30, blank=True)
    frozen_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="+")
    frozen_at = models.DateTimeField()
    chair_decides_on = models.DateField(null=True, blank=True)
    first_lifted_by = models.ForeignKey(
        "projects.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    first_lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_alone = models.BooleanField(default=False, help_text="By decision, or by the chair once the clock ran out.")

    class Meta:
        ordering = ("frozen_at", "id")
        constraints = (
            models.UniqueConstraint(name="one_open_freeze", fields=["tranche"], condition=Q(lifted_at__isnull=True)),
            models.CheckConstraint(
                name="freeze_lift_whole",
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True)
                | Q(lifted_at__isnull=False, lifted_by__isnull=False),
            ),
            models.CheckConstraint(
                name="freeze_lifted_by_two",
                condition=Q(lifted_by__isnull=True)
                | Q(lifted_alone=True)
                | Q(first_lifted_by__isnull=False) & ~Q(first_lifted_by=F("lifted_by")),
            ),
        )

    def __str__(self) -> str:
        return f"Freeze of tranche {self.tranche_id}"
