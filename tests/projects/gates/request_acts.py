"""The acts in a request's life as rules that Hypothesis may try in any order, by anybody, lawful or not."""

from datetime import timedelta
from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from council.decisions import services as decisions
from council.meetings import services as meetings
from projects.gates import proofs, services
from projects.gates.section_services import save_section
from projects.gates.sweeps import sweep_proofs
from projects.initiatives.services import invite_contributor
from projects.initiatives.staffing import end_contribution, replace_owner
from projects.intake.closing import close_own_concept
from projects.reviews.selectors import items_for
from projects.reviews.services import Opinion, assign_review, declare_conflict, save_review, submit_review
from tests.factories.gates import ASK
from tests.projects.gates.request_world import EVERYBODY

KINDS = ("advance", "advance", "advance", "stay", "reassessment", "post_decision", "sunset")
OUTCOMES = ("go", "go", "go_with_conditions", "recycle", "hold", "kill", "sunset")
TEXTS = ("value_proposition", "alternatives", "risk_scan", "estimate", "exit_plan", "no_such_criterion")
anybody = st.one_of(st.none(), st.none(), st.sampled_from(EVERYBODY))  # None: whoever is right for it
choices = st.integers(0, 50)


def has_request(machine):
    """Say whether there is a request to act on, open or over."""
    return machine.life.gate is not None


def has_criteria(machine):
    """Say whether the request has criteria, which an ask for the next milestone in Concept has not."""
    return has_request(machine) and machine.life.gate.proofs.exists()


def has_review(machine):
    """Say whether a review was ever asked for."""
    return machine.life.review(0) is not None


def has_meeting(machine):
    """Say whether a meeting is planned and not over."""
    return machine.life.meeting is not None


class OwnersActs(RuleBasedStateMachine):
    """What the owner's side does, and what others try in its place."""

    def who(self, name, right):
        """Return the one who was drawn, else the one who is right for the act."""
        return self.life.person(name or right)

    @rule(days=st.integers(1, 40))
    def wait(self, days):
        self.life.at += timedelta(days=days)

    @rule(kind=st.sampled_from(KINDS), who=anybody)
    def draft(self, kind, who):
        by = self.who(who, "olga")
        self.life.attempt(services.draft_gate_request, initiative_id=self.life.initiative.pk, kind=kind, by=by)

    @precondition(has_request)
    @rule(who=anybody, choice=choices, needs_money=st.booleans(), revision=st.integers(0, 2))
    def write_the_ask(self, who, choice, needs_money, revision):
        due = self.life.at.date() + timedelta(days=choice * 4)
        amount = (1, 9_000, 90_000, 130_000, 1_500_000, 2_400_000)[choice % 6]
        money = {"minimum": Decimal(amount), "ask": Decimal(amount), "maximum": Decimal(amount) * 2, "layers": {}}
        bare = {"minimum": None, "ask": None, "maximum": None, "layers": {}}
        columns = {**ASK, **(money if needs_money else bare), "milestone_due_on": due, "ends_on": due}
        self.save("ask", {"typed": str(choice)}, {**columns, "needs_money": needs_money}, revision, who)

    @precondition(has_request)
    @rule(who=anybody, revision=st.integers(0, 2), words=st.sampled_from(("", "Branches may not use it.")))
    def write_the_risks(self, who, revision, words):
        self.save("risk", {"typed": words}, {"top_risks": words, "rebuttal": ""}, revision, who)

    def save(self, code, answers, columns, revision, who):
        """Save one section as finished."""
        by = self.who(who, "olga")
        facts = {"gate_request_id": self.life.gate.pk, "code": code, "answers": answers, "columns": columns}
        self.life.attempt(save_section, **facts, problems={}, revision=revision, finish=True, by=by)

    @precondition(has_request)
    @rule(who=anybody, code=st.sampled_from(TEXTS), text=st.sampled_from(("What was found.", "", "https://a.example")))
    def prove_by_text(self, who, code, text):
        by = self.who(who, "olga")
        self.life.attempt(proofs.prove_by_text, gate_request_id=self.life.gate.pk, code=code, text=text, by=by)

    @precondition(has_request)
    @rule(who=anybody, code=st.sampled_from(TEXTS), content=st.sampled_from((b"words", b"", b"\x00\x01")))
    def attach_evidence(self, who, code, content):
        facts = {"gate_request_id": self.life.gate.pk, "about": code, "name": "a.txt", "content": content}
        self.life.attempt(proofs.attach_evidence, **facts, by=self.who(who, "olga"))

    @precondition(has_request)
    @rule(who=anybody)
    def submit(self, who):
        facts = {"gate_request_id": self.life.gate.pk, "policy_read": None}
        self.life.attempt(services.submit_gate_request, **facts, by=self.who(who, "olga"))

    @precondition(has_request)
    @rule(who=anybody)
    def recheck(self, who):
        self.life.attempt(services.recheck, gate_request_id=self.life.gate.pk, by=self.who(who, "olga"))

    @precondition(has_request)
    @rule(who=anybody)
    def withdraw(self, who):
        facts = {"gate_request_id": self.life.gate.pk, "reason": "No."}
        self.life.attempt(services.withdraw, **facts, by=self.who(who, "olga"))

    @precondition(has_request)
    @rule(who=st.sampled_from(EVERYBODY))
    def close_the_concept(self, who):
        facts = {"initiative_id": self.life.initiative.pk, "closed_as": "learned", "reason": "Enough was learned."}
        self.life.attempt(close_own_concept, **facts, by=self.who(who, "max"))

    @precondition(has_request)
    @rule(who=anybody, part=st.sampled_from(("technical_owner", "budget_owner")), user=st.sampled_from(EVERYBODY))
    def give_a_part_to(self, who, part, user):
        facts = {"initiative_id": self.life.initiative.pk, "part": part, "user": self.life.person(user)}
        self.life.attempt(replace_owner, **facts, reason="A new team.", by=self.who(who, "olga"))

    @precondition(has_request)
    @rule(who=anybody, user=st.sampled_from(EVERYBODY), joins=st.booleans())
    def let_join_or_leave(self, who, user, joins):
        facts = {"initiative_id": self.life.initiative.pk, "user": self.life.person(user)}
        service = invite_contributor if joins else end_contribution
        self.life.attempt(service, **facts, by=self.who(who, "max"))


