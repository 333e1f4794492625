"""What was decided about an initiative: each decision with its conditions, its money and the spend against it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from council.decisions.models import Decision
from council.home.rules import tally_words
from council.meetings.models import AgendaItem, ItemState, MeetingState
from projects.conditions.models import Condition
from projects.funding.models import Tranche
from projects.funding.selectors import Paid, paid_by, tranche_spent
from projects.gates.choices import Outcome
from projects.gates.models import GateRequest
from projects.initiatives.models import Initiative
from projects.people.models import User

TONES = {
    Outcome.GO: ("ok", "okf"),
    Outcome.GO_WITH_CONDITIONS: ("ok", "okf"),
    Outcome.RECYCLE: ("warn", "left"),
    Outcome.HOLD: ("warn", "pause"),
    Outcome.KILL: ("bad", "stop"),
    Outcome.SUNSET: ("", "none"),
}


@dataclass(frozen=True)
class ConditionRow:
    """One condition as the component prints it."""

    number: int
    text: str
    owner: str
    verifier: str
    due_on: date
    closed_on: date | None
    waived_by: str
    days_late: int
    origin: str
    url: str
    action: str


@dataclass(frozen=True)
class Decided:
    """One decision, however it was recorded; ``decision`` is None where only its effects are on record."""

    reference: str
    at: datetime
    title: str
    tone: str
    icon: str
    decision: Decision | None
    votes: str
    tranche: Tranche | None
    conditions: tuple[ConditionRow, ...]

    @property
    def css(self) -> str:
        """Return the colour of its icon in a list."""
        return f"is-{self.tone}" if self.tone else "mute"

    @property
    def amount(self) -> Decimal | None:
        """Return the money decided, or None where no money was."""
        if self.tranche is not None:
            return self.tranche.amount
        return self.decision.amount if self.decision and self.decision.amount else None


@dataclass(frozen=True)
class Money:
    """A decision's tranche, what was spent in its window and the charges it pays for; None before its release."""

    tranche: Tranche
    spent: Decimal | None
    paid: Paid | None = None


def decisions_of(initiative: Initiative, *, on: date) -> list[Decided]:
    """Return what was decided, newest first: decisions, and older references known by their effects; four queries."""
    tranches = {row.decision_reference: row for row in initiative.tranches.select_related("milestone")}
    conditions = conditions_of(initiative, on=on)
    rows = Decision.objects.filter(initiative=initiative).select_related("item__meeting", "decided_by")
    found = [_decided(row, tranches.get(row.reference), conditions.get(row.reference, [])) for row in rows]
    known = {row.reference for row in found}
    requests = GateRequest.objects.filter(initiative=initiative).exclude(decision_reference="")
    for request in requests.order_by("decided_at"):
        if request.decision_reference not in known and request.decided_at is not None:
            known.add(request.decision_reference)
            found.append(
                _by_request(
                    request,
                    tranches.get(request.decision_reference),
                    conditions.get(request.decision_reference, []),
                    request.decided_at,
                )
            )
    for reference, tranche in tranches.items():
        if reference not in known:
            found.append(_by_effect(reference, tranche, conditions.get(reference, [])))
    return sorted(found, key=lambda row: row.at, reverse=True)


def conditions_of(initiative: Initiative, *, on: date) -> dict[str, list[ConditionRow]]:
    """Return the conditions of an initiative by decision, in their order; one query."""
    found: dict[str, list[ConditionRow]] = {}
    rows = Condition.objects.filter(initiative=initiative).select_related("owner", "verifier")
    for row in rows.order_by("number"):
        found.setdefault(row.decision_reference, []).append(_condition(row, initiative, on))
    return found


def _condition(row: Condition, initiative: Initiative, on: date) -> ConditionRow:
    closed = row.verified_at.date() if row.verified_at else None
    is_over = closed is not None or bool(row.waived_by_decision)
    words = {"open": "Show that it is met", "met": "Check it"}
    return ConditionRow(
        number=row.number,
        text=row.text,
        owner=str(row.owner),
        verifier=str(row.verifier),
        due_on=row.due_on,
        closed_on=closed,
        waived_by=row.waived_by_decision,
        days_late=0 if is_over else max((on - row.due_on).days, 0),
        origin=f"{row.get_blocks_display().lower()}{', said to be met' if row.state == 'met' else ''}",
        url=f"/initiatives/{initiative.key}/conditions/{row.number}/",
        action=words.get(row.state, "See it"),
    )


def _decided(row: Decision, tranche: Tranche | None, conditions: Sequence[ConditionRow]) -> Decided:
    tone, icon = TONES[Outcome(row.outcome)]
    return Decided(
        reference=row.reference,
        at=row.decided_at,
        title=row.get_outcome_display(),
        tone=tone,
        icon=icon,
        decision=row,
        votes=tally_words(row.tally),
        tranche=tranche,
        conditions=tuple(conditions),
    )


def _by_request(
    request: GateRequest, tranche: Tranche | None, conditions: Sequence[ConditionRow], at: datetime
) -> Decided:
    outcome = Outcome(request.outcome or Outcome.GO)
    tone, icon = TONES[outcome]
    return Decided(
        request.decision_reference,
        at,
        f"{outcome.label} on {request.key}",
        tone,
        icon,
        None,
        "",
        tranche,
        tuple(conditions),
    )


def _by_effect(reference: str, tranche: Tranche, conditions: Sequence[ConditionRow]) -> Decided:
    title = f"Tranche {tranche.number} approved"
    return Decided(reference, tranche.decided_at, title, "ok", "okf", None, "", tranche, tuple(conditions))


def money_of(row: Decided, *, on: date) -> Money | None:
    """Return the money of a decision with the spend against it, or None where it gave none."""
    if row.tranche is None:
        return None
    if row.tranche.released_at is None:
        return Money(row.tranche, None)
    return Money(row.tranche, tranche_spent(row.tranche, on=on), paid_by(row.tranche, on=on))


def next_item(initiative: Initiative, user: User) -> AgendaItem | None:
    """Return the item of a coming meeting that decides about it; nothing to a member who is recused from it."""
    live = AgendaItem.objects.filter(
        initiative=initiative, state__in=[ItemState.WAITING, ItemState.OPEN, ItemState.VOTING]
    ).exclude(meeting__state__in=[MeetingState.CANCELLED, MeetingState.ADJOURNED, MeetingState.MINUTES_APPROVED])
    hidden = live.filter(attendance__term__user=user, attendance__is_recused=True).values("pk")
    found = live.exclude(pk__in=hidden).select_related("meeting", "gate_request").order_by("meeting__held_on")
    return found.first()
