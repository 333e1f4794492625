"""Every state by every act by every role: who may do what to which record when; all else is refused and changes nothing."""

from datetime import date
from decimal import Decimal

import pytest

from council.decisions.services import act_between_meetings, propose_delegated
from projects.gates.models import CriterionProof, GateRequest
from projects.gates.proofs import attach_evidence, confirm_waiver, prove_by_text, sign_waiver
from projects.gates.section_services import save_section
from projects.gates.services import (
    draft_gate_request,
    postpone,
    put_on_agenda,
    recheck,
    submit_gate_request,
    withdraw,
)
from projects.guardrails.models import Guardrail
from projects.guardrails.services import set_guardrail
from projects.initiatives.models import Initiative
from projects.initiatives.services import close_initiative, edit_initiative, hold_initiative, invite_contributor
from projects.initiatives.staffing import replace_owner
from projects.intake.closing import close_own_concept
from projects.milestones.models import Milestone
from projects.milestones.services import (
    accept_milestone,
    cancel_milestone,
    deliver_milestone,
    forecast_milestone,
    plan_milestone,
    send_back_milestone,
)
from projects.people.roles import Role
from projects.quality.services import set_quality_gate
from projects.reviews.models import Review
from projects.reviews.selectors import items_for
from projects.reviews.services import Opinion, assign_review, declare_conflict, save_review, submit_review
from projects.value.services import create_kpi_card
from tests.factories.gates import ASK, AT, cast, in_review, sendable
from tests.factories.initiatives import initiative as staged
from tests.factories.people import person
from tests.projects.gates.test_transitions import WAYS
from tests.projects.who_may import CHAIRS, JUDGES, OWNERS, WRITERS, assert_table, one_a_role, staffed

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return cast()


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def roles(people):
    return one_a_role(people)


@pytest.fixture
def initiative(people, roles):
    return staffed(people, roles)


OPEN = tuple(state for state in WAYS if state not in ("decided", "withdrawn"))
HOLDS = ("draft", "returned")
REQUEST = {
    "submit": (HOLDS, OWNERS),
    "section": (HOLDS, WRITERS),
    "text": ((*HOLDS, "stale", "readiness_check"), WRITERS),
    "file": ((*HOLDS, "stale", "readiness_check"), WRITERS),
    "agenda": (("ready",), {"secretary"}),
    "postpone": (("on_agenda",), {"secretary"}),
    "recheck": (("stale", "readiness_check"), WRITERS),
    "withdraw": (OPEN, OWNERS),
    "act": (("ready",), CHAIRS),
    "sign": (("ready",), {"finance", "finops_lead"}),
}


RECYCLE = {"outcome": "recycle", "amount": Decimal(0), "reason": "Not yet.", "conditions": [], "details": {}}


def request_acts(gate):
    key = {"gate_request_id": gate.pk, "at": AT}
    section = {"code": "ask", "answers": {"a": "1"}, "columns": dict(ASK), "problems": {}, "revision": 1}
    return {
        "submit": lambda by: submit_gate_request(policy_read=None, by=by, **key),
        "section": lambda by: save_section(**section, finish=True, by=by, **key),
        "text": lambda by: prove_by_text(code="alternatives", text="Words.", by=by, **key),
        "file": lambda by: attach_evidence(about="alternatives", name="a.txt", content=b"Words.", by=by, **key),
        "agenda": lambda by: put_on_agenda(by=by, **key),
        "postpone": lambda by: postpone(reason="Later.", by=by, **key),
        "recheck": lambda by: recheck(by=by, **key),
        "withdraw": lambda by: withdraw(reason="No.", by=by, **key),
        "act": lambda by: act_between_meetings(**RECYCLE, by=by, **key),
        "sign": lambda by: propose_delegated(**RECYCLE, by=by, **key),
    }


@pytest.mark.parametrize("state", WAYS)
def test_gate_request_is_moved_only_by_whom_and_when_the_table_says(people, roles, initiative, state):
    gate = sendable(people, initiative)
    rows = GateRequest.objects.filter(pk=gate.pk)
    ended = {"decided_by": people.fay, "decided_at": AT, "outcome": "go", "decision_reference": "AIC-1"}
    for step in WAYS[state]:
        rows.update(state=step, **(ended if step == "decided" else {}))

    assert_table(rows, roles, state, request_acts(gate), REQUEST)


