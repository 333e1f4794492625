"""Choices bring their sheet's criteria into a request, from the choice to the review."""

from datetime import timedelta

import pytest

from projects.audit.models import AuditEvent
from projects.gates.decision_sheets import bring_sheets, due_sheets
from projects.gates.models import GateRequest
from projects.gates.proofs import prove_by_text
from projects.gates.section_services import save_section
from projects.gates.selectors import readiness
from projects.gates.services import GateBlocked, submit_gate_request
from projects.initiatives.services import edit_initiative
from projects.reviews.selectors import items_for
from tests.factories.gates import AT, ON, cast, concept, drafted, filled, reviewer, sendable, waive_computed

pytestmark = pytest.mark.django_db
VERSION = {"version": "0"}


@pytest.fixture(autouse=True)
def clock(settings, tmp_path):
    settings.TOLLGATE_NOW = AT.isoformat()
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def people():
    return cast()


def choose(client, people, gate, *sheets):
    client.force_login(people.olga)
    row = gate.sections.filter(code="choices").first()
    version = {"version": str(row.revision if row else 0)}
    return client.post(f"/requests/{gate.key}/choices/", version | dict.fromkeys(sheets, "on"))


def edited(people, initiative, at=AT, **changes):
    return edit_initiative(
        initiative_id=initiative.pk, changes=changes, revision=initiative.revision, by=people.olga, at=at
    )


def lines(gate, sheet):
    return [line for line in readiness(GateRequest.objects.get(pk=gate.pk), ON).lines if line.gate == sheet]


def test_a_choice_brings_the_criteria_of_its_sheet_by_the_request_s_template(client, people):
    gate = drafted(people)
    before = readiness(gate, ON).musts

    answer = choose(client, people, gate, "fine_tuning")

    asked = lines(gate, "fine_tuning")
    assert answer.status_code == 302
    assert {line.code for line in asked} == {
        "ft_task",
        "ft_examples",
        "ft_tuned_before",
        "ft_volume",
        "ft_base_falls_short",
    }
    assert readiness(GateRequest.objects.get(pk=gate.pk), ON).musts == before + 5
    event = AuditEvent.objects.get(verb="gate_request.sheets_brought")
    assert event.data["sheets"] == ["fine_tuning"]


def test_the_sheet_is_a_section_of_the_task_list_with_who_proves_what(client, people):
    gate = drafted(people)
    assert client.get(f"/requests/{gate.key}/sheets/").status_code in (302, 404)
    choose(client, people, gate, "self_hosting")

    tasks = client.get(f"/requests/{gate.key}/").content.decode()
    page = client.get(f"/requests/{gate.key}/sheets/").content.decode()
    proofs = client.get(f"/requests/{gate.key}/proofs/").content.decode()

    assert "Decision sheets" in tasks
    assert "Self-hosting or open weights" in page
    assert "GPU capacity" in page
    assert "Judged by the finops reviewer" in page
    assert "GPU capacity" not in proofs.split("Still missing at this gate")[0]


def test_evidence_is_written_in_the_sheet_s_section(client, people):
    gate = drafted(people)
    choose(client, people, gate, "self_hosting")

    client.post(f"/requests/{gate.key}/sheets/", VERSION | {"sh_gpu": "Eight H100 for a year, reserved."})

    states = {line.code: line.state for line in lines(gate, "self_hosting")}
    assert states["sh_gpu"] == "proved"
    assert states["sh_serving"] == "unproved"


def test_without_the_choice_its_criteria_leave_the_count(client, people):
    gate = drafted(people)
    before = readiness(gate, ON).musts
    choose(client, people, gate, "fine_tuning")

    choose(client, people, gate)

    assert {line.state for line in lines(gate, "fine_tuning")} == {"does_not_apply"}
    assert "fine-tuning is not chosen" in lines(gate, "fine_tuning")[0].note
    assert readiness(GateRequest.objects.get(pk=gate.pk), ON).musts == before


