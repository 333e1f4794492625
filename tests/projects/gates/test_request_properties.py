"""Random lives of gate requests: whoever tries whatever in whatever order, the council's laws hold after each act."""

import hashlib
import json
import os
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projects.audit.models import AuditEvent
from projects.common.outcomes import Refused
from projects.funding.models import FundingRequest
from projects.gates.models import CriterionProof, FrozenInputs, GateRequest
from projects.gates.proofs import attach_evidence, confirm_waiver, prove_by_text, sign_waiver
from projects.gates.rules import REQUEST_MOVES
from projects.gates.section_services import save_section
from projects.gates.selectors import interested_ids, readiness
from projects.gates.services import (
    decide_gate_request,
    draft_gate_request,
    go_stale,
    note_pack_frozen,
    postpone,
    put_on_agenda,
    recheck,
    refer_to_board,
    submit_gate_request,
    withdraw,
)
from projects.initiatives.models import Initiative, StageMove
from projects.initiatives.services import move_stage
from projects.people.roles import Role
from projects.reviews.models import Review, Verdict
from projects.reviews.selectors import items_for
from projects.reviews.services import Opinion, assign_review, declare_conflict, submit_review
from tests.factories.gates import ASK, AT, cast, concept, filled, reviewer, waive_computed
from tests.factories.people import person

SOAK = bool(os.environ.get("TOLLGATE_SOAK"))
EXAMPLES = 250 if SOAK else 8
LENGTH = 40 if SOAK else 16
WHO = ("olga", "tom", "sam", "rita", "ravi", "fay", "sue", "carol", "dora", "max", "audrey")
RIGHT = {"submit": "olga", "agenda": "sue", "freeze": "sue", "postpone": "sue", "decide": "fay", "withdraw": "olga"}
ACTS = (
    *("onward",) * 12,
    *("draft", "fill", "type", "text", "file", "submit", "submit", "review", "review", "review", "swap", "conflict"),
    *("sign", "confirm", "agenda", "agenda", "freeze", "postpone", "board", "stale", "recheck", "decide", "withdraw"),
)
KINDS = ("advance", "advance", "stay", "reassessment", "post_decision", "sunset")
OUTCOMES = ("go", "go_with_conditions", "recycle", "hold", "kill", "sunset")
steps = st.lists(
    st.tuples(
        st.sampled_from(ACTS),
        st.one_of(st.none(), st.sampled_from(WHO)),  # None: whoever is right for it
        st.integers(0, 50),
        st.integers(0, 9),
    ),
    min_size=LENGTH // 2,
    max_size=LENGTH,
)


