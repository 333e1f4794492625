"""What the room shows one person: agenda, the item in hand, votes and the list so far."""

from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

from council.decisions.models import MotionState, StrawView, Vote
from council.decisions.selectors import ask_of, members, missing_musts, quorum_of, tally_of
from council.meetings.models import AgendaItem, Attendance, ItemState, Meeting, MeetingState
from council.meetings.selectors import items_for
from council.seats.selectors import live_terms
from council.spend_lists.rules import list_hash
from council.spend_lists.selectors import current_list, list_content
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import may


def meeting_context(meeting: Meeting, user: User) -> dict[str, Any]:
    """Return the agenda page's context: items by group, attendance and what the reader may do."""
    items = list(items_for(meeting, user))
    present = set(Attendance.objects.filter(item__meeting=meeting, is_present=True).values_list("term_id", flat=True))
    return {
        "meeting": meeting,
        "items": items,
        "groups": [(kind, list(rows)) for kind, rows in groupby(items, key=lambda item: item.get_kind_display())],
        "terms": live_terms(),
        "present": present,
        "may_build": may(user, Permission.BUILD_AGENDA),
        "may_freeze": may(user, Permission.BUILD_PACK),
        "may_open": may(user, Permission.OPEN_MEETING),
        "may_attend": may(user, Permission.TAKE_ATTENDANCE),
        "may_sign": may(user, Permission.SIGN_LIST),
        "decided": sum(item.state == ItemState.DECIDED for item in items),
    }


def room_context(meeting: Meeting, user: User, at: datetime, number: int | None = None) -> dict[str, Any]:
    """Return the room's context for one person and the item they look at (default: the one in hand)."""
    context = meeting_context(meeting, user)
    items: list[AgendaItem] = context["items"]
    wanted = number or (meeting.current_item.number if meeting.current_item else None)
    item = next((row for row in items if row.number == wanted), items[0] if items else None)
    context |= {"item": item, "spend": spend_so_far(meeting, items, item)}
    if item is not None:
        context |= item_context(item, user, at)
    return context


def item_context(item: AgendaItem, user: User, at: datetime) -> dict[str, Any]:
    """Return one item as one person sees it: case, members, the motion and their own vote."""
    motion = item.motions.order_by("-round").first()
    rows = members(item)
    own = next((term for term in live_terms().filter(user=user)), None)
    votes = {vote.term_id: vote for vote in Vote.objects.filter(motion=motion, struck__isnull=True)} if motion else {}
    is_open = motion is not None and motion.state == MotionState.PUT
    return {
        "quorum": quorum_of(item, at),
        "motion": motion,
        "motion_is_open": is_open,
        "tally": tally_of(motion) if motion else None,
        "seats": [{"member": row, "vote": votes.get(row.term_id)} for row in rows],
        "own_vote": votes.get(own.pk) if own else None,
        "own_view": StrawView.objects.filter(item=item, term=own).first() if own else None,
        "views": _straw_counts(item) if item.state == ItemState.DECIDED else None,
        "ask": ask_of(item, on=at.date()),
        "missing": missing_musts(item, on=at.date()),
        "may_vote": own is not None and may(user, Permission.VOTE, initiative=item.initiative),
        "may_put": may(user, Permission.PUT_MOTION, initiative=item.initiative),
        "may_declare": may(user, Permission.DECLARE_RESULT, initiative=item.initiative),
        "in_session": item.meeting.state == MeetingState.IN_SESSION,
    }


def _straw_counts(item: AgendaItem) -> list[tuple[str, int]]:
    counts: dict[str, int] = {}
    for view in item.straw_views.all():
        counts[view.get_outcome_display()] = counts.get(view.get_outcome_display(), 0) + 1
    return sorted(counts.items())


def spend_so_far(meeting: Meeting, items: list[AgendaItem], item: AgendaItem | None) -> dict[str, Any]:
    """Return the running list: approved, this item, still to come and what is left of the headroom."""
    content = list_content(meeting)
    currency = items[0].currency if items else ""
    approved = Decimal(content["totals"].get(currency, "0"))
    undecided = [row for row in items if row.state != ItemState.DECIDED]
    current = item.asked if item is not None and item.state != ItemState.DECIDED and item.asked else Decimal(0)
    to_come = sum((row.asked or Decimal(0) for row in undecided), Decimal(0)) - current
    signed = current_list(meeting)
    return {
        "lines": list(reversed(content["lines"])),
        "currency": currency,
        "approved": approved,
        "current": current,
        "to_come": to_come,
        "decided": len(content["lines"]),
        "of": len(items),
        "signed": signed,
        "is_current": signed is not None and signed.sha256 == list_hash(content),
        "sha256": list_hash(content),
    }
