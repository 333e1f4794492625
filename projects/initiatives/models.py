"""The initiative, who takes part in it, its moves between stages, and opening decisions."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django_fsm import transition

from projects.common.fields import StateField
from projects.common.memo import once
from projects.common.models import AppendOnly
from projects.common.triggers import lawful_states
from projects.initiatives.choices import (
    Autonomy,
    ClosedAs,
    Condition,
    DataClass,
    Deployment,
    Level,
    ModelTier,
    PurchaseMode,
    Stage,
    TrackedFirst,
)
from projects.initiatives.rules import CONDITION_MOVES, JOIN_MOVES, STAGE_MOVES, risk_tier
from projects.people.models import User
from projects.people.roles import Role
from projects.people.selectors import roles_of


class InitiativeQuerySet(models.QuerySet["Initiative"]):
    """Initiatives by who may see them and by condition."""

    def visible_to(self, user: User) -> "InitiativeQuerySet":
        """Return what a person may read: the register is open to everybody who holds a role or takes part."""
        if roles_of(user):
            return self
        return self.filter(
            Q(business_owner=user)
            | Q(technical_owner=user)
            | Q(budget_owner=user)
            | Q(sponsor=user)
            | Q(participants__user=user, participants__until__isnull=True)
        ).distinct()

    def open(self) -> "InitiativeQuerySet":
        """Return those that are not closed."""
        return self.exclude(condition=Condition.CLOSED)


class Initiative(models.Model):
    """One AI initiative. Five fields register it; the gate that needs the rest asks for it."""

    key = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=200)
    value_proposition = models.TextField()
    business_owner = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="+")
    cost_centre = models.CharField(max_length=60)
    expected_monthly_cost = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3)

    stage = StateField(max_length=10, choices=Stage.choices, default=Stage.CONCEPT, protected=True)
    condition = StateField(max_length=10, choices=Condition.choices, default=Condition.ACTIVE, protected=True)
    closed_as = models.CharField(max_length=10, choices=ClosedAs.choices, blank=True)
    stage_since = models.DateTimeField()
    opening = models.ForeignKey(
        "projects.OpeningDecision", on_delete=models.PROTECT, null=True, blank=True, related_name="initiatives"
    )

    technical_owner = models.ForeignKey(
        "projects.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    budget_owner = models.ForeignKey("projects.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    sponsor = models.ForeignKey("projects.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    team = models.ForeignKey("projects.Team", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    team_cost_per_day = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    strategic_objective = models.CharField(max_length=200, blank=True)
    business_process = models.CharField(max_length=200, blank=True)
    use_case = models.CharField(max_length=200, blank=True)
    application = models.CharField(max_length=200, blank=True)
    product = models.CharField(max_length=200, blank=True)
    feature = models.CharField(max_length=200, blank=True)
    outcome_unit = models.CharField(max_length=100, blank=True, help_text="What one outcome is: invoice matched.")
    request_types = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    clients_served = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    customer_facing = models.BooleanField(default=False)
    workload_class = models.CharField(max_length=40, blank=True)
    model_tier = models.CharField(max_length=10, choices=ModelTier.choices, blank=True)
    model_tier_reason = models.TextField(blank=True)
    shortlist = ArrayField(models.CharField(max_length=120), default=list, blank=True, help_text="provider:model each.")
    primary_provider = models.CharField(max_length=120, blank=True)
    fallback_provider = models.CharField(max_length=120, blank=True)
    fallback_tested_on = models.DateField(null=True, blank=True)
    data_classification = models.CharField(max_length=12, choices=DataClass.choices, blank=True)
    autonomy = models.CharField(max_length=12, choices=Autonomy.choices, blank=True)
    tracked_first = models.CharField(max_length=12, choices=TrackedFirst.choices, blank=True)
    deployment = models.CharField(max_length=12, choices=Deployment.choices, blank=True)
    purchase_mode = models.CharField(max_length=14, choices=PurchaseMode.choices, blank=True)
    environments = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC")
    sunset_criteria = models.TextField(blank=True)
    links = ArrayField(models.URLField(max_length=400), default=list, blank=True)
    look_alike_reason = models.TextField(blank=True)

    complexity = models.CharField(max_length=6, choices=Level.choices, blank=True)
    risk = models.CharField(max_length=6, choices=Level.choices, blank=True)
    latency_sensitivity = models.CharField(max_length=6, choices=Level.choices, blank=True)
    quality_sensitivity = models.CharField(max_length=6, choices=Level.choices, blank=True)
    data_sensitivity = models.CharField(max_length=6, choices=Level.choices, blank=True)
    cost_sensitivity = models.CharField(max_length=6, choices=Level.choices, blank=True)
    criticality = models.CharField(max_length=6, choices=Level.choices, blank=True)

    external_organisation = models.CharField(max_length=200, blank=True)
    external_id = models.CharField(max_length=200, blank=True)
    revision = models.PositiveIntegerField(default=1)
    registered_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="+")
    registered_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = InitiativeQuerySet.as_manager()

    class Meta:
        ordering = ("key",)
        constraints = (
            models.CheckConstraint(name="initiative_currency_iso", condition=Q(currency__regex=r"^[A-Z]{3}$")),
            models.CheckConstraint(name="expected_cost_not_negative", condition=Q(expected_monthly_cost__gte=0)),
            models.CheckConstraint(name="initiative_key_form", condition=Q(key__regex=r"^AI-[0-9]{3,}$")),
            models.CheckConstraint(
                name="initiative_closed_whole",
                condition=Q(condition="closed", closed_at__isnull=False) & ~Q(closed_as="")
                | ~Q(condition="closed") & Q(closed_at__isnull=True, closed_as=""),
            ),
            models.UniqueConstraint(
                name="initiative_external_once",
                fields=["external_organisation", "external_id"],
                condition=~Q(external_id=""),
            ),
        )
        indexes = (
            models.Index(name="initiative_stage", fields=["stage", "condition"]),
            GinIndex(name="initiative_name_trigrams", fields=["name"], opclasses=["gin_trgm_ops"]),
        )
        triggers = (
            *lawful_states("stage", start="concept", moves=STAGE_MOVES, unless="NEW.opening_id IS NOT NULL"),
            *lawful_states("condition", start="active", moves=CONDITION_MOVES),
        )

    def __str__(self) -> str:
        return f"{self.key} {self.name}"

    @property
    def audit_stream(self) -> str:
        """Return the initiative's own stream."""
        return f"initiative:{self.key}"

    @property
    def risk_tier(self) -> str:
        """Return the highest of risk, data sensitivity and criticality."""
        return risk_tier([self.risk, self.data_sensitivity, self.criticality])

    @property
    def owner_ids(self) -> set[int]:
        """Return the business, technical and budget owner."""
        return {pk for pk in (self.business_owner_id, self.technical_owner_id, self.budget_owner_id) if pk}

    def roles_in_it(self, user: User) -> frozenset[Role]:
        """Return owner or contributor, where the person is one today."""
        roles = {Role.OWNER} if user.pk in self.owner_ids else set()
        contributes = self.participants.filter(user=user, part="contributor", until__isnull=True)
        if once(("contributes", self.pk, user.pk), contributes.exists):
            roles.add(Role.CONTRIBUTOR)
        return frozenset(roles)

    def is_interested(self, user: User, since: datetime | None = None) -> bool:
        """Say whether the person takes or took part, or manages an owner, since a moment (default: ever)."""
        return once(("interested", self.pk, user.pk, since), lambda: self._is_interested(user, since))

    def _is_interested(self, user: User, since: datetime | None) -> bool:
        spells = self.participants.all()
        if since is not None:
            spells = spells.filter(Q(until__isnull=True) | Q(until__gte=since))
        own = Q(user=user) | Q(part__in=["business_owner", "technical_owner", "budget_owner"], manager_id=user.pk)
        live = self.owner_ids | {self.sponsor_id}
        if user.pk in live or spells.filter(own).exists():
            return True
        return User.objects.filter(pk__in=self.owner_ids, line_manager=user).exists()

    @transition(field=stage, source=Stage.CONCEPT, target=Stage.MVP)
    def to_mvp(self, *, at: datetime) -> None:
        """Leave Concept."""
        self.stage_since = at

    @transition(field=stage, source=Stage.MVP, target=Stage.PILOT)
    def to_pilot(self, *, at: datetime) -> None:
        """Leave MVP."""
        self.stage_since = at

    @transition(field=stage, source=Stage.PILOT, target=Stage.LAUNCH)
    def to_launch(self, *, at: datetime) -> None:
        """Leave Pilot."""
        self.stage_since = at

    @transition(field=stage, source=Stage.LAUNCH, target=Stage.SCALE)
    def to_scale(self, *, at: datetime) -> None:
        """Leave Launch."""
        self.stage_since = at

    @transition(field=stage, source=[Stage.PILOT, Stage.LAUNCH, Stage.SCALE], target=Stage.SUNSET)
    def to_sunset(self, *, at: datetime) -> None:
        """Begin to wind down."""
        self.stage_since = at

    @transition(field=condition, source=Condition.ACTIVE, target=Condition.ON_HOLD)
    def hold(self) -> None:
        """Stop the clock."""

    @transition(field=condition, source=Condition.ON_HOLD, target=Condition.ACTIVE)
    def resume(self) -> None:
        """Start the clock again."""

    @transition(field=condition, source=[Condition.ACTIVE, Condition.ON_HOLD], target=Condition.CLOSED)
    def close(self, *, closed_as: str, at: datetime) -> None:
        """End it, as completed, killed, merged, sunset or learned."""
        self.closed_as, self.closed_at = closed_as, at


