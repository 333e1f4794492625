"""Decisions without a meeting: the sandbox's by policy, the FinOps lead's with finance by two signatures."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from council.decisions import services
from council.decisions.models import Decision, Proposal
from projects.audit.models import AuditEvent
from projects.audit.selectors import first_break
from projects.common.outcomes import NotPermitted, WrongState
from projects.conflicts.services import declare_conflict
from projects.funding.models import Tranche
from projects.gates.models import GateRequest
from projects.initiatives.models import Initiative
from projects.milestones.models import Milestone
from projects.people.models import RoleGrant, User
from tests.factories import gates
from tests.factories.council import AT, in_session, seat_member
from tests.factories.gates import concept, moneyless, ready, sent


@pytest.fixture
def lead(board):
    seat_member(board, "ken", "FinOps", "finops", order=6)
    return board.ken


def propose(gate, by, **changes):
    values = {
        "outcome": "go",
        "amount": Decimal(90000),
        "reason": "Small and bounded.",
        "conditions": [],
        "details": {},
    }
    return services.propose_delegated(gate_request_id=gate.pk, **values | changes, by=by, at=AT)


def test_a_sandbox_request_is_decided_at_once_by_policy_with_its_row_and_number(people, board):
    gate = sent(people, moneyless(people))

    decision = Decision.objects.get()
    initiative = Initiative.objects.get(pk=gate.initiative_id)
    assert (gate.state, gate.outcome, gate.decision_reference) == ("decided", "go", "AIC-2026-001")
    assert (decision.reference, decision.route, decision.kind_words) == (
        "AIC-2026-001", "sandbox", "Delegated decision",
    )  # fmt: skip
    assert decision.authority == "USD 0 (0 asked and 0 released in 90 days): the sandbox decides."
    assert (decision.policy_version, decision.amount, decision.item) == (0, Decimal(0), None)
    assert decision.decided_by.is_service
    assert not decision.decided_by.has_usable_password()
    assert initiative.stage == "mvp"
    assert Milestone.objects.get(initiative=initiative).baselined_due_on is not None
    assert not Tranche.objects.exists()
    assert AuditEvent.objects.filter(verb="decision.made", target_id=str(decision.pk)).exists()
    assert first_break(initiative.audit_stream) is None


@pytest.mark.parametrize(
    "facts",
    [{"risk": "high"}, {"customer_facing": True}, {"data_classification": "restricted"}],
)
def test_what_the_sandbox_never_decides_goes_to_the_experts(people, board, facts):
    gate = sent(people, moneyless(people, concept(people, **facts)))

    assert (gate.state, gate.route) == ("expert_review", "council")
    assert not Decision.objects.exists()


def test_a_decided_sandbox_request_is_not_decided_again(people, board):
    gate = sent(people, moneyless(people))

    with pytest.raises(WrongState, match="policy alone"):
        services.decide_in_the_sandbox(gate_request_id=gate.pk, at=AT)

    assert Decision.objects.count() == 1


def test_the_finops_lead_with_finance_decides_within_their_limit(board, people, lead, envelope, ready_request):
    proposal = propose(ready_request, lead)
    assert not Decision.objects.exists()

    decision = services.sign_delegated(proposal_id=proposal.pk, by=people.fay, at=AT)

    tranche = Tranche.objects.get()
    assert (decision.route, decision.decided_by, decision.second_by) == ("finops", lead, people.fay)
    assert decision.authority == (
        "USD 90,000 (90,000 asked and 0 released in 90 days): the FinOps lead with finance decides."
    )
    assert (tranche.state, tranche.amount, tranche.decision_reference) == (
        "released", Decimal(90000), decision.reference,
    )  # fmt: skip
    gate = GateRequest.objects.get(pk=ready_request.pk)
    assert (gate.state, gate.decision_reference) == ("decided", decision.reference)
    assert list(gate.moves.values_list("after", flat=True))[-2:] == ["on_agenda", "decided"]
    assert Proposal.objects.get().decision == decision


@pytest.mark.parametrize(
    ("layers", "funds"), [({"platform": "130000"}, False), ({"platform": "90000", "harness": "40000"}, True)]
)
def test_the_tranche_funds_harness_lines_where_the_ask_did(board, people, lead, envelope, monkeypatch, layers, funds):
    monkeypatch.setitem(gates.ASK, "layers", layers)
    proposal = propose(ready(people), lead)

    services.sign_delegated(proposal_id=proposal.pk, by=people.fay, at=AT)

    assert Tranche.objects.get().funds_harness is funds


def test_finance_may_sign_first_and_the_lead_second(board, people, lead, envelope, ready_request):
    proposal = propose(ready_request, people.fay)

    assert services.sign_delegated(proposal_id=proposal.pk, by=lead, at=AT).second_by == lead


@pytest.mark.parametrize(("amount", "lawful"), [("99999.99", True), ("100000", True), ("100000.01", False)])
def test_the_limit_itself_is_within_the_authority(board, people, lead, envelope, ready_request, amount, lawful):
    if lawful:
        assert propose(ready_request, lead, amount=Decimal(amount)).amount == Decimal(amount)
    else:
        with pytest.raises(services.NotYours, match="the chair decides"):
            propose(ready_request, lead, amount=Decimal(amount))


def test_high_risk_moves_one_row_up_and_out_of_their_authority(board, people, lead, envelope, ready_request):
    Initiative.objects.filter(pk=ready_request.initiative_id).update(criticality="high")

    with pytest.raises(services.NotYours, match="one row up for high risk: the chair decides"):
        propose(ready_request, lead)


def test_one_person_or_two_of_finance_do_not_decide(board, people, lead, envelope, ready_request):
    proposal = propose(ready_request, people.fay)
    felix = User.objects.get(username="granting")
    grant_finance(felix)

    with pytest.raises(services.NotYours, match="a second person"):
        services.sign_delegated(proposal_id=proposal.pk, by=people.fay, at=AT)
    with pytest.raises(services.NotYours, match="the FinOps lead is not among them"):
        services.sign_delegated(proposal_id=proposal.pk, by=felix, at=AT)

    assert not Decision.objects.exists()


def grant_finance(user):
    confirming = User.objects.get(username="confirming")
    reviewer = User.objects.get(username="rita")
    RoleGrant.objects.create(
        user=user, role="finance", granted_by=confirming, granted_at=AT, confirmed_by=reviewer, confirmed_at=AT
    )


def test_owner_stranger_member_and_secretary_sign_nothing(board, people, lead, envelope, ready_request):
    for somebody in (people.olga, people.max, board.arno, board.sybil):
        with pytest.raises(NotPermitted):
            propose(ready_request, somebody)


def test_the_interested_and_the_conflicted_sign_nothing(board, people, lead, envelope, ready_request):
    declare_conflict(user=lead, initiative=ready_request.initiative, reason="My sister sells it.", by=lead, at=AT)
    Initiative.objects.filter(pk=ready_request.initiative_id).update(sponsor=people.fay)

    with pytest.raises(services.Recused, match="My sister sells it"):
        propose(ready_request, lead)
    with pytest.raises(NotPermitted, match="interest"):
        propose(ready_request, people.fay)


def test_what_policy_forbids_is_named(board, people, lead, envelope, ready_request):
    with pytest.raises(services.MotionRefused, match="lies outside the request's minimum"):
        propose(ready_request, lead, amount=Decimal(80000))
    with pytest.raises(services.MotionRefused, match="one line of reason"):
        propose(ready_request, lead, reason=" ")
    with pytest.raises(services.MotionRefused, match="The council ends"):
        propose(ready_request, lead, outcome="kill", amount=Decimal(0))


def test_without_headroom_the_second_signature_changes_nothing(board, people, lead, ready_request):
    proposal = propose(ready_request, lead)

    with pytest.raises(Exception, match="No envelope"):
        services.sign_delegated(proposal_id=proposal.pk, by=people.fay, at=AT)

    assert Proposal.objects.get().state == "signed"
    assert GateRequest.objects.get(pk=ready_request.pk).state == "ready"
    assert Initiative.objects.get(pk=ready_request.initiative_id).stage == "concept"


def test_a_dropped_signature_decides_nothing_and_another_may_be_given(board, people, lead, envelope, ready_request):
    proposal = propose(ready_request, lead)
    with pytest.raises(WrongState, match="signed a decision"):
        propose(ready_request, people.fay)

    services.drop_proposal(proposal_id=proposal.pk, by=people.fay, at=AT)

    with pytest.raises(WrongState):
        services.sign_delegated(proposal_id=proposal.pk, by=people.fay, at=AT)
    assert propose(ready_request, people.fay, outcome="hold", amount=Decimal(0)).state == "signed"


def test_beside_a_meeting_in_session_nothing_is_decided(board, people, lead, envelope, ready_request):
    in_session(board)
    other = ready(people, concept(people, "Claims triage"))

    with pytest.raises(WrongState, match="The council is in session"):
        propose(other, lead)


def test_the_database_holds_a_delegated_decision_to_two_people(board, people, ready_request):
    facts = {
        "initiative": ready_request.initiative,
        "outcome": "go",
        "currency": "USD",
        "reason": "Alone.",
        "authority": "x",
        "policy_version": 1,
        "decided_by": people.fay,
        "decided_at": AT,
    }
    with pytest.raises(IntegrityError, match="decision_signed_as_its_route_asks"), transaction.atomic():
        Decision.objects.create(reference="AIC-2026-901", route="finops", **facts)
    with pytest.raises(IntegrityError, match="decision_by_two_people"), transaction.atomic():
        Decision.objects.create(reference="AIC-2026-902", route="board", second_by=people.fay, **facts)
