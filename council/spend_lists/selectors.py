"""What a meeting's list says now, and the list in force."""

from typing import Any

from council.decisions.models import Decision
from council.meetings.models import Meeting
from council.spend_lists.models import SpendList
from council.spend_lists.rules import totals


def decided(meeting: Meeting) -> list[Decision]:
    """Return a meeting's decisions in the order of its agenda."""
    decisions = Decision.objects.filter(item__meeting=meeting)
    return list(decisions.select_related("initiative__business_owner", "item").order_by("item__number"))


def list_content(meeting: Meeting) -> dict[str, Any]:
    """Return the content of a meeting's list as its decisions stand: what is hashed and signed."""
    lines = [_line(position, decision) for position, decision in enumerate(decided(meeting), start=1)]
    return {
        "meeting": meeting.held_on.isoformat(),
        "policy_version": meeting.policy_version,
        "lines": lines,
        "totals": totals(lines),
    }


def _line(position: int, decision: Decision) -> dict[str, Any]:
    effects = decision.effects
    return {
        "position": position,
        "initiative": decision.initiative.key,
        "name": decision.initiative.name,
        "owner": str(decision.initiative.business_owner),
        "decision": decision.reference,
        "outcome": decision.outcome,
        "tranche": effects.get("tranche", ""),
        "amount": str(decision.amount),
        "currency": decision.currency,
        "milestone": effects.get("milestone", ""),
        "release_by": effects.get("release_by"),
        "conditions": [str(condition["text"]) for condition in decision.conditions],
        "caps": effects.get("caps", []),
    }


def current_list(meeting: Meeting) -> SpendList | None:
    """Return the newest signed list of a meeting, which supersedes the earlier ones."""
    return meeting.spend_lists.order_by("-version").first()
