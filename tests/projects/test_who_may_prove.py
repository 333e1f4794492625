"""Who may fill, show and judge guardrails, withdraw late, and touch what is closed: each state, act and role again."""

from datetime import date

import pytest

from projects.gates.choices import ProofState, State
from projects.gates.models import CriterionProof, GateRequest
from projects.gates.proofs import attach_evidence, prove_by_text
from projects.gates.services import withdraw
from projects.guardrails.models import Guardrail
from projects.guardrails.rules import Proof
from projects.guardrails.services import (
    file_guardrail_evidence,
    judge_guardrail,
    record_guardrail_proof,
    set_guardrail,
)
from projects.initiatives.services import close_initiative
from projects.milestones.models import Milestone
from projects.milestones.services import (
    accept_milestone,
    deliver_milestone,
    forecast_milestone,
    plan_milestone,
    send_back_milestone,
)
from tests.factories.gates import AT, cast, sendable
from tests.projects.gates.test_transitions import WAYS
from tests.projects.who_may import CHAIRS, JUDGES, OWNERS, WRITERS, assert_table, one_a_role, staffed

pytestmark = pytest.mark.django_db
ENDED = {"outcome": "go", "decision_reference": "AIC-1", "decided_at": AT}


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


def stand(gate, state, by, **facts):
    """Bring a request to a state by the moves that lead there."""
    for step in WAYS[state]:
        ended = {**ENDED, "decided_by": by} if step == "decided" else {}
        GateRequest.objects.filter(pk=gate.pk).update(state=step, **ended)
    GateRequest.objects.filter(pk=gate.pk).update(**facts)


def waiver(people):
    """Return the columns of a waiver that two people gave."""
    given = {"waived_by": people.fay, "waived_second_by": people.sue}
    return {**given, "waived_until": date(2026, 12, 31), "waiver_reason": "The test lab moves."}


GUARDRAIL = ("filled", "not_applicable", "evidenced", "proved", "failed", "closed")
LIMIT = {"code": "routing_policy", "value": "Small models first.", "source": "Gateway"}
UNNEEDED = {"code": "prompt_caching", "value": "", "source": "Gateway", "not_applicable": "No prompt comes twice."}


@pytest.mark.parametrize("state", GUARDRAIL)
def test_guardrail_is_filled_and_shown_by_the_owners_side_and_judged_by_uninterested_experts(
    people, roles, initiative, state
):
    limit = UNNEEDED if state == "not_applicable" else LIMIT
    row = set_guardrail(initiative_id=initiative.pk, **limit, by=people.olga, at=AT)
    if state in ("evidenced", "closed"):
        file_guardrail_evidence(guardrail_id=row.pk, evidence="The router's settings.", by=people.olga, at=AT)
    if state in ("proved", "failed"):
        proof = Proof(state == "proved", "72%", "72% of tokens on small models.")
        record_guardrail_proof(guardrail_id=row.pk, proof=proof, by=None, at=AT)
    if state == "closed":
        ended = {"closed_as": "killed", "decision_reference": "AIC-1"}
        close_initiative(initiative_id=initiative.pk, **ended, by=people.fay, at=AT)
    key = {"guardrail_id": row.pk, "at": AT}
    change = {"code": limit["code"], "value": "20", "source": "Router"}
    acts = {
        "set": lambda by: set_guardrail(initiative_id=initiative.pk, **change, by=by, at=AT),
        "show": lambda by: file_guardrail_evidence(evidence="The router's log.", by=by, **key),
        "judge": lambda by: judge_guardrail(holds=True, reason="It does.", by=by, **key),
    }
    table = {
        "set": (tuple(name for name in GUARDRAIL if name != "closed"), WRITERS),
        "show": (("filled", "evidenced", "proved", "failed"), WRITERS),
        "judge": (("evidenced",), {"reviewer"}),
    }

    assert_table(Guardrail.objects.filter(pk=row.pk), roles, state, acts, table)


@pytest.mark.parametrize("state", ["on_agenda", "ready", "with_board", "decided", "withdrawn"])
@pytest.mark.parametrize("why", ["pack frozen", "came due"])
def test_only_the_uninterested_chairs_withdraw_what_a_frozen_pack_holds_or_what_came_due(
    people, roles, initiative, state, why
):
    kind = "advance" if why == "pack frozen" else "reassessment"
    gate = sendable(people, initiative, kind)
    facts = {"pack_frozen_at": AT} if why == "pack frozen" else {"due_on": AT.date(), "drafted_by": None}
    stand(gate, state, people.fay, **facts)
    acts = {"withdraw": lambda by: withdraw(gate_request_id=gate.pk, reason="No.", by=by, at=AT)}
    table = {"withdraw": (("on_agenda", "ready", "with_board"), CHAIRS)}

    assert_table(GateRequest.objects.filter(pk=gate.pk), roles, state, acts, table)


@pytest.mark.parametrize("request_state", State.values)
@pytest.mark.parametrize("state", ProofState.values)
def test_criterion_is_shown_by_the_owners_side_while_they_hold_it_or_must_mend_it(
    people, roles, initiative, request_state, state
):
    gate = sendable(people, initiative)
    rows = CriterionProof.objects.filter(request=gate, criterion__code="alternatives")
    rows.update(state=state, proved_at=AT, **(waiver(people) if state == ProofState.WAIVED else {}))
    stand(gate, request_state, people.fay)
    key = {"gate_request_id": gate.pk, "at": AT}
    acts = {
        "text": lambda by: prove_by_text(code="alternatives", text="Two were weighed.", by=by, **key),
        "file": lambda by: attach_evidence(about="alternatives", name="a.txt", content=b"Words.", by=by, **key),
    }
    held = ("draft", "returned", "stale", "readiness_check")

    assert_table(rows, roles, request_state, acts, dict.fromkeys(acts, (held, WRITERS)))


@pytest.mark.parametrize("state", ["planned", "delivered"])
def test_milestones_of_a_closed_initiative_stand_as_they_were(people, roles, initiative, state):
    plan = {"name": "Twelve branches", "acceptance_test": "Six weeks below 9%.", "forecast_due_on": None}
    milestone = plan_milestone(initiative_id=initiative.pk, **plan, by=people.olga, at=AT)
    key = {"milestone_id": milestone.pk, "at": AT}
    if state == "delivered":
        deliver_milestone(evidence="The report.", by=people.olga, **key)
    ended = {"closed_as": "killed", "decision_reference": "AIC-1"}
    close_initiative(initiative_id=initiative.pk, **ended, by=people.fay, at=AT)
    acts = {
        "forecast": lambda by: forecast_milestone(due_on=date(2027, 1, 1), by=by, **key),
        "deliver": lambda by: deliver_milestone(evidence="The report.", by=by, **key),
        "accept": lambda by: accept_milestone(by=by, **key),
        "send_back": lambda by: send_back_milestone(reason="Too thin.", by=by, **key),
    }

    table = {"forecast": ((), WRITERS), "deliver": ((), OWNERS), "accept": ((), JUDGES), "send_back": ((), JUDGES)}

    assert_table(Milestone.objects.filter(pk=milestone.pk), roles, state, acts, table)
