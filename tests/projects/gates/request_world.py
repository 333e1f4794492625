"""One initiative, everybody around it, and the council's whole house: what random acts of a request's life act on."""

from datetime import date, timedelta
from decimal import Decimal

from django.db import connection

from council.decisions.models import Motion, Proposal
from council.meetings.models import Meeting
from projects.common.outcomes import Refused
from projects.gates.models import GateRequest
from projects.gates.selectors import readiness
from projects.initiatives.models import Initiative
from projects.people.models import User
from projects.people.roles import Role
from projects.reviews.models import Review
from tests.factories.council import AT, council, seat_member
from tests.factories.gates import cast, concept, reviewer
from tests.factories.money import envelope
from tests.factories.people import person
from tests.projects.gates.request_laws import COUNTS, FOUND_READY, KEPT, LAWS, WRITTEN

OWNER_SIDE = ("olga", "tom", "sam", "colin", "mona")
OTHERS = ("rita", "ravi", "fay", "sue", "carol", "dora", "finn", "ken", "arno", "max", "audrey", "ada")
EVERYBODY = (*OWNER_SIDE, *OTHERS)
IN_THE_ROOM = ("voting", "open", "waiting")


def rows(sql):
    """Return what a question in SQL finds."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


class World:
    """The house as it stands before the first act; its rows are undone after every example."""

    def __init__(self):
        people, board = cast(), council()
        seat_member(board, "ken", "FinOps", "finops", order=6)
        self.board = board
        self.people = {**vars(people), **board.people}
        for name, role in (("audrey", Role.AUDITOR), ("ada", Role.ADMINISTRATOR)):
            self.people[name] = person(name, role)
        self.people["colin"], self.people["mona"] = person("colin"), person("mona", Role.MEMBER)
        self.people["ravi"] = reviewer("ravi", "finops", "architecture", "security", "data")
        User.objects.filter(username="olga").update(line_manager=self.people["mona"])
        olga = people.olga = self.people["olga"] = User.objects.get(username="olga")
        envelope(people.fay, AT.replace(month=1), "6000000", starts_on=date(2026, 1, 1), ends_on=date(2031, 1, 1))
        made = concept(people, sponsor=people.sam)
        made.participants.create(user=self.people["colin"], part="contributor", since=AT)
        assert olga.line_manager_id
        self.initiative_id = made.pk


class Life:
    """What one example knows: the clock, who is who, what was seen written for good, and how acts are tried."""

    def __init__(self, world, at, tried, done):
        self.world, self.at, self.tried, self.done = world, at, tried, done
        self.kept, self.ready_moves, self.looked_up, self.is_changed = {}, set(), {}, True

    def look(self, name, look_up):
        """Look something up once until the next act that was done; rules ask often whether they may be drawn."""
        if name not in self.looked_up:
            self.looked_up[name] = look_up()
        return self.looked_up[name]

    def person(self, name):
        """Return somebody as they stand today; nothing is remembered from an act that was undone."""
        return User.objects.get(pk=self.world.people[name].pk)

    @property
    def initiative(self):
        """Return the one initiative."""
        return Initiative.objects.get(pk=self.world.initiative_id)

    @property
    def gate(self):
        """Return the request that was drafted last among the open ones, else among all; None before the first."""
        requests = GateRequest.objects.select_related("initiative__business_owner")
        return self.look("gate", lambda: requests.open().order_by("-pk").first() or requests.order_by("-pk").first())

    @property
    def meeting(self):
        """Return the meeting that is not over, or None."""
        over = ["adjourned", "minutes_approved", "cancelled"]
        return self.look("meeting", lambda: Meeting.objects.exclude(state__in=over).first())

    @property
    def item(self):
        """Return the item that is being dealt with, else one that waits; None where there is neither."""
        if (meeting := self.meeting) is None:
            return None
        items = self.look("items", lambda: list(meeting.items.filter(state__in=IN_THE_ROOM).order_by("number")))
        return min(items, key=lambda item: IN_THE_ROOM.index(item.state), default=None)

    @property
    def motion(self):
        """Return the motion on which votes are cast, or None."""
        return self.look("motion", Motion.objects.filter(state="put").first)

    @property
    def proposal(self):
        """Return what one of two has signed, or None."""
        return self.look("proposal", Proposal.objects.filter(state="signed").order_by("pk").last)

    def review(self, choice):
        """Return one of the open reviews of the latest request, else one that is over; None where none was asked."""
        if self.gate is None:
            return None
        reviews = Review.objects.filter(request=self.gate).select_related("reviewer").order_by("pk")
        found = self.look("reviews", lambda: list(reviews))
        still = [review for review in found if review.state == "open"] or found
        return still[choice % len(still)] if still else None

    def attempt(self, service, **facts):
        """Try one act. A refusal must leave every row as it was; return what the act returned, or None."""
        self.at += timedelta(seconds=1)
        before = self.look("written", lambda: rows(WRITTEN))
        self.tried[service.__name__] += 1
        try:
            answer = service(**facts, at=self.at)
        except Refused:
            assert rows(WRITTEN) == before, f"{service.__name__} was refused and left something behind"
            return None
        self.done[service.__name__] += 1
        self.looked_up, self.is_changed = {}, True
        return answer

    def broken_laws(self):
        """Return each law that rows break, with the rows."""
        broken = [law for law, count in rows(COUNTS) if count]
        return {law: rows(LAWS[law]) for law in broken}

    def rewritten(self):
        """Return what was written for good and now reads differently, or is gone."""
        now = {(kind, pk): mark for kind, pk, mark in rows(KEPT)}
        changed = {key: mark for key, mark in self.kept.items() if now.get(key) != mark}
        self.kept = now
        return changed

    def unready(self):
        """Return the musts that were missing on requests which the reviewers just found ready."""
        found = []
        for pk, request_id in rows(FOUND_READY):
            if pk not in self.ready_moves:
                self.ready_moves.add(pk)
                gate = GateRequest.objects.get(pk=request_id)
                found += [line.code for line in readiness(gate, self.at.date()).missing]
        return found

    def amount(self, choice):
        """Return the amount that is asked, or one that belongs to any of the authorities."""
        gate = self.gate
        if gate is not None and choice % 4:
            return gate.ask or Decimal(0)
        return Decimal((0, 20_000, 90_000, 200_000, 1_500_000, 2_500_000)[choice % 6])

    def condition(self):
        """Return a condition that a go may carry."""
        owner, verifier = self.person("olga"), self.person("finn")
        due = self.at.date() + timedelta(days=20)
        return {
            "text": "Two branches report.",
            "due_on": due.isoformat(),
            "blocks": "next_gate",
            "owner": owner.pk,
            "owner_name": "Olga",
            "verifier": verifier.pk,
            "verifier_name": "Finn",
        }
