"""The decision log and deciding outside a meeting: who sees what, what they may do, and what a page costs."""

from decimal import Decimal

import pytest
from django.urls import reverse

from council.decisions import services
from council.decisions.models import Decision, Proposal, Ratification
from council.delegations.selectors import acts_for, undecided
from projects.gates.models import GateRequest
from projects.initiatives.models import Initiative
from tests.factories.council import AT, planned, seat_member
from tests.factories.gates import concept, moneyless, ready, sent

FORM = {
    "outcome": "go",
    "amount": "120,000",
    "reason": "The offer ends before the council sits.",
    "conditions-TOTAL_FORMS": "0",
    "conditions-INITIAL_FORMS": "0",
}


@pytest.fixture(autouse=True)
def clock(settings):
    settings.TOLLGATE_NOW = AT.isoformat()


@pytest.fixture
def lead(board):
    seat_member(board, "ken", "FinOps", "finops", order=6)
    return board.ken


def decide_url(gate):
    return reverse("council:decide", args=[gate.key])


def acts(row, user):
    return acts_for([row], user)[0][1]


def test_anonymous_people_are_asked_to_sign_in(client, ready_request):
    for url in (reverse("council:decisions"), decide_url(ready_request)):
        assert "/account/login/" in client.get(url)["Location"]


def test_a_stranger_sees_no_request_and_no_decision(client, people, ready_request):
    gate = sent(people, moneyless(people, concept(people, "Claims triage")))
    client.force_login(people.max)

    assert client.get(decide_url(ready_request)).status_code == 404
    assert client.get(reverse("council:decision", args=[gate.decision_reference])).status_code == 404
    assert gate.decision_reference not in client.get(reverse("council:decisions")).content.decode()


def test_an_owner_reads_the_decision_and_not_the_deciders_page(client, people, board, ready_request):
    gate = sent(people, moneyless(people, concept(people, "Claims triage")))
    client.force_login(people.olga)

    page = client.get(reverse("council:decision", args=[gate.decision_reference])).content.decode()

    assert "USD 0 (0 asked and 0 released in 90 days): the sandbox decides." in page
    assert "Delegated decision" in page
    assert client.get(decide_url(ready_request)).status_code == 403


def test_the_log_lists_every_kind_and_filters_one(client, people, board, envelope, ready_request):
    gate = sent(people, moneyless(people, concept(people, "Claims triage")))
    action = services.act_between_meetings(
        gate_request_id=ready_request.pk, outcome="go", amount=Decimal(120000), reason="Now.", conditions=[],
        details={}, by=board.carol, at=AT,
    )  # fmt: skip
    client.force_login(board.arno)

    everything = client.get(reverse("council:decisions")).content.decode()
    chairs = client.get(reverse("council:decisions"), {"kind": "chair"}).content.decode()

    assert gate.decision_reference in everything
    assert action.reference in everything
    assert "To be ratified" in everything
    assert action.reference in chairs
    assert gate.decision_reference not in chairs
    assert client.get(reverse("council:decisions"), {"kind": "nobody"}).status_code == 404


def test_the_log_costs_the_same_for_one_decision_and_for_six(
    client, people, board, envelope, ready_request, django_assert_max_num_queries
):
    client.force_login(board.arno)
    for number in range(6):
        sent(people, moneyless(people, concept(people, f"Claims triage {number}")))

    with django_assert_max_num_queries(12):
        client.get(reverse("council:decisions"))


def test_the_chair_acts_from_the_page(client, board, envelope, ready_request):
    client.force_login(board.carol)
    page = client.get(decide_url(ready_request)).content.decode()
    assert "USD 130,000 (130,000 asked and 0 released in 90 days): the chair decides." in page

    answer = client.post(decide_url(ready_request), FORM | {"act": "act"}, follow=True)

    decision = Decision.objects.get()
    assert answer.redirect_chain[-1][0] == reverse("council:decision", args=[decision.reference])
    assert "It comes on the agenda of the next meeting" in answer.content.decode()
    assert decision.amount == Decimal(120000)


