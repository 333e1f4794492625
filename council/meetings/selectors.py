"""What waits for an agenda, what an item froze, and who is at it."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from council.escalations.models import Escalation, EscalationState
from council.meetings.models import AgendaItem, ItemKind, Meeting, MeetingState
from council.meetings.rules import Candidate
from projects.funding.selectors import positions
from projects.gates.models import GateRequest
from projects.people.models import User


def next_meeting(on: date) -> Meeting | None:
    """Return the meeting in session, or else the first that is not over, from a day on."""
    live = Meeting.objects.exclude(state__in=[MeetingState.CANCELLED, MeetingState.MINUTES_APPROVED])
    ahead = ~Q(state=MeetingState.ADJOURNED) & Q(held_on__gte=on)
    rows = list(live.filter(Q(state=MeetingState.IN_SESSION) | ahead))
    return next((row for row in rows if row.state == MeetingState.IN_SESSION), next(iter(rows), None))


def candidates(meeting: Meeting, *, on: date) -> list[Candidate]:
    """Return what waits and stands on no agenda: one candidate an initiative, request and escalation joined."""
    requests = list(GateRequest.objects.filter(state="ready").select_related("initiative").order_by("ready_at", "id"))
    waiting = Escalation.objects.hard().filter(
        state__in=[EscalationState.RAISED, EscalationState.ACKNOWLEDGED, EscalationState.PLAN_FILED]
    )
    escalations: dict[int, list[Escalation]] = {}
    for escalation in waiting.select_related("initiative").order_by("raised_at", "id"):
        if escalation.snoozed_until is None or escalation.snoozed_until <= meeting.held_on:
            escalations.setdefault(escalation.initiative_id, []).append(escalation)
    found = [_of_request(request, escalations.get(request.initiative_id, []), on) for request in requests]
    taken = {candidate.escalation_id for candidate in found}
    alone = [e for group in escalations.values() for e in group if e.pk not in taken]
    return found + [_of_escalation(escalation) for escalation in alone]


def _of_request(request: GateRequest, escalations: Sequence[Escalation], on: date) -> Candidate:
    initiative = request.initiative
    escalation = escalations[0] if escalations else None
    kind = {"sunset": ItemKind.SUNSET, "stay": ItemKind.FUNDING, "advance": ItemKind.GATE}.get(
        request.kind, ItemKind.REVIEW
    )
    return Candidate(
        initiative_id=initiative.pk,
        kind=ItemKind.ESCALATION if escalation else kind,
        title=escalation.get_rule_display() if escalation else request.title,
        asked=request.ask,
        currency=request.currency,
        risk=initiative.risk_tier,
        waiting_days=(on - request.ready_at.date()).days if request.ready_at else 0,
        team_cost_per_day=initiative.team_cost_per_day or Decimal(0),
        gate_request_id=request.pk,
        escalation_id=escalation.pk if escalation else None,
        has_waiver=request.proofs.filter(state="waived").exists(),
    )


def _of_escalation(escalation: Escalation) -> Candidate:
    return Candidate(
        initiative_id=escalation.initiative_id,
        kind=ItemKind.ESCALATION,
        title=escalation.get_rule_display(),
        asked=None,
        currency=escalation.initiative.currency,
        risk=escalation.initiative.risk_tier,
        escalation_id=escalation.pk,
    )


def item_snapshot(item: AgendaItem, *, on: date, at: datetime) -> dict[str, Any]:
    """Return the figures that freeze with the pack, as text, with their time."""
    position = positions([item.initiative_id], on=on)[item.initiative_id]
    return {
        "approved": str(position.approved),
        "committed": str(position.committed),
        "spent": str(position.spent),
        "currency": position.currency,
        "stage": item.initiative.stage,
        "frozen_at": at.isoformat(),
    }


def items_for(meeting: Meeting, user: User) -> "QuerySet[AgendaItem]":
    """Return a meeting's items in order, without those from which the reader is recused."""
    items = meeting.items.exclude(state="postponed")
    recused = items.filter(attendance__term__user=user, attendance__is_recused=True)
    return (
        items.exclude(pk__in=recused.values("pk"))
        .select_related(
            "initiative__business_owner",
            "initiative__team",
            "initiative__sponsor",
            "gate_request",
            "escalation",
            "decision",
        )
        .order_by("number")
    )
