"""The act that would bring a request on from where it stands, so that random lives also reach their ends."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from council.meetings.models import Attendance
from projects.gates.proofs import confirm_waiver, prove_by_text, sign_waiver
from projects.gates.selectors import readiness
from tests.projects.gates.request_acts import CouncilsActs

TIMES = 30  # about as often as all other rules together


class BroughtOn(CouncilsActs):
    """Whoever owes the next act does it."""

    def bring_on(self, outcome, choice):
        """Do what comes next in the life of the latest request, or begin one."""
        gate = self.life.gate
        if gate is None or not gate.is_open:
            self.draft(kind=("advance", "advance", "stay", "sunset", "reassessment")[choice % 5], who=None)
        else:
            getattr(self, f"from_{gate.state}")(gate, outcome, choice)

    def from_draft(self, gate, outcome, choice):
        """Write one thing that is missing, or send it."""
        today = self.life.at.date()
        if gate.has_milestone and (gate.milestone_due_on is None or gate.milestone_due_on <= today):
            facts = {"choice": 30 + choice % 6, "needs_money": choice % 4 > 0}
            self.write_the_ask(who=None, **facts, revision=self.written(gate, "ask"))
        elif not gate.top_risks:
            words = "Branches may not use it."
            self.write_the_risks(who=None, words=words, revision=self.written(gate, "risk"))
        elif not self.prove_the_missing(gate, "ce"):
            self.submit(who=None)

    from_returned = from_draft

    def written(self, gate, code):
        """Return how often a section was saved, so that the next to write knows the last."""
        section = gate.sections.filter(code=code).first()
        return section.revision if section else 0

    def from_stale(self, gate, outcome, choice):
        """Prove again what ran out, and ask for a new check."""
        self.prove_the_missing(gate, "ce")
        self.recheck(who=None)

    from_readiness_check = from_stale

    def prove_the_missing(self, gate, kinds):
        """Prove by text or waive by the chairs whatever is missing; say whether anything was."""
        missing = [line for line in readiness(gate, self.life.at.date()).missing if line.proof in kinds]
        for line in missing:
            if line.proof == "e":
                facts = {"gate_request_id": gate.pk, "code": line.code, "text": "What was found."}
                self.life.attempt(prove_by_text, **facts, by=self.life.person("olga"))
            else:
                proof = gate.proofs.get(criterion__code=line.code)
                facts = {"until": self.life.at.date() + timedelta(days=60), "reason": "Seen."}
                self.life.attempt(sign_waiver, proof_id=proof.pk, **facts, by=self.life.person("carol"))
                self.life.attempt(confirm_waiver, proof_id=proof.pk, by=self.life.person("dora"))
        return bool(missing)

    def from_expert_review(self, gate, outcome, choice):
        """Let the next reviewer accept, or ask for more."""
        self.give_verdicts(who=None, choice=choice, answer="ask" if choice % 8 == 0 else "accept")

    def from_ready(self, gate, outcome, choice):
        """Decide it between meetings, or bring the next meeting on."""
        if choice % 4 == 0:
            self.act_between_meetings(who=None, outcome=outcome, choice=1)
        elif choice % 4 == 1 and self.life.proposal is None:
            self.sign_first_of_two(who=None, outcome=outcome, choice=1)
        elif choice % 4 == 1:
            self.sign_second_of_two(who=None, drops=False)
        else:
            self.from_on_agenda(gate, outcome, choice)

    def from_on_agenda(self, gate, outcome, choice):
        """Bring the meeting on, up to a motion, the votes and the result."""
        meeting, item = self.life.meeting, self.life.item
        if meeting is None:
            self.plan_a_meeting(who=None)
        elif meeting.state != "in_session" or item is None:
            self.bring_the_meeting_on(who=None)
        elif not Attendance.objects.filter(item=item, is_present=True).exists():
            self.call_the_roll(who=None, absent="")
        elif item.state == "waiting":
            self.call_the_item(who=None)
        elif item.state == "open":
            self.put_a_motion(who=None, outcome=outcome, choice=1)
        elif not self.life.motion.votes.exists():
            self.vote(who=None, choice="for")
        else:
            self.declare_the_result(who=None)

    from_submitted = from_on_agenda

    def from_with_board(self, gate, outcome, choice):
        """Write the board's minute, then confirm it."""
        if self.life.proposal is None:
            self.write_the_boards_minute(who=None, outcome=outcome, choice=1)
        else:
            self.sign_second_of_two(who=None, drops=False)


for time in range(TIMES):
    drawn = rule(
        outcome=st.sampled_from(("go", "go", "go_with_conditions", "recycle", "hold")), choice=st.integers(0, 50)
    )
    setattr(BroughtOn, f"bring_on_{time}", drawn(BroughtOn.bring_on))