def test_fields_that_tell_a_choice_bring_it_without_being_asked(client, people):
    gate = drafted(people)
    edited(people, gate.initiative, deployment="self_hosted")

    choose(client, people, gate)
    page = client.get(f"/requests/{gate.key}/choices/").content.decode()

    assert GateRequest.objects.get(pk=gate.pk).sheets == ["self_hosting"]
    assert "its deployment or way of buying says self-hosted" in page
    assert 'name="self_hosting"' not in page


def test_a_choice_told_by_fields_is_found_at_submission_at_the_latest(people):
    gate = sendable(people)
    edited(people, gate.initiative, primary_provider="OpenAI", fallback_provider="Anthropic")

    with pytest.raises(GateBlocked) as refused:
        submit_gate_request(gate_request_id=gate.pk, policy_read=None, by=people.olga, at=AT)

    assert any("Prompts are tuned for the second provider" in row.message for row in refused.value.blockers)


def test_what_stood_when_the_initiative_came_in_is_no_new_choice(people):
    gate = drafted(people, concept(people, deployment="self_hosted", fallback_provider="B", primary_provider="A"))

    assert due_sheets(gate) == {}
    assert gate.sheets == []


def test_a_decided_choice_comes_up_again_only_after_a_later_edit(people):
    initiative = concept(people)
    decided = drafted(people, initiative)
    edited(people, initiative, deployment="hybrid")
    GateRequest.objects.filter(pk=decided.pk).update(sheets=["self_hosting"])
    decided = GateRequest.objects.get(pk=decided.pk)
    for state in ("submitted", "readiness_check"):
        extra = {"submitted_by": people.olga, "submitted_at": AT, "round": 1}
        GateRequest.objects.filter(pk=decided.pk).update(state=state, **extra)
    ending = {"decided_by": people.fay, "decided_at": AT + timedelta(days=1), "outcome": "go"}
    GateRequest.objects.filter(pk=decided.pk).update(state="decided", decision_reference="AIC-2026-001", **ending)
    gate = drafted(people, type(initiative).objects.get(pk=initiative.pk))
    assert due_sheets(gate) == {}

    edited(people, gate.initiative, at=AT + timedelta(days=2), deployment="self_hosted")

    gate = GateRequest.objects.get(pk=gate.pk)
    assert list(due_sheets(gate)) == ["self_hosting"]


def test_a_review_has_no_sheets(people):
    gate = drafted(people, concept(people), kind="reassessment")
    edited(people, gate.initiative, deployment="self_hosted")

    assert due_sheets(GateRequest.objects.get(pk=gate.pk)) == {}


def test_the_experts_of_a_sheet_are_routed_and_judge_it(people):
    petra = reviewer("petra", "procurement")
    gate = filled(people, drafted(people, concept(people, primary_provider="A", fallback_provider="B")))
    save_section(
        gate_request_id=gate.pk,
        code="choices",
        answers={},
        columns={"sheets": ["second_provider"]},
        problems={},
        revision=0,
        finish=True,
        by=people.olga,
        at=AT,
    )
    with pytest.raises(GateBlocked):
        submit_gate_request(gate_request_id=gate.pk, policy_read=None, by=people.olga, at=AT)
    bring_sheets(GateRequest.objects.get(pk=gate.pk), by=people.olga, at=AT)
    for code in ("sp_prompts", "sp_evaluation", "sp_migration"):
        prove_by_text(gate_request_id=gate.pk, code=code, text="What was found.", by=people.olga, at=AT)
    waive_computed(gate, people)

    submit_gate_request(gate_request_id=gate.pk, policy_read=None, by=people.olga, at=AT)

    review = GateRequest.objects.get(pk=gate.pk).reviews.get(topic="procurement")
    assert review.reviewer == petra
    assert review.why == "the decision sheet on second provider asks for it"
    assert "sp_contract" in {item.code for item in items_for(review)}