class World:
    """One initiative, the people around it, and a clock that only moves forward."""

    def __init__(self):
        self.at = AT
        self.people = cast()
        for name, role in (("carol", Role.CHAIR), ("dora", Role.DEPUTY_CHAIR), ("audrey", Role.AUDITOR)):
            setattr(self.people, name, person(name, role))
        self.people.ravi = reviewer("ravi", "finops", "architecture", "security", "data")
        self.initiative = concept(self.people, sponsor=self.people.sam)
        self.seen = {}

    @property
    def gate(self):
        requests = GateRequest.objects.filter(initiative=self.initiative)
        return requests.open().order_by("-pk").first() or requests.order_by("-pk").first()

    def step(self, act, who, choice, days):
        self.at += timedelta(days=days * days // 9)
        if act == "draft" or self.gate is None:
            kind = KINDS[choice % len(KINDS)]
            by = getattr(self.people, who or "olga")
            return draft_gate_request(initiative_id=self.initiative.pk, kind=kind, by=by, at=self.at)
        by = getattr(self.people, who or RIGHT.get(act, "olga"))
        return getattr(self, f"_{act}")(self.gate, by, choice)

    def _onward(self, gate, by, choice):
        """Do what would bring the request on from where it stands."""
        if gate.is_editable and not gate.top_risks:
            return self._fill(gate, by, choice)
        onward = {
            **dict.fromkeys(("draft", "returned"), ("submit", "olga")),
            "expert_review": ("review", "olga"),
            "ready": ("agenda", "sue"),
            "on_agenda": ("decide", "fay"),
            "with_board": ("decide", "fay"),
            **dict.fromkeys(("stale", "readiness_check"), ("recheck", "olga")),
        }
        act, right = onward.get(gate.state, ("", ""))
        if act:
            return getattr(self, f"_{act}")(gate, getattr(self.people, right), choice - choice % 5)
        return draft_gate_request(initiative_id=self.initiative.pk, kind="stay", by=self.people.olga, at=self.at)

    def _fill(self, gate, by, choice):
        waive_computed(filled(self.people, gate), self.people)

    def _type(self, gate, by, choice):
        columns = {**ASK, "minimum": Decimal(choice), "milestone_due_on": self.at.date() + timedelta(days=choice)}
        save_section(
            gate_request_id=gate.pk,
            code="ask",
            answers={"typed": str(choice)},
            columns=columns,
            problems={},
            revision=choice % 3,
            finish=True,
            by=by,
            at=self.at,
        )

    def _text(self, gate, by, choice):
        code = ("value_proposition", "alternatives", "risk_scan", "estimate")[choice % 4]
        prove_by_text(gate_request_id=gate.pk, code=code, text="What was found.", by=by, at=self.at)

    def _file(self, gate, by, choice):
        content = b"" if choice % 5 == 0 else b"words"
        attach_evidence(gate_request_id=gate.pk, about="alternatives", name="a.txt", content=content, by=by, at=self.at)

    def _submit(self, gate, by, choice):
        submit_gate_request(gate_request_id=gate.pk, policy_read=None, by=by, at=self.at)

    def _review(self, gate, by, choice):
        reviews = list(gate.reviews.filter(state="open").order_by("pk"))
        if reviews:
            review = reviews[choice % len(reviews)]
            by = by if by != self.people.olga else review.reviewer or by
            answer = ("accept", "accept", "accept", "ask", "reject")[choice % 5]
            items = [item.code for item in items_for(review)]
            opinion = Opinion(dict.fromkeys(items, answer), dict.fromkeys(items, "Because."), "ready")
            submit_review(review_id=review.pk, opinion=opinion, by=by, at=self.at)

    def _swap(self, gate, by, choice):
        if review := gate.reviews.order_by("pk").last():
            chosen = getattr(self.people, WHO[choice % len(WHO)])
            assign_review(review_id=review.pk, reviewer=chosen, by=self.people.sue, at=self.at)

    def _conflict(self, gate, by, choice):
        if review := gate.reviews.filter(state="open").first():
            declare_conflict(review_id=review.pk, conflict="A friend.", by=review.reviewer or by, at=self.at)

    def _sign(self, gate, by, choice):
        proofs = list(gate.proofs.all())
        if proofs:
            until = self.at.date() + timedelta(days=choice * 2)
            by = self.people.carol if by == self.people.olga else by
            sign_waiver(proof_id=proofs[choice % len(proofs)].pk, until=until, reason="Seen.", by=by, at=self.at)

    def _confirm(self, gate, by, choice):
        if proof := gate.proofs.filter(waived_by__isnull=False, waived_second_by__isnull=True).first():
            confirm_waiver(proof_id=proof.pk, by=self.people.dora if by == self.people.olga else by, at=self.at)

    def _agenda(self, gate, by, choice):
        put_on_agenda(gate_request_id=gate.pk, by=by, at=self.at)

    def _freeze(self, gate, by, choice):
        note_pack_frozen(gate_request_id=gate.pk, by=by, at=self.at)

    def _postpone(self, gate, by, choice):
        postpone(gate_request_id=gate.pk, reason="Later.", by=by, at=self.at)

    def _board(self, gate, by, choice):
        refer_to_board(gate_request_id=gate.pk, by=by, at=self.at)

    def _stale(self, gate, by, choice):
        go_stale(gate_request_id=gate.pk, at=self.at)

    def _recheck(self, gate, by, choice):
        recheck(gate_request_id=gate.pk, by=by, at=self.at)

    def _decide(self, gate, by, choice):
        outcome, reference = OUTCOMES[choice % len(OUTCOMES)], f"AIC-2026-{gate.pk:03}"
        decided = decide_gate_request(
            gate_request_id=gate.pk, outcome=outcome, decision_reference=reference, by=by, at=self.at
        )
        if decided.kind == "advance" and outcome in ("go", "go_with_conditions"):
            move_stage(
                initiative_id=self.initiative.pk,
                to=decided.to_stage,
                decision_reference=reference,
                template_version=decided.template.version,
                by=by,
                at=self.at,
            )

    def _withdraw(self, gate, by, choice):
        withdraw(gate_request_id=gate.pk, reason="No.", by=by, at=self.at)


def written():
    """Return what a refused act must leave as it was."""
    gates = list(GateRequest.objects.order_by("pk").values())
    proofs = list(CriterionProof.objects.order_by("pk").values())
    return gates, proofs, AuditEvent.objects.count(), Review.objects.count(), FrozenInputs.objects.count()


def check(world):
    initiative = Initiative.objects.get(pk=world.initiative.pk)
    decided = set(GateRequest.objects.filter(state="decided").values_list("decision_reference", flat=True))
    moves = list(StageMove.objects.filter(initiative=initiative))
    assert all(move.decision_reference in decided for move in moves)
    assert initiative.stage == (moves[-1].after if moves else "concept")
    own = GateRequest.objects.filter(initiative=initiative)
    assert own.open().filter(kind__in=["advance", "stay"]).count() <= 1
    assert FundingRequest.objects.filter(initiative=initiative, state="open").count() <= 1
    for gate in own:
        _check_request(world, gate)


def _check_request(world, gate):
    way = [(move.before, move.after) for move in gate.moves.all()]
    assert way[0] == ("", "draft")
    assert set(way[1:]) <= set(REQUEST_MOVES)
    assert way[-1][1] == gate.state
    interested = interested_ids(gate)
    assert world.people.olga.pk in interested
    for review in gate.reviews.all():
        assert review.reviewer_id not in interested
    assert Verdict.objects.filter(review__request=gate, review__reviewer__in=interested).count() == 0
    for frozen in gate.frozen.all():
        kept = {name: getattr(frozen, name) for name in ("inputs", "changes", "triggers", "ask")}
        text = json.dumps(kept, sort_keys=True, separators=(",", ":"))
        assert hashlib.sha256(text.encode()).hexdigest() == frozen.sha256
        assert world.seen.setdefault(frozen.pk, frozen.sha256) == frozen.sha256
    assert gate.round == gate.frozen.count()
    for proof in gate.proofs.filter(state="waived"):
        assert proof.waived_by_id != proof.waived_second_by_id
        assert not {proof.waived_by_id, proof.waived_second_by_id} & interested
    ready = readiness(gate, world.at.date())
    counted = [line for line in ready.lines if line.must and line.state != "does_not_apply"]
    satisfied = [line for line in counted if line.state in ("proved", "waived")]
    assert ready.ratio == (Decimal(len(satisfied)) / len(counted) if counted else None)
    if gate.state == "decided":
        assert gate.decision_reference
        assert gate.outcome


@pytest.mark.django_db
@given(steps)
@settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
def test_laws_hold_after_every_act_of_anybody(settings_of_files, steps):
    with transaction.atomic():
        world = World()
        for step in steps:
            before, was_ready = written(), world.gate is not None and world.gate.state == "ready"
            try:
                with transaction.atomic():
                    world.step(*step)
            except Refused:
                assert written() == before
            check(world)
            gate = world.gate
            if gate is not None and gate.state == "ready" and not was_ready:
                assert not readiness(gate, world.at.date()).missing or step[0] == "postpone"
        transaction.set_rollback(True)


@pytest.fixture
def settings_of_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
