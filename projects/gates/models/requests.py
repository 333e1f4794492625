"""Gate requests, their moves, and who is interested in them."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django_fsm import transition

from projects.common.fields import StateField
from projects.common.models import AppendOnly
from projects.common.triggers import lawful_states
from projects.gates.choices import OPEN_STATES, Kind, Outcome, Route, State
from projects.gates.models.templates import GateTemplate
from projects.gates.review_rules import REVIEWS
from projects.gates.rules import REQUEST_MOVES
from projects.initiatives.choices import Stage
from projects.initiatives.models import Initiative
from projects.people.models import User

LARGEST = 10**15  # NaN sorts above every number, so an upper bound refuses it


class GateRequestQuerySet(models.QuerySet["GateRequest"]):
    """Requests by who may see them and by state."""

    def visible_to(self, user: User) -> "GateRequestQuerySet":
        """Return requests of the initiatives that a person may read."""
        return self.filter(initiative__in=Initiative.objects.visible_to(user).values("pk"))

    def open(self) -> "GateRequestQuerySet":
        """Return those neither decided nor withdrawn."""
        return self.filter(state__in=OPEN_STATES)

    def with_people(self) -> "GateRequestQuerySet":
        """Return them with their initiatives' owners and sponsor at hand, whom checks name."""
        people = ("business_owner", "technical_owner", "budget_owner", "sponsor")
        return self.select_related(*(f"initiative__{part}" for part in people))

    def of_owner(self, user: User) -> "GateRequestQuerySet":
        """Return those of initiatives that a person owns or works on."""
        own = (
            Q(initiative__business_owner=user)
            | Q(initiative__technical_owner=user)
            | Q(initiative__budget_owner=user)
            | Q(initiative__in=user.participations.filter(until__isnull=True).values("initiative"))
        )
        return self.filter(own)


