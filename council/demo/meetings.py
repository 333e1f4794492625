"""Last month's meeting, held and signed, and today's, whose pack is frozen and whose items wait."""

from datetime import datetime, timedelta
from decimal import Decimal

from council.decisions import services as decisions
from council.demo.people import SEATS, People
from council.demo.plan import Plan
from council.demo.requests import LAST_ASK, TODAY_ASKS, make_ready
from council.escalations.models import Escalation
from council.escalations.services import acknowledge_escalation, file_plan
from council.escalations.sweeps import sweep
from council.meetings import services as meetings
from council.meetings.models import Meeting
from council.seats.models import SeatTerm
from council.spend_lists.rules import list_hash
from council.spend_lists.selectors import list_content
from council.spend_lists.services import issue_ticket, sign_list
from projects.initiatives.models import Initiative
from projects.people.models import User

LAST_MEETING_DAYS = 28
NOTICE_DAYS = 7
FIRST_SWEEP_DAYS = 16
PLANS = {
    "over_budget": "Agent loops ran 6.2 steps on average against a plan of 4. We capped them at 4. Daily cost is down by a "
    "fifth and the forecast falls with it if the council agrees the plan.",
    "quality_failed": "Sources are now checked before an asset is published. The next reading is due in a week.",
}


def hold_last_meeting(plan: Plan, people: People, made: dict[str, Initiative], password: str) -> Meeting:
    """Hold and sign last month's meeting, which funded one low-cost experiment."""
    day = plan.today - timedelta(days=LAST_MEETING_DAYS)
    make_ready(plan, people, made[LAST_ASK.key], LAST_ASK, plan.days_ago(LAST_MEETING_DAYS + 20))
    secretary, chair = people["Grace Whitfield"], people["Helena Marsh"]
    starts = plan.days_ago(LAST_MEETING_DAYS, 10)
    meeting = meetings.plan_meeting(
        held_on=day,
        starts_at=starts,
        title=f"{day:%B} council",
        place="Room Aurora",
        by=secretary,
        at=plan.days_ago(LAST_MEETING_DAYS + 30),
    )
    before = plan.days_ago(LAST_MEETING_DAYS + NOTICE_DAYS)
    meetings.build_agenda(meeting_id=meeting.pk, by=secretary, at=before)
    meetings.send_notice(meeting_id=meeting.pk, by=secretary, at=before)
    meetings.freeze_meeting(meeting_id=meeting.pk, by=secretary, at=plan.days_ago(LAST_MEETING_DAYS + 2, 18))
    meetings.open_meeting(meeting_id=meeting.pk, by=chair, at=starts)
    names = [name for name, *_ in SEATS]
    terms = {term.user_id: term.pk for term in SeatTerm.objects.all()}
    present = [terms[people[name].pk] for name in names]
    meetings.take_attendance(meeting_id=meeting.pk, present=present, by=secretary, at=starts)
    item = meeting.items.get()
    meetings.call_item(item_id=item.pk, by=chair, at=starts)
    motion = decisions.put_motion(
        item_id=item.pk,
        outcome="go",
        amount=Decimal(LAST_ASK.amount),
        reason="Small, bounded, and testable in six weeks.",
        conditions=[],
        details={},
        by=chair,
        at=starts,
    )
    for name in names:
        decisions.cast_vote(motion_id=motion.pk, choice="for", by=people[name], at=starts + timedelta(minutes=9))
    decisions.declare_result(motion_id=motion.pk, by=chair, at=starts + timedelta(minutes=10))
    _sign(meeting, people, password, starts + timedelta(minutes=40))
    return meetings.adjourn_meeting(meeting_id=meeting.pk, by=chair, at=starts + timedelta(minutes=45))


def _sign(meeting: Meeting, people: People, password: str, at: datetime) -> None:
    chair, meeting = User.objects.get(pk=people["Helena Marsh"].pk), Meeting.objects.get(pk=meeting.pk)
    ticket = issue_ticket(meeting_id=meeting.pk, password=password, by=chair, at=at)
    sign_list(
        meeting_id=meeting.pk,
        ticket_id=ticket.pk,
        sha256=list_hash(list_content(meeting)),
        by=chair,
        at=at,
    )


def prepare_todays_meeting(plan: Plan, people: People, made: dict[str, Initiative]) -> Meeting:
    """Raise what tripped day by day, let owners answer, make the asks ready, and freeze today's pack two days ago."""
    secretary = people["Grace Whitfield"]
    meeting = meetings.plan_meeting(
        held_on=plan.today,
        starts_at=plan.days_ago(0, 10),
        title=f"{plan.today:%B} council",
        place="Room Aurora",
        by=secretary,
        at=plan.days_ago(25),
    )
    for ask in TODAY_ASKS:
        make_ready(plan, people, made[ask.key], ask, plan.days_ago(18))
    for days in range(FIRST_SWEEP_DAYS, NOTICE_DAYS - 1, -1):
        sweep(on=plan.days_ago(days).date(), at=plan.days_ago(days, 6))
    _answer(plan, people)
    before = plan.days_ago(NOTICE_DAYS - 1)
    meetings.build_agenda(meeting_id=meeting.pk, by=secretary, at=before)
    meetings.send_notice(meeting_id=meeting.pk, by=secretary, at=before)
    for days in range(NOTICE_DAYS - 1, -1, -1):
        sweep(on=plan.days_ago(days).date(), at=plan.days_ago(days, 6))
    return meetings.freeze_meeting(meeting_id=meeting.pk, by=secretary, at=plan.days_ago(2, 18))


def _answer(plan: Plan, people: People) -> None:
    for row in Escalation.objects.hard().open().select_related("initiative__business_owner"):
        at = plan.days_ago(NOTICE_DAYS)
        acknowledge_escalation(escalation_id=row.pk, by=people["Kenji Watanabe"], at=at)
        if row.rule in PLANS:
            file_plan(escalation_id=row.pk, plan=PLANS[row.rule], by=row.initiative.business_owner, at=at)
