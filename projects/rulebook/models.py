"""Changes of attribution rules, with what they would move."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import F, Q
from django_fsm import transition

from projects.attribution.models import OVERRIDES
from projects.common.fields import StateField
from projects.common.triggers import lawful_states


class Act(models.TextChoices):
    """What a change does to a rule."""

    MAKE = "make", "New rule"
    CHANGE = "change", "Change"
    END = "end", "End"
    RETIRE = "retire", "Undo"
    MOVE = "move", "New place"
    CLAIM = "claim", "Claim"


class ChangeState(models.TextChoices):
    """A change is tried out by a job, stands proposed with what it moves, and counts once it is kept."""

    TRYING = "trying", "Being tried out"
    PROPOSED = "proposed", "Proposed"
    KEPT = "kept", "Kept"
    WITHDRAWN = "withdrawn", "Withdrawn"


MOVES = [("trying", "proposed"), ("trying", "withdrawn"), ("proposed", "kept"), ("proposed", "withdrawn")]


class RuleChange(models.Model):
    """One change of the rules: what it does, what its dry run found, who asked for it and who kept it."""

    act = models.CharField(max_length=8, choices=Act.choices)
    rule = models.ForeignKey(
        "projects.AttributionRule", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    asked = models.JSONField(default=dict, help_text="The draft as it was asked for.")
    words = models.CharField(max_length=700, help_text="The change in one sentence.")
    figures = models.JSONField(default=dict, help_text="What the dry run found, exact sums as text.")
    needs_second = models.BooleanField(default=False, help_text="Money of a closed month would move.")
    state = StateField(max_length=10, choices=ChangeState.choices, default=ChangeState.TRYING, protected=True)
    made_rule = models.ForeignKey(
        "projects.AttributionRule", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    asked_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    kept_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    kept_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                name="rule_change_kept_whole",
                condition=Q(state="kept", kept_by__isnull=False, kept_at__isnull=False)
                | ~Q(state="kept") & Q(kept_by__isnull=True, kept_at__isnull=True),
            ),
            models.CheckConstraint(
                name="rule_change_kept_by_two",
                condition=Q(needs_second=False) | Q(kept_by__isnull=True) | ~Q(kept_by=F("asked_by")),
            ),
        )
        triggers = lawful_states("state", start="trying", moves=MOVES)

    def __str__(self) -> str:
        return self.words

    @property
    def title(self) -> str:
        """Name what it does: a new rule that a person gives charges away by goes before all rules, so it is an override."""
        draft = self.asked.get("draft") or {}
        return "Override" if self.act == Act.MAKE and draft.get("kind") in OVERRIDES else self.get_act_display()

    @property
    def audit_stream(self) -> str:
        """Return the stream that all changes share."""
        return "attribution:changes"

    @property
    def moves(self) -> list[dict[str, Any]]:
        """Return what would move, by initiative and month."""
        moves: list[dict[str, Any]] = self.figures.get("initiatives", [])
        return moves

    @property
    def gains(self) -> list[tuple[str, Decimal]]:
        """Return the money that changes hands by currency: what initiatives and the unclaimed gain, month by month."""
        gained: dict[str, Decimal] = {}
        for row in self.moves:
            if (amount := Decimal(row["moved"])) > 0:
                gained[row["currency"]] = gained.get(row["currency"], Decimal(0)) + amount
        return sorted(gained.items())

    @property
    def nets(self) -> list[tuple[str | None, str, Decimal]]:
        """Return initiative (None for the unclaimed), currency and what it gains or loses in all months together."""
        net: dict[tuple[str | None, str], Decimal] = {}
        for row in self.moves:
            place = (row["initiative"], row["currency"])
            net[place] = net.get(place, Decimal(0)) + Decimal(row["moved"])
        return [(initiative, currency, amount) for (initiative, currency), amount in net.items()]

    @property
    def purposes(self) -> list[dict[str, Any]]:
        """Return what would be said to be for something else, by purpose and month."""
        purposes: list[dict[str, Any]] = self.figures.get("purposes", [])
        return purposes

    @transition(field=state, source=ChangeState.TRYING, target=ChangeState.PROPOSED)
    def propose(self, *, figures: dict[str, Any], needs_second: bool) -> None:
        """Keep what the dry run found."""
        self.figures, self.needs_second = figures, needs_second

    @transition(field=state, source=ChangeState.PROPOSED, target=ChangeState.KEPT)
    def keep(self, *, by_id: int, at: datetime) -> None:
        """Let it count."""
        self.kept_by_id, self.kept_at = by_id, at

    @transition(field=state, source=[ChangeState.TRYING, ChangeState.PROPOSED], target=ChangeState.WITHDRAWN)
    def withdraw(self) -> None:
        """Give it up."""
