from datetime import timedelta

import pytest

from projects.audit.models import AuditEvent
from projects.common.outcomes import NotPermitted, WrongState
from projects.gates.models import FrozenInputs, GateRequest
from projects.gates.proofs import attach_evidence
from projects.gates.services import (
    GateBlocked,
    NothingToAsk,
    decide_gate_request,
    draft_gate_request,
    go_stale,
    note_pack_frozen,
    postpone,
    put_on_agenda,
    recheck,
    submit_gate_request,
    take_up,
    withdraw,
)
from projects.limits.models import PolicyAcknowledgement, PolicyVersion
from projects.signals import gate_request_ready, gate_request_submitted
from tests.factories.gates import (
    AT,
    ON,
    accept_all,
    cast,
    concept,
    drafted,
    filled,
    in_review,
    on_agenda,
    ready,
    sendable,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return cast()


def submit(gate, by, at=AT, policy_read=None):
    return submit_gate_request(gate_request_id=gate.pk, policy_read=policy_read, by=by, at=at)


def test_draft_pins_the_template_and_opens_a_proof_for_each_criterion(people):
    gate = drafted(people)

    assert gate.key == "GR-0001"
    assert (gate.from_stage, gate.to_stage, gate.template.version) == ("concept", "mvp", 1)
    assert gate.proofs.count() == gate.template.criteria.filter(gate="concept").count() == 6
    assert AuditEvent.objects.filter(verb="gate_request.drafted", target_id=str(gate.pk)).count() == 1


def test_second_open_ask_is_refused_and_names_the_first(people):
    gate = drafted(people)

    with pytest.raises(WrongState, match=gate.key):
        draft_gate_request(initiative_id=gate.initiative_id, kind="stay", by=people.olga, at=AT)


def test_stranger_may_not_draft(people):
    initiative = concept(people)

    with pytest.raises(NotPermitted):
        draft_gate_request(initiative_id=initiative.pk, kind="advance", by=people.max, at=AT)


@pytest.mark.parametrize("kind", ["sunset", "post_decision"])
def test_concept_has_neither_sunset_nor_post_decision_review(people, kind):
    initiative = concept(people)

    with pytest.raises(NothingToAsk):
        draft_gate_request(initiative_id=initiative.pk, kind=kind, by=people.olga, at=AT)


def test_submission_names_everything_that_is_missing_and_who_owes_it(people):
    gate = drafted(people)

    with pytest.raises(GateBlocked) as refused:
        submit(gate, people.olga)

    codes = [blocker.code for blocker in refused.value.blockers]
    assert codes.count("criterion_unproved") == 3  # value proposition, shortlist, estimate; the owners are named
    assert {"amount_missing", "milestone_missing", "due_missing", "assumption_missing", "risks_missing"} <= set(codes)
    assert {blocker.owed_by for blocker in refused.value.blockers} == {"Olga"}
    assert GateRequest.objects.get(pk=gate.pk).state == "draft"
    assert not FrozenInputs.objects.exists()


def test_submission_freezes_inputs_and_interest_and_sends_to_review(people):
    heard = []
    gate_request_submitted.connect(lambda gate, **_: heard.append(gate.key), weak=False, dispatch_uid="heard")
    gate = sendable(people)

    sent = submit(gate, people.olga)
    gate_request_submitted.disconnect(dispatch_uid="heard")

    assert (sent.state, sent.route, sent.round) == ("expert_review", "council", 1)
    frozen = sent.frozen.get()
    assert frozen.inputs["funding"]["ask"] == "130000.00"
    assert [row["code"] for row in frozen.triggers] == ["incremental_money"]
    assert set(sent.interests.values_list("user__username", flat=True)) == {"olga", "tom"}
    assert heard == [gate.key]
    assert [row.after for row in sent.moves.all()] == ["draft", "submitted", "readiness_check", "expert_review"]


def test_contributor_may_not_submit(people):
    gate = sendable(people)
    gate.initiative.participants.create(user=people.sam, part="contributor", since=AT)

    with pytest.raises(NotPermitted):
        submit(gate, people.sam)


def test_policy_in_force_must_be_read(people):
    version = PolicyVersion.objects.create(number=7, values={}, drafted_by=people.fay, drafted_at=AT)
    version.propose(at=AT)
    version.save()
    version.approve(by_id=people.sue.pk, at=AT, effective_on=ON)
    version.save()
    gate = sendable(people)

    with pytest.raises(GateBlocked, match="version 7"):
        submit(gate, people.olga)
    submit(gate, people.olga, policy_read=7)

    assert PolicyAcknowledgement.objects.get().user == people.olga


def test_frozen_inputs_never_change(people):
    gate = in_review(people)

    with pytest.raises(Exception, match="permission denied"):
        FrozenInputs.objects.filter(request=gate).update(policy_version=9)


def test_all_accepted_makes_it_ready_and_says_so(people):
    heard = []
    gate_request_ready.connect(lambda gate, **_: heard.append(gate.key), weak=False, dispatch_uid="heard")
    gate = in_review(people)

    accept_all(gate)
    gate_request_ready.disconnect(dispatch_uid="heard")

    gate = GateRequest.objects.get(pk=gate.pk)
    assert gate.state == "ready"
    assert gate.ready_at == AT
    assert heard == [gate.key]


def test_request_with_a_trigger_is_not_decided_without_an_agenda(people):
    gate = in_review(people)
    GateRequest.objects.filter(pk=gate.pk)

    with pytest.raises(WrongState):
        decide_gate_request(
            gate_request_id=gate.pk, outcome="go", decision_reference="AIC-2026-014", by=people.fay, at=AT
        )


@pytest.mark.parametrize(("risk", "route"), [("low", "delegated"), ("high", "council")])
def test_concept_without_trigger_inside_budget_is_delegated_unless_high_risk(people, risk, route):
    gate = without_money(people, concept(people, risk=risk))

    sent = submit(gate, people.olga)

    assert sent.frozen.get().triggers == []
    assert sent.route == route
    assert sent.state == ("decided" if route == "delegated" else "expert_review")


def test_delegated_request_is_decided_without_an_agenda(people, monkeypatch):
    monkeypatch.setattr("council.receivers.decide_in_the_sandbox", lambda **_: None)
    gate = submit(without_money(people, concept(people)), people.olga)
    assert (gate.state, gate.route) == ("readiness_check", "delegated")

    decided = decide_gate_request(
        gate_request_id=gate.pk, outcome="go", decision_reference="AIC-2026-D1", by=people.fay, at=AT
    )

    assert decided.state == "decided"


@pytest.mark.parametrize("facts", [{"customer_facing": True}, {"data_classification": "restricted"}])
def test_what_the_sandbox_never_holds_is_reviewed_though_no_trigger_fires(people, facts):
    sent = submit(without_money(people, concept(people, **facts)), people.olga)

    assert (sent.frozen.get().triggers, sent.route, sent.state) == ([], "council", "expert_review")


@pytest.mark.parametrize(("days", "route"), [(90, "delegated"), (91, "council")])
def test_a_concept_leaves_the_sandbox_after_its_last_day(people, monkeypatch, days, route):
    monkeypatch.setattr("council.receivers.decide_in_the_sandbox", lambda **_: None)
    initiative = concept(people, stage_since=AT - timedelta(days=days))

    assert submit(without_money(people, initiative), people.olga).route == route


def test_only_a_ready_request_is_taken_up_between_meetings(people):
    with pytest.raises(WrongState, match="cannot be taken up"):
        take_up(gate_request_id=in_review(people).pk, by=people.fay, at=AT)

    gate = take_up(gate_request_id=ready(people, concept(people, "Claims triage")).pk, by=people.fay, at=AT)

    assert gate.state == "on_agenda"
    assert AuditEvent.objects.filter(verb="gate_request.taken_up", target_id=str(gate.pk)).exists()


def without_money(people, initiative):
    gate = sendable(people, initiative)
    gate.needs_money, gate.minimum, gate.ask, gate.maximum = False, None, None, None
    gate.save()
    return gate


def test_review_always_has_its_trigger(people):
    gate = sendable(people, concept(people), kind="reassessment")

    sent = submit(gate, people.olga)

    assert [row["code"] for row in sent.frozen.get().triggers] == ["review_due"]
    assert sent.route == "council"


def test_decision_ends_the_request_and_its_ask(people):
    gate = on_agenda(people)

    decided = decide_gate_request(
        gate_request_id=gate.pk, outcome="recycle", decision_reference="AIC-2026-014", by=people.fay, at=AT
    )
    again = draft_gate_request(initiative_id=gate.initiative_id, kind="advance", by=people.olga, at=AT)

    assert (decided.state, decided.outcome, decided.decision_reference) == ("decided", "recycle", "AIC-2026-014")
    assert again.previous == decided


@pytest.mark.parametrize(("outcome", "reference"), [("maybe", "AIC-2026-014"), ("go", "")])
def test_decision_names_outcome_and_reference(people, outcome, reference):
    gate = on_agenda(people)

    with pytest.raises(GateBlocked):
        decide_gate_request(
            gate_request_id=gate.pk, outcome=outcome, decision_reference=reference, by=people.fay, at=AT
        )

    assert GateRequest.objects.get(pk=gate.pk).state == "on_agenda"


def test_agenda_is_the_secretarys(people):
    gate = ready(people)

    with pytest.raises(NotPermitted):
        put_on_agenda(gate_request_id=gate.pk, by=people.olga, at=AT)


def test_postponed_request_is_ready_again_and_its_pack_thawed(people):
    gate = on_agenda(people)
    note_pack_frozen(gate_request_id=gate.pk, by=people.sue, at=AT)

    postpone(gate_request_id=gate.pk, reason="No quorum.", by=people.sue, at=AT)

    gate = GateRequest.objects.get(pk=gate.pk)
    assert (gate.state, gate.pack_frozen_at, gate.reason) == ("ready", None, "No quorum.")


def test_owner_withdraws_until_the_pack_is_frozen(people):
    gate = on_agenda(people)
    note_pack_frozen(gate_request_id=gate.pk, by=people.sue, at=AT)

    with pytest.raises(NotPermitted):
        withdraw(gate_request_id=gate.pk, reason="Changed plans.", by=people.olga, at=AT)


def test_owner_withdraws_a_draft_and_may_draft_again(people):
    gate = drafted(people)

    withdraw(gate_request_id=gate.pk, reason="Changed plans.", by=people.olga, at=AT)

    assert GateRequest.objects.get(pk=gate.pk).state == "withdrawn"
    assert draft_gate_request(initiative_id=gate.initiative_id, kind="advance", by=people.olga, at=AT).key == "GR-0002"


@pytest.mark.parametrize(("days", "expires"), [(45, False), (46, True)])
def test_waiver_that_ended_makes_a_ready_request_stale(people, days, expires):
    gate = ready(people)  # its waivers hold up to 31 December, 45 days from now
    later = AT + timedelta(days=days)

    if expires:
        go_stale(gate_request_id=gate.pk, at=later)
    else:
        with pytest.raises(WrongState):
            go_stale(gate_request_id=gate.pk, at=later)

    assert GateRequest.objects.get(pk=gate.pk).state == ("stale" if expires else "ready")


def test_stale_request_is_checked_again_and_ready_when_mended(people):
    gate = ready(people)
    later = AT + timedelta(days=46)
    go_stale(gate_request_id=gate.pk, at=later)

    held = recheck(gate_request_id=gate.pk, by=people.olga, at=later)
    gate.proofs.filter(criterion__proof="c").update(state="waived", waived_until=later.date() + timedelta(days=30))
    mended = recheck(gate_request_id=gate.pk, by=people.olga, at=later)

    assert held.state == "readiness_check"
    assert "Make the cost estimate" in held.reason
    assert GateRequest.objects.get(pk=mended.pk).state == "ready"


def test_evidence_cannot_be_added_while_the_experts_judge(people):
    gate = in_review(people)

    with pytest.raises(WrongState):
        attach_evidence(
            gate_request_id=gate.pk, about="alternatives", name="a.txt", content=b"text", by=people.olga, at=AT
        )


def test_failed_submission_leaves_nothing_behind(people):
    gate = filled(people, drafted(people))
    before = AuditEvent.objects.count()

    with pytest.raises(GateBlocked):
        submit(gate, people.olga)

    assert AuditEvent.objects.count() == before
    assert gate.moves.count() == 1
    assert not gate.interests.exists()
