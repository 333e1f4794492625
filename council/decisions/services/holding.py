"""Lock an item or a motion, and refuse what its state or a recusal forbids."""

from council.decisions.models import Motion, MotionState
from council.decisions.services.errors import Recused, VoteRefused
from council.meetings.models import AgendaItem, Attendance, MeetingState
from projects.common.outcomes import WrongState
from projects.people.models import User


def locked_item(item_id: int) -> AgendaItem:
    """Return an item under lock, with what is decided about."""
    items = AgendaItem.objects.select_for_update(of=("self",))
    return items.select_related("meeting", "initiative", "gate_request", "escalation").get(pk=item_id)


def locked_motion(motion_id: int) -> Motion:
    """Return a motion under lock."""
    motions = Motion.objects.select_for_update(of=("self",))
    return motions.select_related("item__meeting", "item__initiative").get(pk=motion_id)


def require_session(item: AgendaItem) -> None:
    """Raise WrongState unless the item's meeting is in session."""
    if item.meeting.state != MeetingState.IN_SESSION:
        raise WrongState(f"{item.meeting} is not in session.")


def require_put(motion: Motion) -> None:
    """Raise VoteRefused once the vote on a motion is closed."""
    if motion.state != MotionState.PUT:
        raise VoteRefused(f"The vote on this motion is closed: it was {motion.get_state_display().lower()}.")


def require_unrecused(item: AgendaItem, by: User) -> None:
    """Raise Recused for a member who is recused from the item."""
    if Attendance.objects.filter(item=item, term__user=by, is_recused=True).exists():
        raise Recused(f"You are recused from {item}. The deputy chair acts.")
