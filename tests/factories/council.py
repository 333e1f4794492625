"""The council: seats with their holders, and meetings by the state they stand in, made by the services."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from council.meetings import services as meetings
from council.meetings.models import Meeting
from council.seats.models import Seat, SeatTerm
from projects.people.models import User
from projects.people.roles import Role
from tests.factories.people import GRANTED_AT, person

AT = datetime(2026, 11, 19, 9, tzinfo=UTC)
HELD_ON = date(2026, 11, 19)
SEATS = (
    ("carol", "Chair", "executive", {"is_chair": True}),
    ("dora", "Deputy chair", "business", {"is_deputy_chair": True}),
    ("finn", "Finance", "finance", {}),
    ("rick", "Security and risk", "risk", {}),
    ("arno", "Enterprise architecture", "architecture", {}),
    ("pia", "AI platform", "platform", {}),
)


@dataclass
class Council:
    """The members by name, with their terms."""

    people: dict[str, User] = field(default_factory=dict)
    terms: dict[str, SeatTerm] = field(default_factory=dict)

    def __getattr__(self, name: str) -> User:
        try:
            return self.__dict__["people"][name]
        except KeyError as missing:
            raise AttributeError(name) from missing


def council() -> Council:
    """Return a council of six, with a deputy of the finance seat beside it."""
    made = Council()
    secretary = person("sybil", Role.SECRETARY)
    made.people["sybil"] = secretary
    for order, (username, name, persona, facts) in enumerate(SEATS):
        seat_member(made, username, name, persona, order=order, **facts)
    seat_member(made, "dave", "Finance deputy", "finance", order=20, is_voting=False, deputy_of=made.terms["finn"].seat)
    return made


def seat_member(made: Council, username: str, name: str, persona: str, **facts: object) -> SeatTerm:
    """Seat a new person."""
    user = person(username)
    seat = Seat.objects.create(name=name, persona=persona, **facts)
    granting, confirming = User.objects.get(username="granting"), User.objects.get(username="confirming")
    term = SeatTerm.objects.create(seat=seat, user=user, granted_by=granting, confirmed_by=confirming, since=GRANTED_AT)
    made.people[username], made.terms[username] = user, term
    return term


def planned(made: Council, held_on: date = HELD_ON) -> Meeting:
    """Return a planned meeting."""
    starts = datetime(held_on.year, held_on.month, held_on.day, 10, tzinfo=UTC)
    return meetings.plan_meeting(
        held_on=held_on, starts_at=starts, title="November council", place="Room 1", by=made.sybil, at=AT
    )


def noticed(made: Council, held_on: date = HELD_ON) -> Meeting:
    """Return a meeting whose agenda is built from what waits and whose notice is sent."""
    meeting = planned(made, held_on)
    meetings.build_agenda(meeting_id=meeting.pk, by=made.sybil, at=AT)
    return meetings.send_notice(meeting_id=meeting.pk, by=made.sybil, at=AT)


def frozen(made: Council, held_on: date = HELD_ON) -> Meeting:
    """Return a meeting whose pack is frozen."""
    return meetings.freeze_meeting(meeting_id=noticed(made, held_on).pk, by=made.sybil, at=AT)


def in_session(made: Council, held_on: date = HELD_ON, absent: tuple[str, ...] = ()) -> Meeting:
    """Return an open meeting with everybody there but those named, and its first item called."""
    meeting = meetings.open_meeting(meeting_id=frozen(made, held_on).pk, by=made.carol, at=AT)
    present = [term.pk for name, term in made.terms.items() if name not in absent]
    meetings.take_attendance(meeting_id=meeting.pk, present=present, by=made.sybil, at=AT)
    first = meeting.items.order_by("number").first()
    meetings.call_item(item_id=first.pk, by=made.carol, at=AT)
    return Meeting.objects.get(pk=meeting.pk)