class GateRequest(models.Model):
    """An owner's ask at one gate, with the funding for exactly one next milestone."""

    key = models.CharField(max_length=12, unique=True)
    initiative = models.ForeignKey("projects.Initiative", on_delete=models.PROTECT, related_name="requests")
    kind = models.CharField(max_length=14, choices=Kind.choices)
    state = StateField(max_length=16, choices=State.choices, default=State.DRAFT, protected=True)
    gate = models.CharField(max_length=16)
    from_stage = models.CharField(max_length=10, choices=Stage.choices)
    to_stage = models.CharField(max_length=10, choices=Stage.choices)
    template = models.ForeignKey(GateTemplate, on_delete=models.PROTECT, related_name="requests")
    previous = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="next_requests")
    route = models.CharField(max_length=10, choices=Route.choices, blank=True)
    round = models.PositiveSmallIntegerField(default=0)
    reason = models.TextField(blank=True, help_text="Why it was returned, went stale or was withdrawn.")

    currency = models.CharField(max_length=3)
    sheets = ArrayField(
        models.CharField(max_length=16),
        default=list,
        blank=True,
        help_text="Choices with a decision sheet: their criteria are added.",
    )
    needs_money = models.BooleanField(default=True)
    minimum = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    ask = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    maximum = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    layers = models.JSONField(default=dict, blank=True)
    milestone_name = models.CharField(max_length=200, blank=True)
    milestone_test = models.TextField(blank=True)
    milestone_due_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    planned_events = models.JSONField(default=list, blank=True)
    if_refused = models.TextField(blank=True)
    assumption = models.TextField(blank=True)
    top_risks = models.TextField(blank=True)
    rebuttal = models.CharField(max_length=400, blank=True)
    targets_met = models.BooleanField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True, help_text="The day on which a due review enters the agenda.")

    drafted_by = models.ForeignKey(
        "projects.User",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Nobody where a due review drafted itself.",
    )
    drafted_at = models.DateTimeField()
    submitted_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    submitted_at = models.DateTimeField(null=True, blank=True)
    policy_acknowledged = models.PositiveIntegerField(null=True, blank=True)
    ready_at = models.DateTimeField(null=True, blank=True)
    pack_frozen_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=20, choices=Outcome.choices, blank=True)
    decision_reference = models.CharField(max_length=30, blank=True)

    objects = GateRequestQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(name="request_key_form", condition=Q(key__regex=r"^GR-[0-9]{4,}$")),
            models.CheckConstraint(
                name="ask_in_range",
                condition=Q(minimum__isnull=True, ask__isnull=True, maximum__isnull=True)
                | Q(minimum__gt=0, ask__gte=F("minimum"), maximum__gte=F("ask"), maximum__lt=LARGEST),
            ),
            models.CheckConstraint(
                name="request_submission_whole",
                condition=Q(submitted_by__isnull=True, submitted_at__isnull=True, round=0)
                | Q(submitted_by__isnull=False, submitted_at__isnull=False, round__gt=0)
                | Q(due_on__isnull=False, submitted_at__isnull=False, round__gt=0),
            ),
            models.CheckConstraint(
                name="only_due_reviews_draft_themselves",
                condition=Q(drafted_by__isnull=False, due_on__isnull=True)
                | Q(drafted_by__isnull=True, due_on__isnull=False, kind__in=REVIEWS),
            ),
            models.UniqueConstraint(
                name="one_review_for_a_day", fields=["initiative", "kind", "due_on"], condition=Q(due_on__isnull=False)
            ),
            models.CheckConstraint(
                name="request_decision_whole",
                condition=Q(state="decided", decided_by__isnull=False, decided_at__isnull=False)
                & ~Q(outcome="")
                & ~Q(decision_reference="")
                | ~Q(state="decided") & Q(decided_by__isnull=True, decided_at__isnull=True, outcome=""),
            ),
            models.UniqueConstraint(
                name="one_open_ask",
                fields=["initiative"],
                condition=Q(kind__in=["advance", "stay"]) & ~Q(state__in=["decided", "withdrawn"]),
            ),
            models.UniqueConstraint(
                name="one_open_review_of_kind",
                fields=["initiative", "kind"],
                condition=~Q(state__in=["decided", "withdrawn"]),
            ),
        )
        indexes = (models.Index(name="request_state", fields=["state", "initiative"]),)
        triggers = lawful_states("state", start="draft", moves=REQUEST_MOVES)

    def __str__(self) -> str:
        return f"{self.key} {self.title}"

    @property
    def audit_stream(self) -> str:
        """Return the initiative's stream."""
        return self.initiative.audit_stream

    @property
    def title(self) -> str:
        """Say what is asked."""
        before, after = self.get_from_stage_display(), self.get_to_stage_display()
        if self.kind == Kind.ADVANCE:
            return f"Ask to move from {before} to {after}"
        if self.kind == Kind.STAY:
            return f"Ask for the next milestone in {before}"
        if self.kind == Kind.SUNSET:
            return f"Ask to sunset from {before}"
        return f"{self.get_kind_display()} in {before}"

    @property
    def came_due(self) -> bool:
        """Say whether it drafted itself because a review is due."""
        return self.due_on is not None

    @property
    def has_milestone(self) -> bool:
        """Say whether this kind names a next milestone."""
        return self.kind in (Kind.ADVANCE, Kind.STAY)

    @property
    def asks_for_money(self) -> bool:
        """Say whether it carries a funding request."""
        return self.has_milestone and self.needs_money

    @property
    def is_open(self) -> bool:
        """Say whether it is neither decided nor withdrawn."""
        return self.state in OPEN_STATES

    @property
    def is_editable(self) -> bool:
        """Say whether the owner holds the ball."""
        return self.state in (State.DRAFT, State.RETURNED)

    @transition(field=state, source=[State.DRAFT, State.RETURNED], target=State.SUBMITTED)
    def submit(self, *, by_id: int | None, at: datetime, policy: int) -> None:
        """Send it, for the first time or again."""
        self.submitted_by_id, self.submitted_at, self.policy_acknowledged, self.reason = by_id, at, policy, ""
        self.round += 1

    @transition(field=state, source=[State.SUBMITTED, State.STALE], target=State.READINESS_CHECK)
    def begin_check(self) -> None:
        """Compute its proofs, inputs and triggers."""
        self.reason = ""

    @transition(field=state, source=State.READINESS_CHECK, target=State.EXPERT_REVIEW)
    def send_to_review(self) -> None:
        """Let the experts judge."""

    @transition(field=state, source=State.EXPERT_REVIEW, target=State.RETURNED)
    def give_back(self, *, reason: str) -> None:
        """Ask the owner for more."""
        self.reason = reason

    @transition(field=state, source=State.EXPERT_REVIEW, target=State.READY)
    def become_ready(self, *, at: datetime) -> None:
        """Wait for an agenda."""
        self.ready_at = at

    @transition(field=state, source=State.READY, target=State.ON_AGENDA)
    def enter_agenda(self) -> None:
        """Stand on a meeting's agenda."""

    @transition(field=state, source=State.ON_AGENDA, target=State.READY)
    def leave_agenda(self, *, reason: str) -> None:
        """Wait for another meeting."""
        self.reason, self.pack_frozen_at = reason, None

    @transition(field=state, source=[State.READY, State.ON_AGENDA], target=State.STALE)
    def expire(self, *, reason: str) -> None:
        """Lose readiness because a proof ran out."""
        self.reason, self.ready_at, self.pack_frozen_at = reason, None, None

    @transition(field=state, source=State.ON_AGENDA, target=State.WITH_BOARD)
    def go_to_board(self) -> None:
        """Wait for the executive board, which the council advised."""

    @transition(field=state, source=[State.ON_AGENDA, State.READINESS_CHECK, State.WITH_BOARD], target=State.DECIDED)
    def decide(self, *, outcome: str, reference: str, by_id: int, at: datetime) -> None:
        """End by a decision."""
        self.outcome, self.decision_reference = outcome, reference
        self.decided_by_id, self.decided_at = by_id, at

    @transition(field=state, source=list(OPEN_STATES), target=State.WITHDRAWN)
    def withdraw(self, *, reason: str) -> None:
        """End without a decision."""
        self.reason = reason


class RequestMove(AppendOnly):
    """One change of a request's state, for its history and for the days that each side held it."""

    request = models.ForeignKey(GateRequest, on_delete=models.PROTECT, related_name="moves")
    before = models.CharField(max_length=16, blank=True)
    after = models.CharField(max_length=16)
    reason = models.TextField(blank=True)
    moved_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, null=True, related_name="+")
    moved_at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        ordering = ("moved_at", "id")

    def __str__(self) -> str:
        return f"{self.before or 'new'} to {self.after}"

    @property
    def after_words(self) -> str:
        """Return the new state in words."""
        return str(State(self.after).label)


class RequestInterest(AppendOnly):
    """Somebody who is interested in a request, as found at a submission."""

    request = models.ForeignKey(GateRequest, on_delete=models.PROTECT, related_name="interests")
    user = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="+")
    noted_at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        constraints = (models.UniqueConstraint(name="interest_once", fields=["request", "user"]),)

    def __str__(self) -> str:
        return f"{self.user} in {self.request_id}"