@pytest.mark.parametrize("state", ["unproved", "proved", "failed", "stale", "waived"])
@pytest.mark.parametrize("request_state", ["draft", "ready", "decided"])
def test_criterion_is_waived_only_by_the_chairs_and_confirmed_by_a_second(
    people, roles, initiative, state, request_state
):
    gate = sendable(people, initiative)
    proof = gate.proofs.get(criterion__code="risk_scan")
    signed = {
        "waived_by": person("first-chair", Role.CHAIR),
        "waived_until": date(2026, 12, 1),
        "waiver_reason": "Seen.",
    }
    both = {"waived_second_by": person("second-chair", Role.CHAIR)} if state == "waived" else {}
    rows = CriterionProof.objects.filter(pk=proof.pk)
    rows.update(state=state, proved_at=AT, **signed, **both)
    ended = {"decided_by": people.fay, "decided_at": AT, "outcome": "go", "decision_reference": "AIC-1"}
    for step in WAYS[request_state]:
        GateRequest.objects.filter(pk=gate.pk).update(state=step, **(ended if step == "decided" else {}))
    acts = {
        "sign": lambda by: sign_waiver(proof_id=proof.pk, until=date(2026, 12, 2), reason="Seen.", by=by, at=AT),
        "confirm": lambda by: confirm_waiver(proof_id=proof.pk, by=by, at=AT),
    }
    lawful = OPEN if state != "waived" else ()
    table = {"sign": (lawful, CHAIRS), "confirm": (lawful, CHAIRS | {"member"})}

    assert_table(rows, roles, request_state, acts, table)


@pytest.mark.parametrize("state", ["open", "submitted", "declined", "superseded"])
def test_review_is_written_only_by_who_was_asked_and_given_away_only_by_the_secretary(people, roles, initiative, state):
    gate = in_review(people, initiative)
    review = gate.reviews.get(topic="security")
    if state != "open":
        facts = {"recommendation": "ready", "finished_at": AT} if state == "submitted" else {}
        Review.objects.filter(pk=review.pk).update(state=state, **facts)
    other = person("other")
    other.grants.create(
        role="reviewer",
        topic="security",
        granted_by=people.fay,
        granted_at=AT,
        confirmed_by=people.sue,
        confirmed_at=AT,
    )
    opinion = Opinion({item.code: "accept" for item in items_for(review)}, {}, "ready")
    everybody = {**roles, "asked": review.reviewer}
    acts = {
        "save": lambda by: save_review(review_id=review.pk, opinion=opinion, revision=0, by=by, at=AT),
        "submit": lambda by: submit_review(review_id=review.pk, opinion=opinion, by=by, at=AT),
        "conflict": lambda by: declare_conflict(review_id=review.pk, conflict="A friend.", by=by, at=AT),
        "assign": lambda by: assign_review(review_id=review.pk, reviewer=other, by=by, at=AT),
    }
    table = {name: (("open",), {"asked"}) for name in ("save", "submit", "conflict")}
    table["assign"] = (("open",), {"secretary"})

    assert_table(Review.objects.filter(pk=review.pk), everybody, state, acts, table)


@pytest.mark.parametrize("state", ["planned", "delivered", "accepted", "cancelled"])
def test_milestone_is_delivered_by_its_owner_and_accepted_by_somebody_else(people, roles, initiative, state):
    milestone = plan_milestone(
        initiative_id=initiative.pk,
        name="Twelve branches",
        acceptance_test="Six weeks below 9%.",
        forecast_due_on=None,
        by=people.olga,
        at=AT,
    )
    key = {"milestone_id": milestone.pk, "at": AT}
    if state in ("delivered", "accepted"):
        deliver_milestone(evidence="The report.", by=people.olga, **key)
    if state == "accepted":
        accept_milestone(by=people.fay, **key)
    if state == "cancelled":
        cancel_milestone(decision_reference="AIC-1", by=people.fay, **key)
    acts = {
        "forecast": lambda by: forecast_milestone(due_on=date(2027, 1, 1), by=by, **key),
        "deliver": lambda by: deliver_milestone(evidence="The report.", by=by, **key),
        "accept": lambda by: accept_milestone(by=by, **key),
        "send_back": lambda by: send_back_milestone(reason="Too thin.", by=by, **key),
    }
    table = {
        "forecast": (("planned", "delivered"), WRITERS),
        "deliver": (("planned",), OWNERS),
        "accept": (("delivered",), JUDGES),
        "send_back": (("delivered",), JUDGES),
    }

    assert_table(Milestone.objects.filter(pk=milestone.pk), roles, state, acts, table)


