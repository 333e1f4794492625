"""Meetings, their agenda and who was there for which item."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django_fsm import transition

from projects.common.fields import StateField
from projects.common.triggers import lawful_states


class MeetingState(models.TextChoices):
    """Where a meeting stands."""

    DRAFT = "draft", "Draft"
    NOTICE_SENT = "notice_sent", "Notice sent"
    PACK_FROZEN = "pack_frozen", "Pack frozen"
    IN_SESSION = "in_session", "In session"
    ADJOURNED = "adjourned", "Adjourned"
    MINUTES_APPROVED = "minutes_approved", "Minutes approved"
    CANCELLED = "cancelled", "Cancelled"


MEETING_MOVES = (
    ("draft", "notice_sent"),
    ("notice_sent", "pack_frozen"),
    ("pack_frozen", "in_session"),
    ("in_session", "adjourned"),
    ("adjourned", "minutes_approved"),
    ("draft", "cancelled"),
    ("notice_sent", "cancelled"),
    ("pack_frozen", "cancelled"),
)


class Meeting(models.Model):
    """One sitting of the council, known by its day."""

    held_on = models.DateField(unique=True)
    starts_at = models.DateTimeField()
    title = models.CharField(max_length=120)
    place = models.CharField(max_length=200, blank=True)
    state = StateField(max_length=16, choices=MeetingState.choices, default=MeetingState.DRAFT, protected=True)
    policy_version = models.PositiveIntegerField(null=True, blank=True)
    notice_sent_at = models.DateTimeField(null=True, blank=True)
    frozen_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    adjourned_at = models.DateTimeField(null=True, blank=True)
    current_item = models.ForeignKey(
        "council.AgendaItem", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("held_on",)
        constraints = (
            models.CheckConstraint(
                name="frozen_under_a_policy", condition=Q(frozen_at__isnull=True) | Q(policy_version__isnull=False)
            ),
        )
        triggers = lawful_states("state", start="draft", moves=MEETING_MOVES)

    def __str__(self) -> str:
        return f"{self.title}, {self.held_on.isoformat()}"

    @property
    def audit_stream(self) -> str:
        """Return the meeting's own stream."""
        return f"meeting:{self.held_on.isoformat()}"

    @property
    def is_frozen(self) -> bool:
        """Say whether the pack is frozen, so that the agenda no longer changes."""
        return self.state not in {MeetingState.DRAFT, MeetingState.NOTICE_SENT}

    @property
    def takes_attendance(self) -> bool:
        """Say whether who is in the room can be noted now."""
        return self.state in {MeetingState.PACK_FROZEN, MeetingState.IN_SESSION}

    @transition(field=state, source=MeetingState.DRAFT, target=MeetingState.NOTICE_SENT)
    def send_notice(self, *, at: datetime) -> None:
        """Tell the members."""
        self.notice_sent_at = at

    @transition(field=state, source=MeetingState.NOTICE_SENT, target=MeetingState.PACK_FROZEN)
    def freeze(self, *, at: datetime, policy_version: int) -> None:
        """Freeze agenda, figures and the policy that binds this meeting."""
        self.frozen_at, self.policy_version = at, policy_version

    @transition(field=state, source=MeetingState.PACK_FROZEN, target=MeetingState.IN_SESSION)
    def open(self, *, at: datetime) -> None:
        """Begin."""
        self.opened_at = at

    @transition(field=state, source=MeetingState.IN_SESSION, target=MeetingState.ADJOURNED)
    def adjourn(self, *, at: datetime) -> None:
        """End."""
        self.adjourned_at, self.current_item = at, None

    @transition(field=state, source=MeetingState.ADJOURNED, target=MeetingState.MINUTES_APPROVED)
    def approve_minutes(self) -> None:
        """Agree the minutes at the next meeting."""

    @transition(
        field=state,
        source=[MeetingState.DRAFT, MeetingState.NOTICE_SENT, MeetingState.PACK_FROZEN],
        target=MeetingState.CANCELLED,
    )
    def cancel(self) -> None:
        """Call it off; its items go back to the queue."""


