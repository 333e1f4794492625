"""Straw views, motions and votes."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django_fsm import transition

from council.decisions.choices import Outcome
from projects.common.fields import StateField
from projects.common.models import AppendOnly
from projects.common.triggers import lawful_states


class StrawView(models.Model):
    """A member's private leaning before the motion; closed to all until the item closes."""

    item = models.ForeignKey("council.AgendaItem", on_delete=models.PROTECT, related_name="straw_views")
    term = models.ForeignKey("council.SeatTerm", on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=20, choices=Outcome.choices)
    note = models.CharField(max_length=300, blank=True)
    given_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(name="one_straw_view", fields=["item", "term"]),)

    def __str__(self) -> str:
        return f"Straw view on {self.item_id}"


class MotionState(models.TextChoices):
    """Where a motion stands."""

    PUT = "put", "Put"
    CARRIED = "carried", "Carried"
    NOT_CARRIED = "not_carried", "Not carried"
    WITHDRAWN = "withdrawn", "Withdrawn"


class Motion(models.Model):
    """What is voted on: outcome, amount, conditions and one line of reason."""

    item = models.ForeignKey("council.AgendaItem", on_delete=models.PROTECT, related_name="motions")
    round = models.PositiveSmallIntegerField()
    outcome = models.CharField(max_length=20, choices=Outcome.choices)
    amount = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    currency = models.CharField(max_length=3)
    reason = models.CharField(max_length=300)
    conditions = models.JSONField(default=list, blank=True)
    details = models.JSONField(default=dict, blank=True, help_text="Dates and milestone for the effects.")
    state = StateField(max_length=12, choices=MotionState.choices, default=MotionState.PUT, protected=True)
    put_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="+")
    put_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    tally = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ("item", "round")
        constraints = (
            models.UniqueConstraint(name="motion_round_once", fields=["item", "round"]),
            models.UniqueConstraint(name="one_motion_at_a_time", fields=["item"], condition=Q(state="put")),
            models.CheckConstraint(name="motion_amount_not_negative", condition=Q(amount__gte=0)),
            models.CheckConstraint(name="motion_has_reason", condition=~Q(reason="")),
        )
        triggers = lawful_states(
            "state", start="put", moves=[("put", "carried"), ("put", "not_carried"), ("put", "withdrawn")]
        )

    def __str__(self) -> str:
        return f"{self.get_outcome_display()} on {self.item}"

    @property
    def audit_stream(self) -> str:
        """Return the stream of the meeting."""
        return self.item.audit_stream

    @transition(field=state, source=MotionState.PUT, target=MotionState.CARRIED)
    def carry(self, *, tally: dict[str, int], at: datetime) -> None:
        """Declare it carried."""
        self.tally, self.ended_at = tally, at

    @transition(field=state, source=MotionState.PUT, target=MotionState.NOT_CARRIED)
    def fall(self, *, tally: dict[str, int], at: datetime) -> None:
        """Declare it not carried."""
        self.tally, self.ended_at = tally, at

    @transition(field=state, source=MotionState.PUT, target=MotionState.WITHDRAWN)
    def withdraw(self, *, at: datetime) -> None:
        """Take it back before the result."""
        self.ended_at = at


class Choice(models.TextChoices):
    """How a member votes; abstention counts for quorum only."""

    FOR = "for", "For"
    AGAINST = "against", "Against"
    ABSTAIN = "abstain", "Abstain"


class Vote(AppendOnly):
    """One member's recorded vote on one motion, cast in person."""

    motion = models.ForeignKey(Motion, on_delete=models.PROTECT, related_name="votes")
    term = models.ForeignKey("council.SeatTerm", on_delete=models.PROTECT, related_name="+")
    cast_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="+")
    choice = models.CharField(max_length=8, choices=Choice.choices)
    cast_at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        constraints = (
            models.UniqueConstraint(name="one_vote", fields=["motion", "term"]),
            models.UniqueConstraint(name="one_vote_a_person", fields=["motion", "cast_by"]),
        )

    def __str__(self) -> str:
        return f"{self.cast_by}: {self.choice}"


class StruckVote(AppendOnly):
    """A vote that no longer counts, because its member was recused after casting it."""

    vote = models.OneToOneField(Vote, on_delete=models.PROTECT, related_name="struck")
    reason = models.CharField(max_length=300)
    struck_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="+")
    struck_at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        pass

    def __str__(self) -> str:
        return f"Struck: {self.vote}"