class Participation(models.Model):
    """A spell in which a person was owner, sponsor or contributor of an initiative."""

    initiative = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="participants")
    user = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="participations")
    part = models.CharField(max_length=20)
    manager = models.ForeignKey("projects.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                name="one_live_part", fields=["initiative", "user", "part"], condition=Q(until__isnull=True)
            ),
            models.CheckConstraint(
                name="participation_ends_after_it_begins", condition=Q(until__isnull=True) | Q(until__gte=F("since"))
            ),
        )

    def __str__(self) -> str:
        return f"{self.user}, {self.part} of {self.initiative_id}"


class JoinState(models.TextChoices):
    """What became of an ask to join."""

    ASKED = "asked", "Asked"
    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Declined"


class JoinRequest(models.Model):
    """Somebody asks to contribute instead of registering a look-alike; an owner answers."""

    initiative = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="joins")
    state = StateField(max_length=10, choices=JoinState.choices, default=JoinState.ASKED, protected=True)
    asked_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    reason = models.TextField()
    answered_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(blank=True)

    class Meta:
        ordering = ("asked_at", "id")
        constraints = (
            models.UniqueConstraint(
                name="one_open_join", fields=["initiative", "asked_by"], condition=Q(state="asked")
            ),
            models.CheckConstraint(
                name="join_answered_whole",
                condition=Q(state="asked", answered_by__isnull=True, answered_at__isnull=True)
                | ~Q(state="asked") & Q(answered_by__isnull=False, answered_at__isnull=False),
            ),
            models.CheckConstraint(
                name="join_answered_by_another",
                condition=Q(answered_by__isnull=True) | ~Q(answered_by=F("asked_by")),
            ),
            models.CheckConstraint(name="join_declined_with_reason", condition=~Q(state="declined") | ~Q(answer="")),
        )
        triggers = lawful_states("state", start="asked", moves=JOIN_MOVES)

    def __str__(self) -> str:
        return f"{self.asked_by} asks to join"

    @property
    def audit_stream(self) -> str:
        """Return the initiative's stream."""
        return self.initiative.audit_stream

    @transition(field=state, source=JoinState.ASKED, target=JoinState.ACCEPTED)
    def accept(self, *, by_id: int, at: datetime) -> None:
        """Let them in."""
        self.answered_by_id, self.answered_at = by_id, at

    @transition(field=state, source=JoinState.ASKED, target=JoinState.DECLINED)
    def decline(self, *, by_id: int, at: datetime, reason: str) -> None:
        """Leave them outside."""
        self.answered_by_id, self.answered_at, self.answer = by_id, at, reason


class StageMove(AppendOnly):
    """One move of stage or condition, by which decision, by whom and under which template version."""

    initiative = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="moves")
    field = models.CharField(max_length=10)
    before = models.CharField(max_length=10)
    after = models.CharField(max_length=10)
    decision_reference = models.CharField(max_length=30)
    template_version = models.PositiveIntegerField(null=True)
    moved_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="+")
    moved_at = models.DateTimeField()
    reason = models.TextField(blank=True)

    class Meta(AppendOnly.Meta):
        ordering = ("moved_at", "id")

    def __str__(self) -> str:
        return f"{self.initiative_id}: {self.before} to {self.after}"


class OpeningDecision(AppendOnly):
    """Two people sign that imported or seeded initiatives begin in a later stage."""

    reference = models.CharField(max_length=30, unique=True)
    reason = models.TextField()
    first_signed_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="+")
    second_signed_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        constraints = (
            models.CheckConstraint(name="opening_signed_by_two", condition=~Q(first_signed_by=F("second_signed_by"))),
        )

    def __str__(self) -> str:
        return self.reference
