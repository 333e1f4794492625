"""The chair's action between meetings: under the limit, ratified by the next meeting, else frozen and the rest returned."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max, Sum

from council.decisions.choices import RatificationState, Route
from council.decisions.models import Decision, Ratification
from council.decisions.rules import act_blockers
from council.decisions.services.between import (
    decide_between,
    locked_request,
    require_free,
    require_lawful,
    require_row,
    row_of,
)
from council.decisions.services.errors import MotionRefused
from council.decisions.services.making import Verdict
from council.meetings.models import AgendaItem, ItemKind, ItemState, Meeting, MeetingState
from projects.audit.services import record
from projects.funding import services as funding
from projects.funding.models import Tranche
from projects.initiatives.models import Initiative
from projects.limits.rules import Policy
from projects.limits.selectors import policy_on
from projects.people.models import User
from projects.people.permissions import Permission

OPEN_AGENDAS = (MeetingState.DRAFT, MeetingState.NOTICE_SENT)


@transaction.atomic
def act_between_meetings(
    *,
    gate_request_id: int,
    outcome: str,
    amount: Decimal,
    reason: str,
    conditions: Sequence[Mapping[str, Any]],
    details: Mapping[str, Any],
    by: User,
    at: datetime,
) -> Decision:
    """Decide a request as the chair, or as the deputy where the chair is interested, and have it ratified.

    Raise NotPermitted, WrongState, NotYours above the chair's row, or MotionRefused with what policy forbids.
    """
    gate = locked_request(gate_request_id)
    Initiative.objects.select_for_update().get(pk=gate.initiative_id)
    require_free(gate, by, Permission.CHAIR_ACTION, at=at)
    policy = policy_on(at.date())
    verdict = Verdict(outcome, amount, gate.currency, reason.strip()[:300], conditions, details)
    authority = row_of(gate, verdict, on=at.date(), policy=policy)
    require_row(authority, Route.CHAIR, gate)
    if blockers := act_blockers(
        limit=chairs_limit(gate.initiative, policy),
        acted=acted_so_far(gate.initiative),
        amount=amount,
        currency=gate.currency,
        initiative=gate.initiative.key,
    ):
        raise MotionRefused(blockers)
    require_lawful(gate, verdict, on=at.date())
    decision = decide_between(gate, verdict, route=Route.CHAIR, authority=authority.sentence, by=by, at=at)
    waiting = Ratification.objects.create(decision=decision)
    record(verb="chair_action.taken", target=waiting, by=by, at=at, data={"decision": decision.reference})
    following = Meeting.objects.filter(state__in=OPEN_AGENDAS, held_on__gte=at.date()).order_by("held_on").first()
    if following is not None:
        list_for_ratification(meeting_id=following.pk, by=by, at=at)
    return decision


def chairs_limit(initiative: Initiative, policy: Policy) -> Decimal:
    """Return how much the chair may decide alone for an initiative; high risk is one row up, so it is finance's row."""
    return policy.decimal("authority_amounts", Route.FINOPS if initiative.risk_tier == "high" else Route.CHAIR)


def acted_so_far(initiative: Initiative) -> Decimal:
    """Return what the chair decided for an initiative and the council has not ratified yet."""
    waiting = Ratification.objects.filter(decision__initiative=initiative, state=RatificationState.WAITING)
    return waiting.aggregate(total=Sum("decision__amount"))["total"] or Decimal(0)


@transaction.atomic
def list_for_ratification(*, meeting_id: int, by: User, at: datetime) -> int:
    """Put every action that waits and stands on no live agenda on a meeting's, by consent unless the risk is high."""
    meeting = Meeting.objects.select_for_update().get(pk=meeting_id)
    waiting = Ratification.objects.filter(state=RatificationState.WAITING).exclude(
        item__state__in=[ItemState.WAITING, ItemState.OPEN, ItemState.VOTING]
    )
    rows = list(waiting.select_for_update(of=("self",)).select_related("decision__initiative").order_by("pk"))
    last = meeting.items.aggregate(last=Max("number"))["last"] or 0
    for number, row in enumerate(rows, start=last + 1):
        decision = row.decision
        row.item = AgendaItem.objects.create(
            meeting=meeting,
            number=number,
            kind=ItemKind.RATIFICATION,
            initiative=decision.initiative,
            title=f"Ratify {decision.reference}, a chair's action"[:200],
            currency=decision.currency,
            is_consent=decision.initiative.risk_tier != "high",
        )
        row.save()
        record(verb="meeting.item_added", target=row.item, by=by, at=at, data={"ratifies": decision.reference})
    return len(rows)


@transaction.atomic
def refuse_unratified(*, meeting_id: int, by: User, at: datetime) -> list[Ratification]:
    """Undo the money of every action that the meeting should have ratified and did not: frozen, and its rest returned."""
    meeting = Meeting.objects.get(pk=meeting_id)
    waiting = Ratification.objects.filter(state=RatificationState.WAITING, item__meeting=meeting)
    rows = list(waiting.select_for_update(of=("self",)).select_related("decision__initiative").order_by("pk"))
    for row in rows:
        returned = _give_back(row.decision, meeting, by, at)
        row.refuse(at=at)
        row.save()
        data = {"meeting": meeting.held_on, "returned": returned}
        record(verb="chair_action.refused", target=row, by=by, at=at, data=data)
    return rows


def _give_back(decision: Decision, meeting: Meeting, by: User, at: datetime) -> list[str]:
    live = Tranche.objects.filter(decision_reference=decision.reference).exclude(
        state__in=["exhausted", "lapsed", "returned"]
    )
    given_back = []
    for tranche in live.order_by("number"):
        if tranche.state == "released":
            funding.freeze_tranche(
                tranche_id=tranche.pk,
                reason=f"{decision.reference} was not ratified on {meeting.held_on.isoformat()}.",
                by=by,
                at=at,
                decision_reference=decision.reference,
            )
        funding.return_rest(tranche_id=tranche.pk, decision_reference=decision.reference, by=by, at=at)
        given_back.append(tranche.label)
    return given_back
