"""Members at an item, its quorum, its tally and what a motion must respect."""

from datetime import date, datetime

from council.decisions.models import Motion, Vote
from council.decisions.rules import Ask, Member, Quorum, Tally, quorum, tally, voters
from council.effects.selectors import headroom_left
from council.meetings.models import AgendaItem, Attendance
from projects.common.outcomes import Blocker
from projects.gates.selectors import readiness
from projects.limits.models import PolicyVersion
from projects.limits.rules import Policy
from projects.limits.selectors import policy_of, policy_on


def policy_of_meeting(item: AgendaItem, at: datetime) -> Policy:
    """Return the policy in force at the freeze of the item's pack."""
    number = item.meeting.policy_version
    version = PolicyVersion.objects.filter(number=number).first() if number else None
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
    request = item.gate_request
    return Ask(
        currency=item.currency,
        minimum=request.minimum if request else None,
        maximum=request.maximum if request else None,
        headroom=headroom_left(item.initiative, on=on),
        stage=item.initiative.stage,
        is_advance=bool(request and request.kind == "advance"),
        has_escalation=item.escalation_id is not None,
    )


def missing_musts(item: AgendaItem, *, on: date) -> list[Blocker]:
    """Return the musts of an item's request that are neither proved nor waived on a day."""
    return readiness(item.gate_request, on=on).blockers() if item.gate_request else []