CONDITIONS = ["active", "on_hold", "closed"]
ALIVE = ("active", "on_hold")


@pytest.mark.parametrize("condition", CONDITIONS)
@pytest.mark.parametrize("stage", ["concept", "mvp", "pilot", "launch", "scale", "sunset"])
def test_initiative_is_edited_and_planned_by_its_owner_until_it_is_closed(people, roles, stage, condition):
    made = _at_stage(people, roles, stage, condition)
    key = {"initiative_id": made.pk, "at": AT}
    change = {"changes": {"use_case": "Claims"}, "revision": made.revision}
    limit = {"code": "token_budget", "value": "1000", "source": "Gateway"}
    plan = {"name": "A promise", "acceptance_test": "A test.", "forecast_due_on": None}
    acts = {
        "edit": lambda by: edit_initiative(**change, by=by, **key),
        "plan": lambda by: plan_milestone(**plan, by=by, **key),
        "guardrail": lambda by: set_guardrail(**limit, by=by, **key),
        "ask": lambda by: draft_gate_request(kind="reassessment", by=by, **key),
        "close": lambda by: close_own_concept(closed_as="learned", reason="It taught us.", by=by, **key),
    }
    table = {
        "edit": (ALIVE, OWNERS),
        "plan": (ALIVE, OWNERS),
        "guardrail": (ALIVE, WRITERS),
        "ask": (ALIVE, WRITERS),
        "close": (ALIVE if stage == "concept" else (), OWNERS),
    }
    if stage == "sunset":
        del acts["ask"]  # nothing is reassessed while it winds down

    assert_table(Initiative.objects.filter(pk=made.pk), roles, condition, acts, table)
    assert not Guardrail.objects.filter(initiative=made).exists()


@pytest.mark.parametrize("condition", CONDITIONS)
def test_initiative_is_staffed_and_measured_by_its_owner_until_it_is_closed(people, roles, condition):
    made = _at_stage(people, roles, "pilot", condition)
    key = {"initiative_id": made.pk, "at": AT}
    watched = {"kind": "quality", "metric": "F1", "unit": "", "threshold": Decimal(1), "direction": "at_least"}
    measure = {"name": "Outcomes", "unit": "claims", "direction": "up", "owner": roles["owner"]}
    next_one = {"part": "budget_owner", "user": roles["stranger"], "reason": "Moves on."}
    acts = {
        "invite": lambda by: invite_contributor(user=roles["stranger"], by=by, **key),
        "replace": lambda by: replace_owner(**next_one, by=by, **key),
        "watch": lambda by: set_quality_gate(**watched, cadence_days=30, by=by, **key),
        "measure": lambda by: create_kpi_card(**measure, by=by, **key),
    }
    table = {**dict.fromkeys(("invite", "replace", "watch"), (ALIVE, OWNERS)), "measure": (ALIVE, WRITERS)}

    assert_table(Initiative.objects.filter(pk=made.pk), roles, condition, acts, table)


def _at_stage(people, roles, stage, condition):
    made = staged(people.olga, stage, sponsor=people.sam, expected_monthly_cost=Decimal(9000))
    made = staffed(people, roles, made)
    decided = {"initiative_id": made.pk, "decision_reference": "AIC-1", "by": people.fay, "at": AT}
    if condition == "on_hold":
        hold_initiative(**decided)
    if condition == "closed":
        close_initiative(closed_as="killed", **decided)
    return Initiative.objects.get(pk=made.pk)