def test_what_policy_forbids_comes_back_with_the_form(client, board, envelope, ready_request):
    client.force_login(board.carol)

    answer = client.post(decide_url(ready_request), FORM | {"act": "act", "amount": "10"})

    assert answer.status_code == 422
    assert "lies outside the request" in answer.content.decode()
    assert client.post(decide_url(ready_request), FORM | {"act": "act", "reason": ""}).status_code == 422
    assert not Decision.objects.exists()


def test_a_member_reads_who_decides_and_is_refused(client, board, envelope, ready_request):
    client.force_login(board.arno)

    page = client.get(decide_url(ready_request)).content.decode()

    assert "You may not decide it between meetings." in page
    assert client.post(decide_url(ready_request), FORM | {"act": "act"}).status_code == 403
    assert client.post(decide_url(ready_request), FORM | {"act": "whatever"}).status_code == 404


def test_finance_and_the_lead_decide_from_the_page(client, people, board, lead, envelope, ready_request):
    GateRequest.objects.filter(pk=ready_request.pk).update(ask=Decimal(95000))
    client.force_login(people.fay)
    client.post(decide_url(ready_request), FORM | {"act": "propose", "amount": "95000"})
    proposal = Proposal.objects.get()
    assert client.post(reverse("council:decide-answer", args=[ready_request.key, "sign"])).status_code == 403

    client.force_login(lead)
    page = client.get(decide_url(ready_request)).content.decode()
    answer = client.post(reverse("council:decide-answer", args=[ready_request.key, "sign"]))

    assert "Sign as the second: go" in page
    decision = Decision.objects.get()
    assert answer["Location"] == reverse("council:decision", args=[decision.reference])
    assert (decision.route, decision.decided_by, decision.second_by) == ("finops", people.fay, lead)
    assert Proposal.objects.get(pk=proposal.pk).state == "decided"


def test_a_signature_is_dropped_from_the_page(client, people, board, lead, envelope, ready_request):
    GateRequest.objects.filter(pk=ready_request.pk).update(ask=Decimal(95000))
    client.force_login(people.fay)
    client.post(decide_url(ready_request), FORM | {"act": "propose", "amount": "95000"})

    client.post(reverse("council:decide-answer", args=[ready_request.key, "drop"]))

    assert Proposal.objects.get().state == "dropped"
    assert client.post(reverse("council:decide-answer", args=[ready_request.key, "drop"])).status_code == 409


def test_each_person_is_offered_what_their_row_allows(people, board, lead, envelope, ready_request):
    GateRequest.objects.filter(pk=ready_request.pk).update(ask=Decimal(95000))
    Initiative.objects.filter(pk=ready_request.initiative_id).update(sponsor=board.dora)
    (row,) = undecided(on=AT.date())

    assert (row.gate, row.authority.row, row.proposal) == (ready_request, "finops", None)
    assert acts(row, board.carol) == ["act"]
    assert acts(row, lead) == acts(row, people.fay) == ["propose"]
    assert acts(row, board.dora) == acts(row, people.olga) == acts(row, board.sybil) == []


def test_what_waits_costs_the_same_for_one_request_and_for_three(
    people, board, lead, envelope, ready_request, django_assert_num_queries
):
    for number in range(2):
        ready(people, concept(people, f"Claims triage {number}"))

    with django_assert_num_queries(7):
        assert len(acts_for(undecided(on=AT.date()), board.carol)) == 3


def test_the_meeting_lists_what_was_decided_without_it(client, people, board, envelope, ready_request):
    gate = sent(people, moneyless(people, concept(people, "Claims triage")))
    meeting = planned(board)
    services.act_between_meetings(
        gate_request_id=ready_request.pk, outcome="go", amount=Decimal(120000), reason="Now.", conditions=[],
        details={}, by=board.carol, at=AT,
    )  # fmt: skip
    client.force_login(board.arno)

    page = client.get(reverse("council:meeting", args=[meeting.held_on])).content.decode()

    assert "Decided since the last meeting" in page
    assert gate.decision_reference in page
    assert "the sandbox decides." in page
    assert "Chair&#x27;s actions to ratify" in page
    assert Ratification.objects.get().item.meeting == meeting


def test_the_waiting_list_leads_to_what_one_may_decide(client, board, envelope, ready_request):
    client.force_login(board.carol)

    page = client.get(reverse("council:home")).content.decode()

    assert decide_url(ready_request) in page