class JudgesActs(OwnersActs):
    """What reviewers, those who waive and the clock do."""

    @precondition(has_review)
    @rule(who=anybody, choice=choices, answer=st.sampled_from(("accept", "accept", "accept", "ask", "reject", "")))
    def give_verdicts(self, who, choice, answer):
        review = self.life.review(choice)
        by = self.life.person(who) if who else review.reviewer or self.life.person("rita")
        self.life.attempt(submit_review, review_id=review.pk, opinion=self.opinion(review, answer), by=by)

    @precondition(has_review)
    @rule(who=anybody, choice=choices, revision=st.integers(0, 2))
    def keep_verdicts(self, who, choice, revision):
        review = self.life.review(choice)
        by = self.life.person(who) if who else review.reviewer or self.life.person("rita")
        opinion = self.opinion(review, "ask")
        self.life.attempt(save_review, review_id=review.pk, opinion=opinion, revision=revision, by=by)

    def opinion(self, review, answer):
        """Return the same answer to every item."""
        items = [item.code for item in items_for(review)]
        return Opinion(dict.fromkeys(items, answer), dict.fromkeys(items, "Because."), "ready")

    @precondition(has_review)
    @rule(who=anybody, choice=choices)
    def declare_an_interest(self, who, choice):
        review = self.life.review(choice)
        by = self.life.person(who) if who else review.reviewer or self.life.person("rita")
        self.life.attempt(declare_conflict, review_id=review.pk, conflict="A friend.", by=by)

    @precondition(has_review)
    @rule(who=anybody, choice=choices, user=st.sampled_from((*EVERYBODY, "rita", "ravi")))
    def give_the_review_to(self, who, choice, user):
        facts = {"review_id": self.life.review(choice).pk, "reviewer": self.life.person(user)}
        self.life.attempt(assign_review, **facts, by=self.who(who, "sue"))

    @precondition(has_criteria)
    @rule(who=anybody, choice=choices, days=st.integers(0, 100))
    def sign_a_waiver(self, who, choice, days):
        found = list(self.life.gate.proofs.order_by("pk"))
        until = self.life.at.date() + timedelta(days=days)
        facts = {"proof_id": found[choice % len(found)].pk, "until": until, "reason": "Seen."}
        self.life.attempt(proofs.sign_waiver, **facts, by=self.who(who, "carol"))

    @precondition(has_criteria)
    @rule(who=anybody)
    def confirm_a_waiver(self, who):
        found = self.life.gate.proofs.order_by("-waived_by", "waived_second_by").first()
        self.life.attempt(proofs.confirm_waiver, proof_id=found.pk, by=self.who(who, "dora"))

    @precondition(has_request)
    @rule()
    def expire(self):
        self.life.attempt(services.go_stale, gate_request_id=self.life.gate.pk)

    @precondition(has_request)
    @rule()
    def sweep(self):
        self.life.attempt(sweep_proofs)


