"""A decision that waits for its second signature, and a chair's action that waits for the council."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django_fsm import transition

from council.decisions.choices import (
    PROPOSAL_MOVES,
    RATIFICATION_MOVES,
    Outcome,
    ProposalState,
    RatificationState,
    Route,
)
from council.decisions.models.decisions import Decision
from council.decisions.models.voting import Motion
from council.meetings.models import AgendaItem
from projects.common.fields import StateField
from projects.common.triggers import lawful_states


class Proposal(models.Model):
    """What a first person signed: the FinOps lead or finance within their limit, or the secretary with the board's minute."""

    route = models.CharField(max_length=10, choices=[(Route.FINOPS, "FinOps lead and finance"), (Route.BOARD, "Board")])
    gate_request = models.ForeignKey("projects.GateRequest", on_delete=models.PROTECT, related_name="+")
    motion = models.ForeignKey(Motion, on_delete=models.PROTECT, null=True, blank=True, related_name="minutes")
    outcome = models.CharField(max_length=20, choices=Outcome.choices)
    amount = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    currency = models.CharField(max_length=3)
    reason = models.CharField(max_length=300)
    conditions = models.JSONField(default=list, blank=True)
    details = models.JSONField(default=dict, blank=True)
    authority = models.CharField(max_length=300)
    state = StateField(max_length=10, choices=ProposalState.choices, default=ProposalState.SIGNED, protected=True)
    first_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="+")
    first_at = models.DateTimeField()
    ended_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, null=True, blank=True, related_name="proposal")

    class Meta:
        ordering = ("first_at", "id")
        constraints = (
            models.UniqueConstraint(
                name="one_proposal_at_a_time", fields=["gate_request"], condition=Q(state="signed")
            ),
            models.CheckConstraint(name="proposal_amount_not_negative", condition=Q(amount__gte=0)),
            models.CheckConstraint(name="proposal_has_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="board_minutes_a_motion", condition=~Q(route="board") | Q(motion__isnull=False)
            ),
            models.CheckConstraint(
                name="proposal_ends_whole",
                condition=Q(state="signed", ended_by__isnull=True, ended_at__isnull=True, decision__isnull=True)
                | Q(state="dropped", ended_by__isnull=False, ended_at__isnull=False, decision__isnull=True)
                | Q(state="decided", ended_by__isnull=False, ended_at__isnull=False, decision__isnull=False)
                & ~Q(ended_by=F("first_by")),
            ),
        )
        triggers = lawful_states("state", start="signed", moves=PROPOSAL_MOVES)

    def __str__(self) -> str:
        return f"{self.get_outcome_display()} on {self.gate_request.key}"

    @property
    def audit_stream(self) -> str:
        """Return the stream of the initiative."""
        return self.gate_request.audit_stream

    @transition(field=state, source=ProposalState.SIGNED, target=ProposalState.DECIDED)
    def decide(self, *, decision: Decision, by_id: int, at: datetime) -> None:
        """Sign it as the second person."""
        self.decision, self.ended_by_id, self.ended_at = decision, by_id, at

    @transition(field=state, source=ProposalState.SIGNED, target=ProposalState.DROPPED)
    def drop(self, *, by_id: int, at: datetime) -> None:
        """Take it back, or refuse the second signature."""
        self.ended_by_id, self.ended_at = by_id, at


class Ratification(models.Model):
    """What the council says to a chair's action at its next meeting."""

    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="ratification")
    item = models.OneToOneField(
        AgendaItem, on_delete=models.PROTECT, null=True, blank=True, related_name="ratification"
    )
    state = StateField(
        max_length=10, choices=RatificationState.choices, default=RatificationState.WAITING, protected=True
    )
    ratified_by = models.OneToOneField(
        Decision, on_delete=models.PROTECT, null=True, blank=True, related_name="ratifies"
    )
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                name="ratification_ends_whole",
                condition=Q(state="waiting", ended_at__isnull=True, ratified_by__isnull=True)
                | Q(state="ratified", ended_at__isnull=False, ratified_by__isnull=False)
                | Q(state="refused", ended_at__isnull=False, ratified_by__isnull=True),
            ),
            models.CheckConstraint(name="nothing_ratifies_itself", condition=~Q(ratified_by=F("decision"))),
        )
        triggers = lawful_states("state", start="waiting", moves=RATIFICATION_MOVES)

    def __str__(self) -> str:
        return f"Ratification of {self.decision}"

    @property
    def audit_stream(self) -> str:
        """Return the stream of the initiative."""
        return self.decision.audit_stream

    @transition(field=state, source=RatificationState.WAITING, target=RatificationState.RATIFIED)
    def ratify(self, *, by: Decision, at: datetime) -> None:
        """The council agreed."""
        self.ratified_by, self.ended_at = by, at

    @transition(field=state, source=RatificationState.WAITING, target=RatificationState.REFUSED)
    def refuse(self, *, at: datetime) -> None:
        """The council did not agree at its next meeting."""
        self.ended_at = at
