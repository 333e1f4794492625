"""Every state by every act by every role: who may do what to which record when; all else is refused and changes nothing."""

from contextlib import contextmanager
from datetime import date
from decimal import Decimal

import pytest
from django.db import transaction

from projects.audit.models import AuditEvent
from projects.common.outcomes import NotPermitted, Refused, WrongState
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
from projects.reviews.models import Review
from projects.reviews.selectors import items_for
from projects.reviews.services import Opinion, assign_review, declare_conflict, save_review, submit_review
from tests.factories.gates import ASK, AT, cast, concept, in_review, sendable
from tests.factories.initiatives import initiative as staged
from tests.factories.people import person
from tests.projects.gates.test_transitions import WAYS

pytestmark = pytest.mark.django_db
ROLES = (
    *("stranger", "owner", "contributor", "sponsor", "reviewer", "member", "adviser", "chair", "deputy_chair"),
    *("secretary", "finance", "administrator", "auditor", "registrant"),
)
JUDGES = {"reviewer", "member", "chair", "deputy_chair", "finance"}
WRITERS = {"owner", "contributor"}


class Undone(Exception):
    """What was allowed is taken back, so that the next may try."""


@pytest.fixture
def people():
    return cast()


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def roles(people):
    """One person for each role; the contributor and the sponsor take part in the initiative."""
    made = {"stranger": people.max, "owner": people.olga, "contributor": person("colin"), "sponsor": people.sam}
    named = {name: person(f"the-{name}", Role(name)) for name in ROLES if name not in made}
    return {**made, **named}


@pytest.fixture
def initiative(people, roles):
    made = concept(people, sponsor=people.sam)
    invite_contributor(initiative_id=made.pk, user=roles["contributor"], by=people.olga, at=AT)
    return made


def answer_of(act, by):
    """Try an act for one person: "may", or the status with which it is refused."""
    try:
        with transaction.atomic():
            act(by)
            raise Undone
    except Undone:
        return "may"
    except NotPermitted:
        return 403
    except WrongState:
        return 409
    except Refused as refused:
        return f"refused {refused.status}: {refused}"


@contextmanager
def nothing_changes(rows):
    before = list(rows.order_by("pk").values()), AuditEvent.objects.count()
    yield
    assert (list(rows.order_by("pk").values()), AuditEvent.objects.count()) == before


def assert_table(rows, roles, state, acts, lawful):
    """Hold each act in one state for each role to the table: the act's lawful states and the roles that may."""
    wrong = {}
    with nothing_changes(rows):
        for name, act in acts.items():
            states, allowed = lawful[name]
            for role, somebody in roles.items():
                given = answer_of(act, somebody)
                is_lawful, may = state in states, role in allowed
                right = {"may"} if is_lawful and may else {403} if is_lawful else {409} if may else {403, 409}
                if given not in right:
                    wrong[state, name, role] = (given, right)
    assert not wrong, wrong


OPEN = tuple(state for state in WAYS if state not in ("decided", "withdrawn"))
HOLDS = ("draft", "returned")
REQUEST = {
    "submit": (HOLDS, {"owner"}),
    "section": (HOLDS, WRITERS),
    "text": ((*HOLDS, "stale", "readiness_check"), WRITERS),
    "file": ((*HOLDS, "stale", "readiness_check"), WRITERS),
    "agenda": (("ready",), {"secretary"}),
    "postpone": (("on_agenda",), {"secretary"}),
    "recheck": (("stale", "readiness_check"), WRITERS),
    "withdraw": (OPEN, {"owner"}),
}


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
    chairs = {"chair", "deputy_chair"}
    lawful = OPEN if state != "waived" else ()
    table = {"sign": (lawful, chairs), "confirm": (lawful, chairs | {"member"})}

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
        "deliver": (("planned",), {"owner"}),
        "accept": (("delivered",), JUDGES),
        "send_back": (("delivered",), JUDGES),
    }

    assert_table(Milestone.objects.filter(pk=milestone.pk), roles, state, acts, table)


@pytest.mark.parametrize("condition", ["active", "on_hold", "closed"])
@pytest.mark.parametrize("stage", ["concept", "mvp", "pilot", "launch", "scale", "sunset"])
def test_initiative_is_edited_and_staffed_by_its_owner_until_it_is_closed(people, roles, stage, condition):
    made = _at_stage(people, roles, stage)
    decided = {"initiative_id": made.pk, "decision_reference": "AIC-1", "by": people.fay, "at": AT}
    if condition == "on_hold":
        hold_initiative(**decided)
    if condition == "closed":
        close_initiative(closed_as="killed", **decided)
    key = {"initiative_id": made.pk, "at": AT}
    change = {"changes": {"use_case": "Claims"}, "revision": made.revision}
    limit = {"code": "token_budget", "value": "1000", "source": "Gateway"}
    plan = {"name": "A promise", "acceptance_test": "A test.", "forecast_due_on": None}
    acts = {
        "edit": lambda by: edit_initiative(**change, by=by, **key),
        "plan": lambda by: plan_milestone(**plan, by=by, **key),
        "guardrail": lambda by: set_guardrail(**limit, by=by, **key),
        "ask": lambda by: draft_gate_request(kind="reassessment", by=by, **key),
    }
    alive = ("active", "on_hold")
    table = {
        "edit": (alive, {"owner"}),
        "plan": (alive, {"owner"}),
        "guardrail": (alive, WRITERS),
        "ask": (alive, WRITERS),
    }
    if stage == "sunset":
        del acts["ask"]  # nothing is reassessed while it winds down

    assert_table(Initiative.objects.filter(pk=made.pk), roles, condition, acts, table)
    assert not Guardrail.objects.filter(initiative=made).exists()


def _at_stage(people, roles, stage):
    made = staged(people.olga, stage, sponsor=people.sam, expected_monthly_cost=Decimal(9000))
    invite_contributor(initiative_id=made.pk, user=roles["contributor"], by=people.olga, at=AT)
    return made