class CouncilsActs(JudgesActs):
    """What secretary, chairs, members, finance and the board's scribe do."""

    @precondition(has_request)
    @rule(who=anybody)
    def list_alone(self, who):
        self.life.attempt(services.put_on_agenda, gate_request_id=self.life.gate.pk, by=self.who(who, "sue"))

    @precondition(has_request)
    @rule(who=anybody)
    def postpone(self, who):
        facts = {"gate_request_id": self.life.gate.pk, "reason": "Later."}
        self.life.attempt(services.postpone, **facts, by=self.who(who, "sue"))

    @rule(who=anybody)
    def plan_a_meeting(self, who):
        day, by = self.life.at + timedelta(days=10), self.who(who, "sue")
        facts = {"held_on": day.date(), "starts_at": day, "title": "Council", "place": "Room 1"}
        if self.life.meeting is None:
            self.life.attempt(meetings.plan_meeting, **facts, by=by)

    @precondition(has_meeting)
    @rule(who=anybody)
    def bring_the_meeting_on(self, who):
        meeting = self.life.meeting
        service, right = {
            "draft": (meetings.send_notice if meeting.items.exists() else meetings.build_agenda, "sue"),
            "notice_sent": (meetings.freeze_meeting, "sue"),
            "pack_frozen": (meetings.open_meeting, "carol"),
            "in_session": (meetings.adjourn_meeting, "carol"),
        }[meeting.state]
        self.life.attempt(service, meeting_id=meeting.pk, by=self.who(who, right))

    @precondition(has_meeting)
    @rule(who=anybody)
    def cancel_the_meeting(self, who):
        self.life.attempt(meetings.cancel_meeting, meeting_id=self.life.meeting.pk, by=self.who(who, "max"))

    @precondition(has_meeting)
    @rule(who=anybody, absent=st.sampled_from(("", "", "arno", "finn")))
    def call_the_roll(self, who, absent):
        terms = self.life.world.board.terms
        there = [term.pk for name, term in terms.items() if name != absent]
        facts = {"meeting_id": self.life.meeting.pk, "present": there}
        self.life.attempt(meetings.take_attendance, **facts, by=self.who(who, "sue"))

    @precondition(lambda machine: machine.life.item is not None)
    @rule(who=anybody)
    def call_the_item(self, who):
        self.life.attempt(meetings.call_item, item_id=self.life.item.pk, by=self.who(who, "carol"))

    @precondition(lambda machine: machine.life.item is not None)
    @rule(who=anybody)
    def postpone_the_item(self, who):
        facts = {"item_id": self.life.item.pk, "reason": "Later."}
        self.life.attempt(meetings.postpone_item, **facts, by=self.who(who, "sue"))

    def verdict(self, outcome, choice):
        """Return what is to be decided: an outcome with an amount, and what goes with it."""
        conditions = [self.life.condition()] if outcome == "go_with_conditions" else []
        amount = self.life.amount(choice) if outcome.startswith("go") else Decimal(0)
        return {"outcome": outcome, "amount": amount, "conditions": conditions, "details": {}}

    @precondition(lambda machine: machine.life.item is not None)
    @rule(who=anybody, outcome=st.sampled_from(OUTCOMES), choice=choices)
    def put_a_motion(self, who, outcome, choice):
        facts = {"item_id": self.life.item.pk, "reason": "It holds.", **self.verdict(outcome, choice)}
        self.life.attempt(decisions.put_motion, **facts, by=self.who(who, "carol"))

    @precondition(lambda machine: machine.life.motion is not None)
    @rule(
        who=st.sampled_from((*EVERYBODY, None, None, None)),
        choice=st.sampled_from(("for", "for", "against", "abstain")),
    )
    def vote(self, who, choice):
        for name in (who,) if who else self.life.world.board.terms:
            facts = {"motion_id": self.life.motion.pk, "choice": choice}
            self.life.attempt(decisions.cast_vote, **facts, by=self.life.person(name))

    @precondition(lambda machine: machine.life.motion is not None)
    @rule(who=anybody)
    def declare_the_result(self, who):
        self.life.attempt(decisions.declare_result, motion_id=self.life.motion.pk, by=self.who(who, "carol"))

    @precondition(has_request)
    @rule(who=anybody, outcome=st.sampled_from(OUTCOMES), choice=choices)
    def act_between_meetings(self, who, outcome, choice):
        facts = {"gate_request_id": self.life.gate.pk, "reason": "It cannot wait.", **self.verdict(outcome, choice)}
        self.life.attempt(decisions.act_between_meetings, **facts, by=self.who(who, "carol"))

    @precondition(has_request)
    @rule(who=anybody, outcome=st.sampled_from(OUTCOMES), choice=choices)
    def sign_first_of_two(self, who, outcome, choice):
        facts = {"gate_request_id": self.life.gate.pk, "reason": "Small and bounded.", **self.verdict(outcome, choice)}
        self.life.attempt(decisions.propose_delegated, **facts, by=self.who(who, "ken"))

    @precondition(lambda machine: machine.life.proposal is not None)
    @rule(who=anybody, drops=st.booleans())
    def sign_second_of_two(self, who, drops):
        proposal = self.life.proposal
        second = decisions.confirm_board_minute if proposal.route == "board" else decisions.sign_delegated
        service = decisions.drop_proposal if drops else second
        self.life.attempt(service, proposal_id=proposal.pk, by=self.who(who, "fay"))

    @precondition(has_request)
    @rule(who=anybody, outcome=st.sampled_from(OUTCOMES), choice=choices)
    def write_the_boards_minute(self, who, outcome, choice):
        facts = {"gate_request_id": self.life.gate.pk, "minute": "The board agrees.", **self.verdict(outcome, choice)}
        self.life.attempt(decisions.record_board_minute, **facts, by=self.who(who, "sue"))
