"""An escalation, its figures and its life."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django_fsm import transition

from council.escalations.rules import headline, short_figure
from projects.common.fields import StateField
from projects.common.triggers import lawful_states


class Rule(models.TextChoices):
    """The rules of escalation; soft ones warn."""

    OVER_BUDGET = "over_budget", "Over approved budget"
    TRANCHE_OVERSPENT = "tranche_overspent", "Tranche overspent"
    UNFUNDED_SPEND = "unfunded_spend", "Unfunded spend"
    MISSED_MILESTONES = "missed_milestones", "Missed milestones"
    QUALITY_FAILED = "quality_failed", "Failed quality gate"
    FORECAST_OVER = "forecast_over", "Forecast over budget"
    NO_DATA = "no_data", "No cost data"
    SUNSET = "sunset", "Sunset due"


SOFT_RULES = frozenset({Rule.TRANCHE_OVERSPENT, Rule.FORECAST_OVER, Rule.NO_DATA})


class EscalationState(models.TextChoices):
    """Where an escalation stands."""

    RAISED = "raised", "Raised"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    PLAN_FILED = "plan_filed", "Plan filed"
    ON_AGENDA = "on_agenda", "On agenda"
    DECIDED = "decided", "Decided"
    CLOSED = "closed", "Closed"


OPEN_STATES = ("raised", "acknowledged", "plan_filed", "on_agenda", "decided")
ESCALATION_MOVES = (
    ("raised", "acknowledged"),
    ("raised", "plan_filed"),
    ("acknowledged", "plan_filed"),
    ("raised", "on_agenda"),
    ("acknowledged", "on_agenda"),
    ("plan_filed", "on_agenda"),
    ("on_agenda", "plan_filed"),
    ("on_agenda", "acknowledged"),
    ("on_agenda", "decided"),
    ("decided", "closed"),
    ("raised", "closed"),
    ("acknowledged", "closed"),
    ("plan_filed", "closed"),
    ("decided", "raised"),
)


class EscalationQuerySet(models.QuerySet["Escalation"]):
    """Escalations by state."""

    def open(self) -> "EscalationQuerySet":
        """Return those not closed."""
        return self.exclude(state=EscalationState.CLOSED)

    def hard(self) -> "EscalationQuerySet":
        """Return those that escalate rather than warn."""
        return self.filter(is_soft=False)


class Escalation(models.Model):
    """One tripped rule of one initiative, with the figures and the policy version that tripped it."""

    key = models.CharField(max_length=12, unique=True)
    initiative = models.ForeignKey("projects.Initiative", on_delete=models.PROTECT, related_name="+")
    rule = models.CharField(max_length=20, choices=Rule.choices)
    is_soft = models.BooleanField(default=False)
    state = StateField(max_length=14, choices=EscalationState.choices, default=EscalationState.RAISED, protected=True)
    figures = models.JSONField()
    policy_version = models.PositiveIntegerField()
    tripped_on = models.DateField()
    raised_at = models.DateTimeField()
    evaluated_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        "projects.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    answer_due_on = models.DateField()
    plan = models.TextField(blank=True)
    plan_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    plan_at = models.DateTimeField(null=True, blank=True)
    snoozed_until = models.DateField(null=True, blank=True)
    snooze_reason = models.CharField(max_length=300, blank=True)
    decision_reference = models.CharField(max_length=30, blank=True)
    decided_figures = models.JSONField(default=dict, blank=True, help_text="The level that the decision accepted.")
    closed_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    closing_note = models.TextField(blank=True)

    objects = EscalationQuerySet.as_manager()

    class Meta:
        ordering = ("-raised_at", "-id")
        constraints = (
            models.UniqueConstraint(
                name="one_open_escalation", fields=["initiative", "rule"], condition=~Q(state="closed")
            ),
            models.CheckConstraint(
                name="escalation_closed_whole",
                condition=Q(state="closed", closed_at__isnull=False, closed_by__isnull=False)
                | ~Q(state="closed") & Q(closed_at__isnull=True, closed_by__isnull=True),
            ),
            models.CheckConstraint(
                name="escalation_plan_whole",
                condition=Q(plan="", plan_at__isnull=True, plan_by__isnull=True)
                | ~Q(plan="") & Q(plan_at__isnull=False, plan_by__isnull=False),
            ),
            models.CheckConstraint(
                name="escalation_snooze_has_reason", condition=Q(snoozed_until__isnull=True) | ~Q(snooze_reason="")
            ),
        )
        indexes = (models.Index(name="escalation_state", fields=["state", "is_soft"]),)
        triggers = lawful_states("state", start="raised", moves=ESCALATION_MOVES)

    def __str__(self) -> str:
        return f"{self.key} {self.get_rule_display()}"

    @property
    def audit_stream(self) -> str:
        """Return the stream of the initiative."""
        return self.initiative.audit_stream

    @property
    def headline(self) -> str:
        """Say in words what tripped, with the figure and the limit."""
        return headline(self.rule, self.figures)

    @property
    def short_figure(self) -> str:
        """Return the one figure of a row in a list."""
        return short_figure(self.rule, self.figures)

    @property
    def is_open(self) -> bool:
        """Say whether it still stands."""
        return bool(self.state != EscalationState.CLOSED)

    @transition(field=state, source=EscalationState.RAISED, target=EscalationState.ACKNOWLEDGED)
    def acknowledge(self, *, by_id: int, at: datetime) -> None:
        """Somebody answers for it."""
        self.acknowledged_by_id, self.acknowledged_at = by_id, at

    @transition(
        field=state, source=[EscalationState.RAISED, EscalationState.ACKNOWLEDGED], target=EscalationState.PLAN_FILED
    )
    def file_plan(self, *, plan: str, by_id: int, at: datetime) -> None:
        """The owner says what will be done by when."""
        self.plan, self.plan_by_id, self.plan_at = plan, by_id, at

    @transition(
        field=state,
        source=[EscalationState.RAISED, EscalationState.ACKNOWLEDGED, EscalationState.PLAN_FILED],
        target=EscalationState.ON_AGENDA,
    )
    def put_on_agenda(self) -> None:
        """It comes before a meeting."""

    @transition(field=state, source=EscalationState.ON_AGENDA, target=EscalationState.PLAN_FILED)
    def back_to_plan(self) -> None:
        """The item was postponed; the plan stands."""

    @transition(field=state, source=EscalationState.ON_AGENDA, target=EscalationState.ACKNOWLEDGED)
    def back_to_owner(self) -> None:
        """The item was postponed and there is no plan yet."""

    @transition(field=state, source=EscalationState.ON_AGENDA, target=EscalationState.DECIDED)
    def decide(self, *, reference: str, figures: dict[str, str]) -> None:
        """The council decided, and so accepted these figures."""
        self.decision_reference, self.decided_figures = reference, figures

    @transition(field=state, source=EscalationState.DECIDED, target=EscalationState.RAISED)
    def raise_again(self, *, figures: dict[str, str], at: datetime) -> None:
        """It tripped above the level that was accepted, before anybody closed it."""
        self.figures, self.evaluated_at, self.cleared_at = figures, at, None

    @transition(
        field=state,
        source=[
            EscalationState.RAISED,
            EscalationState.ACKNOWLEDGED,
            EscalationState.PLAN_FILED,
            EscalationState.DECIDED,
        ],
        target=EscalationState.CLOSED,
    )
    def close(self, *, by_id: int, at: datetime, note: str) -> None:
        """A person closes what was decided or has cleared."""
        self.closed_by_id, self.closed_at, self.closing_note = by_id, at, note


class EscalationRun(models.Model):
    """One evaluation: for which day, under which policy, over which initiatives, with which result."""

    on = models.DateField()
    policy_version = models.PositiveIntegerField()
    is_full = models.BooleanField(default=True)
    raised = models.PositiveIntegerField(default=0)
    cleared = models.PositiveIntegerField(default=0)
    still_open = models.PositiveIntegerField(default=0)
    ran_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(name="escalation_run_day", fields=["on", "is_full"]),)

    def __str__(self) -> str:
        return f"Escalations on {self.on.isoformat()}"
