"""Members at an item, its quorum, its tally and what a motion must respect."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from council.decisions.choices import BETWEEN_MEETINGS
from council.decisions.models import Decision, Motion, Outcome, Ratification, Vote
from council.decisions.rules import (
    Ask,
    Member,
    Quorum,
    Tally,
    motion_blockers,
    quorum,
    ratification_blockers,
    tally,
    voters,
)
from council.effects.selectors import headroom_left
from council.meetings.models import AgendaItem, Attendance, ItemKind
from projects.common.memo import once
from projects.common.outcomes import Blocker
from projects.gates.models import GateRequest
from projects.gates.selectors import readiness
from projects.initiatives.models import Initiative
from projects.limits.models import PolicyVersion
from projects.limits.rules import Policy
from projects.limits.selectors import policy_of, policy_on

MONEY_OUTCOMES = (Outcome.GO, Outcome.GO_WITH_CONDITIONS)


def policy_of_meeting(item: AgendaItem, at: datetime) -> Policy:
    """Return the policy in force at the freeze of the item's pack."""
    number = item.meeting.policy_version
    if number is None:
        return policy_on(at.date())
    version = once(("version", number), PolicyVersion.objects.filter(number=number).first)
    return policy_of(version) if version else policy_on(at.date())


def members(item: AgendaItem) -> list[Member]:
    """Return every seat's holder at an item, in the order of seats; one query."""
    rows = Attendance.objects.filter(item=item, term__until__isnull=True).select_related("term__seat", "term__user")
    return [
        Member(
            term_id=row.term_id,
            name=str(row.term.user),
            seat_id=row.term.seat_id,
            persona=row.term.seat.persona,
            is_voting=row.term.seat.is_voting,
            is_chair=row.term.seat.is_chair,
            is_deputy_chair=row.term.seat.is_deputy_chair,
            deputy_of=row.term.seat.deputy_of_id,
            is_present=row.is_present,
            is_recused=row.is_recused,
        )
        for row in rows.order_by("term__seat__order", "term__seat__name")
    ]


def quorum_of(item: AgendaItem, at: datetime) -> Quorum:
    """Return an item's quorum under the policy of its meeting."""
    return quorum(members(item), floor=policy_of_meeting(item, at).integer("quorum_floor"))


def counting_votes(motion: Motion) -> list[Vote]:
    """Return a motion's votes that were not struck and whose members are not recused."""
    votes = motion.votes.filter(struck__isnull=True).select_related("term__user", "term__seat")
    recused = Attendance.objects.filter(item=motion.item_id, is_recused=True).values("term")
    return list(votes.exclude(term__in=recused).order_by("term__seat__order", "id"))


def tally_of(motion: Motion) -> Tally:
    """Return a motion's tally over those present and free of interest."""
    there = voters(members(motion.item))
    return tally((vote.choice for vote in counting_votes(motion)), present=len(there))


def ask_of(item: AgendaItem, *, on: date) -> Ask:
    """Return what an item's motion must respect: the request's range, the headroom left, the stage."""
    return ask_for(item.initiative, item.gate_request, item.currency, on=on)


def ask_for(initiative: Initiative, request: GateRequest | None, currency: str, *, on: date) -> Ask:
    """Return what a decision about an initiative must respect, at a meeting or between two."""
    return Ask(
        currency=currency,
        minimum=request.minimum if request else None,
        maximum=request.maximum if request else None,
        headroom=headroom_left(initiative, on=on),
        stage=initiative.stage,
    )


def ratification_of(item: AgendaItem) -> Ratification | None:
    """Return the chair's action that an item asks the council to ratify, or None for any other item."""
    if item.kind != ItemKind.RATIFICATION:
        return None
    return Ratification.objects.select_related("decision").filter(item=item).first()


def verdict_blockers(
    item: AgendaItem,
    outcome: str,
    amount: Decimal,
    reason: str,
    conditions: Sequence[Mapping[str, Any]],
    *,
    on: date,
) -> list[Blocker]:
    """Say what policy forbids in a motion on an item: of a ratification, anything but what the chair did."""
    if ratified := ratification_of(item):
        return ratification_blockers(
            outcome=outcome,
            amount=amount,
            reason=reason,
            action=ratified.decision.reference,
            done=(ratified.decision.outcome, ratified.decision.amount),
        )
    blockers = motion_blockers(
        outcome=outcome, amount=amount, reason=reason, conditions=conditions, ask=ask_of(item, on=on), on=on
    )
    return blockers + (missing_musts(item, on=on) if outcome in MONEY_OUTCOMES else [])


def missing_musts(item: AgendaItem, *, on: date) -> list[Blocker]:
    """Return the musts of an item's request that are neither proved nor waived on a day."""
    return readiness(item.gate_request, on=on).blockers() if item.gate_request else []


def decided_between(*, since: datetime | None, until: datetime) -> list[Decision]:
    """Return what was decided outside meetings after a moment and until another, for a consent block; one query."""
    rows = Decision.objects.filter(route__in=BETWEEN_MEETINGS, decided_at__lte=until)
    if since is not None:
        rows = rows.filter(decided_at__gt=since)
    return list(rows.select_related("initiative", "decided_by", "second_by", "ratification").order_by("decided_at"))