class ItemKind(models.TextChoices):
    """Why an item is on the agenda."""

    RATIFICATION = "ratification", "Chair's actions to ratify"
    ESCALATION = "escalation", "Escalations"
    GATE = "gate", "Gate requests"
    FUNDING = "funding", "Next-milestone funding"
    REVIEW = "review", "Reviews"
    CONDITION = "condition", "Conditions"
    SUNSET = "sunset", "Sunset"


class ItemState(models.TextChoices):
    """Where an item stands."""

    WAITING = "waiting", "Waiting"
    OPEN = "open", "Open"
    VOTING = "voting", "Voting"
    DECIDED = "decided", "Decided"
    POSTPONED = "postponed", "Postponed"


ITEM_MOVES = (
    ("waiting", "open"),
    ("open", "voting"),
    ("voting", "open"),
    ("voting", "decided"),
    ("open", "waiting"),
    ("waiting", "postponed"),
    ("open", "postponed"),
)


class AgendaItem(models.Model):
    """One thing to decide: a gate request, an escalation, or both of one initiative."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="items")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=12, choices=ItemKind.choices)
    state = StateField(max_length=10, choices=ItemState.choices, default=ItemState.WAITING, protected=True)
    initiative = models.ForeignKey("projects.Initiative", on_delete=models.PROTECT, related_name="+")
    gate_request = models.ForeignKey(
        "projects.GateRequest", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    escalation = models.ForeignKey(
        "council.Escalation", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    title = models.CharField(max_length=200)
    asked = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3)
    is_consent = models.BooleanField(default=False)
    snapshot = models.JSONField(default=dict, blank=True, help_text="Figures as frozen with the pack.")

    class Meta:
        ordering = ("meeting", "number")
        constraints = (
            models.UniqueConstraint(
                name="agenda_number_once", fields=["meeting", "number"], deferrable=models.Deferrable.DEFERRED
            ),
            models.CheckConstraint(
                name="escalation_never_by_consent", condition=~Q(kind="escalation", is_consent=True)
            ),
        )
        triggers = lawful_states("state", start="waiting", moves=ITEM_MOVES)

    def __str__(self) -> str:
        return f"Item {self.number}: {self.title}"

    @property
    def audit_stream(self) -> str:
        """Return the stream of the item's meeting."""
        return self.meeting.audit_stream

    @transition(field=state, source=ItemState.WAITING, target=ItemState.OPEN)
    def call(self) -> None:
        """Take the item up."""

    @transition(field=state, source=ItemState.OPEN, target=ItemState.WAITING)
    def set_aside(self) -> None:
        """Come back to it later in this meeting."""

    @transition(field=state, source=ItemState.OPEN, target=ItemState.VOTING)
    def open_vote(self) -> None:
        """Vote on a motion."""

    @transition(field=state, source=ItemState.VOTING, target=ItemState.OPEN)
    def reopen(self) -> None:
        """The motion failed or was withdrawn; another may be put."""

    @transition(field=state, source=ItemState.VOTING, target=ItemState.DECIDED)
    def decide(self) -> None:
        """A motion was carried and declared."""

    @transition(field=state, source=[ItemState.WAITING, ItemState.OPEN], target=ItemState.POSTPONED)
    def postpone(self) -> None:
        """Leave it to another meeting."""


class Attendance(models.Model):
    """One member at one item: present, absent or recused; recusal removes pages, vote and quorum weight."""

    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="attendance")
    term = models.ForeignKey("council.SeatTerm", on_delete=models.PROTECT, related_name="+")
    is_present = models.BooleanField(default=False)
    is_recused = models.BooleanField(default=False)
    recusal_reason = models.CharField(max_length=300, blank=True)
    noted_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(name="attendance_once", fields=["item", "term"]),
            models.CheckConstraint(name="recusal_has_reason", condition=Q(is_recused=False) | ~Q(recusal_reason="")),
        )

    def __str__(self) -> str:
        return f"{self.term.user} at {self.item}"
