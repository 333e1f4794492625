from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from projects.audit.models import AuditEvent
from projects.common.outcomes import Conflicted, NotPermitted, WrongState
from projects.gates.models import Criterion, CriterionProof, GateTemplate
from projects.gates.proofs import WaiverRefused, confirm_waiver, sign_waiver
from projects.gates.template_rules import Wording
from projects.gates.template_selectors import dry_run, wording_of
from projects.gates.template_services import (
    TemplateRefused,
    approve_template,
    draft_template,
    explain_template,
    remove_criterion,
    save_criterion,
    withdraw_template,
)
from projects.people.roles import Role
from tests.factories.gates import AT, ON, cast, concept, drafted, in_review, ready, sendable
from tests.factories.people import person

pytestmark = pytest.mark.django_db
EXIT = Wording("concept", "exit_test", "Say when you would stop", True, "e")


@pytest.fixture
def people():
    return cast()


@pytest.fixture
def ada(people):
    return person("ada", Role.ADMINISTRATOR)


@pytest.fixture
def abe(people):
    return person("abe", Role.ADMINISTRATOR)


@pytest.fixture
def carol(people):
    return person("carol", Role.CHAIR)


@pytest.fixture
def draft(ada):
    return draft_template(reason="Fewer surprises.", by=ada, at=AT)


def saved(draft, by, wording=EXIT, criterion_id=None):
    template = GateTemplate.objects.get(pk=draft.pk)
    return save_criterion(
        template_id=template.pk,
        criterion_id=criterion_id,
        wording=wording,
        revision=template.revision,
        by=by,
        at=AT,
    )


def line(draft, code, gate="concept"):
    return draft.criteria.get(gate=gate, code=code)


def test_draft_begins_with_every_line_in_force(draft):
    in_force = GateTemplate.objects.get(version=1)

    assert draft.version == 2
    assert [wording_of(row) for row in draft.criteria.all()] == [wording_of(row) for row in in_force.criteria.all()]


def test_second_draft_waits_for_the_first(draft, abe):
    with pytest.raises(WrongState, match="Approve or discard"):
        draft_template(reason="", by=abe, at=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        GateTemplate.objects.create(version=9, drafted_by=abe, drafted_at=AT)

    withdraw_template(template_id=draft.pk, by=abe, at=AT)

    assert draft_template(reason="", by=abe, at=AT).version == 3


def test_line_is_added_changed_and_removed_and_each_act_is_recorded(draft, ada):
    row = saved(draft, ada)
    saved(draft, ada, replace(EXIT, must=False, condition={"autonomy": ["autonomous"]}), row.pk)
    changed = Criterion.objects.get(pk=row.pk)
    remove_criterion(template_id=draft.pk, criterion_id=row.pk, revision=2, by=ada, at=AT)

    assert (changed.must, changed.condition) == (False, {"autonomy": ["autonomous"]})
    assert not Criterion.objects.filter(pk=row.pk).exists()
    verbs = AuditEvent.objects.filter(stream="gate-templates").order_by("sequence").values_list("verb", flat=True)
    assert list(verbs)[-4:] == ["gate_template.drafted", *["gate_template.edited"] * 3]


def test_code_stands_once_in_a_gate(draft, ada):
    with pytest.raises(TemplateRefused, match="has a criterion estimate already"):
        saved(draft, ada, replace(EXIT, code="estimate"))

    assert saved(draft, ada, replace(EXIT, code="estimate", gate="mvp")).gate == "mvp"


def test_second_writer_learns_that_the_draft_moved_on_and_changes_nothing(draft, ada, abe):
    saved(draft, abe)

    with pytest.raises(Conflicted, match="changed by Abe"):
        save_criterion(template_id=draft.pk, criterion_id=None, wording=EXIT, revision=0, by=ada, at=AT)
    with pytest.raises(Conflicted):
        remove_criterion(template_id=draft.pk, criterion_id=line(draft, "estimate").pk, revision=0, by=ada, at=AT)
    with pytest.raises(Conflicted):
        explain_template(template_id=draft.pk, reason="Other.", revision=0, by=ada, at=AT)

    assert GateTemplate.objects.get(pk=draft.pk).revision == 1


def test_last_line_stays(people, ada):
    only = {"gate": "concept", "code": "only", "text": "One thing", "must": True, "proof": "e"}
    draft = draft_template(criteria=[only], reason="", by=ada, at=AT)

    with pytest.raises(TemplateRefused, match="last one"):
        remove_criterion(template_id=draft.pk, criterion_id=draft.criteria.get().pk, revision=0, by=ada, at=AT)


@pytest.mark.parametrize("reason", ["", "  ", "x" * 2001])
def test_reason_is_asked_for(draft, ada, reason):
    with pytest.raises(TemplateRefused):
        explain_template(template_id=draft.pk, reason=reason, revision=0, by=ada, at=AT)


def test_draft_without_a_reason_is_not_approved(ada, abe):
    draft = draft_template(reason="", by=ada, at=AT)

    with pytest.raises(TemplateRefused, match="does not say why"):
        approve_template(template_id=draft.pk, effective_on=ON, by=abe, at=AT)


def test_chair_approves_as_the_second_person(draft, carol):
    approved = approve_template(template_id=draft.pk, effective_on=ON, revision=0, by=carol, at=AT)

    assert (approved.state, approved.approved_by, approved.effective_on) == ("approved", carol, ON)


def test_who_changed_a_line_does_not_approve(draft, ada, abe, carol):
    saved(draft, abe)

    with pytest.raises(NotPermitted):
        approve_template(template_id=draft.pk, effective_on=ON, by=abe, at=AT)
    with pytest.raises(Conflicted):
        approve_template(template_id=draft.pk, effective_on=ON, revision=0, by=carol, at=AT)

    assert GateTemplate.objects.get(pk=draft.pk).state == "draft"


def test_interested_in_a_request_at_a_changed_gate_does_not_approve(draft, people, ada, abe):
    gate = drafted(people, concept(people, sponsor=abe))
    saved(draft, ada, replace(EXIT, gate="mvp"))
    elsewhere = GateTemplate.objects.get(pk=draft.pk)
    saved(draft, ada)

    with pytest.raises(NotPermitted, match=gate.key):
        approve_template(template_id=draft.pk, effective_on=ON, by=abe, at=AT)

    remove_criterion(template_id=draft.pk, criterion_id=line(draft, "exit_test").pk, revision=2, by=ada, at=AT)
    assert elsewhere.version == 2
    assert approve_template(template_id=draft.pk, effective_on=ON, by=abe, at=AT).state == "approved"


@pytest.mark.parametrize("state", ["approved", "withdrawn"])
def test_what_is_approved_or_discarded_stands(draft, ada, abe, state):
    row = line(draft, "estimate")
    if state == "approved":
        approve_template(template_id=draft.pk, effective_on=ON, by=abe, at=AT)
    else:
        withdraw_template(template_id=draft.pk, by=abe, at=AT)

    for by in (ada, person("ann", Role.ADMINISTRATOR)):
        for attempt in acts_of(draft, by).values():
            with pytest.raises((WrongState, NotPermitted)):
                attempt()
    with pytest.raises(DatabaseError, match="only in a draft"), transaction.atomic():
        Criterion.objects.filter(pk=row.pk).update(text="Softer")


def test_no_other_role_keeps_templates_and_only_the_chair_approves_too(draft):
    allowed = set()
    for role in Role:
        somebody = person(f"somebody-{role}", role)
        for act, attempt in acts_of(draft, somebody).items():
            try:
                with transaction.atomic():
                    attempt()
                    allowed.add((str(role), act))
                    raise Undone
            except (NotPermitted, Undone):
                assert GateTemplate.objects.get(pk=draft.pk).state == "draft"

    keeps = {("administrator", act) for act in ("save", "remove", "explain", "approve", "withdraw")}
    assert allowed == keeps | {("chair", "approve"), ("deputy_chair", "approve")}


class Undone(Exception):
    """What was allowed is taken back, so that the next may try."""


def acts_of(draft, by):
    row = line(draft, "estimate")
    return {
        "save": lambda: saved(draft, by),
        "remove": lambda: remove_criterion(template_id=draft.pk, criterion_id=row.pk, revision=0, by=by, at=AT),
        "explain": lambda: explain_template(template_id=draft.pk, reason="No.", revision=0, by=by, at=AT),
        "approve": lambda: approve_template(template_id=draft.pk, effective_on=ON, by=by, at=AT),
        "withdraw": lambda: withdraw_template(template_id=draft.pk, by=by, at=AT),
    }


@pytest.mark.parametrize("role", [Role.OWNER, Role.CHAIR, Role.FINANCE, Role.AUDITOR])
def test_no_other_role_begins_a_draft(people, role):
    with pytest.raises(NotPermitted):
        draft_template(reason="", by=person("somebody", role), at=AT)


def effects(draft):
    run = dry_run(draft, on=ON)
    return {
        name: {row.gate.key: [found.code for found in getattr(row.effect, part)] for row in getattr(run, name)}
        for name, part in (("losing", "missed"), ("asked_more", "missed"), ("relieved", "relieved"))
    }


def test_dry_run_names_who_would_lose_readiness_and_which_drafts_would_owe_more(draft, people, ada):
    waiting, written = ready(people), drafted(people, concept(people, "Invoice matching"))
    assert dry_run(draft, on=ON).looked_at == 0

    saved(draft, ada)

    assert effects(draft) == {
        "losing": {waiting.key: ["exit_test"]},
        "asked_more": {written.key: ["exit_test"]},
        "relieved": {},
    }


def test_dry_run_computes_what_is_newly_asked_of_the_data(draft, people, ada):
    gate = in_review(people)
    saved(draft, ada, Wording("concept", "owners_again", "Owners, once more", True, "c", "owners_named"))
    assert effects(draft)["losing"] == {}

    saved(draft, ada, Wording("concept", "baseline", "A cost baseline", True, "c", "cost_baseline"))

    assert effects(draft)["losing"] == {gate.key: ["baseline"]}


def test_dry_run_leaves_out_what_does_not_apply_and_what_is_only_advised(draft, people, ada):
    ready(people, concept(people, autonomy="assistive"))

    saved(draft, ada, replace(EXIT, must=False))
    saved(draft, ada, replace(EXIT, code="agents", condition={"autonomy": ["autonomous"]}))

    assert effects(draft)["losing"] == {}


def test_dry_run_shows_a_proof_that_would_expire_sooner(draft, people, ada):
    gate = ready(people)
    value = line(draft, "value_proposition")
    shorter = replace(wording_of(value), freshness_days=1)

    saved(draft, ada, shorter, value.pk)
    later = dry_run(GateTemplate.objects.get(pk=draft.pk), on=ON + timedelta(days=2))

    assert [[found.code for found in row.effect.missed] for row in later.losing] == [["value_proposition"]]
    assert dry_run(draft, on=ON + timedelta(days=1)).losing == ()
    assert gate.key == later.losing[0].gate.key


def test_dry_run_shows_what_would_be_forgiven(draft, people, ada):
    gate = in_review(people)

    remove_criterion(template_id=draft.pk, criterion_id=line(draft, "risk_scan").pk, revision=0, by=ada, at=AT)

    assert effects(draft)["relieved"] == {gate.key: ["risk_scan"]}


@pytest.mark.parametrize("asked", [EXIT, Wording("concept", "baseline", "A baseline", True, "c", "cost_baseline")])
def test_dry_run_asks_as_often_for_many_requests_as_for_one(draft, people, ada, asked, django_assert_num_queries):
    saved(draft, ada, asked)
    drafted(people, concept(people, shortlist=["openai:gpt-5"]))
    with CaptureQueriesContext(connection) as one:
        assert len(dry_run(draft, on=ON).asked_more) == 1
    for number in range(3):
        drafted(people, concept(people, f"Initiative {number}", shortlist=["openai:gpt-5"], sponsor=people.max))

    with django_assert_num_queries(len(one)):
        assert len(dry_run(draft, on=ON).asked_more) == 4


def waivable(people, draft, abe, ada, waiver):
    row = line(draft, "risk_scan")
    saved(draft, ada, replace(wording_of(row), waiver=waiver), row.pk)
    approve_template(template_id=draft.pk, effective_on=ON, by=abe, at=AT)
    gate = sendable(people)
    return CriterionProof.objects.get(request=gate, criterion__code="risk_scan")


def signed(proof, by):
    return sign_waiver(proof_id=proof.pk, until=ON, reason="Seen elsewhere.", by=by, at=AT)


def test_criterion_that_nobody_waives_is_waived_by_nobody(people, draft, abe, ada, carol):
    proof = waivable(people, draft, abe, ada, "nobody")

    with pytest.raises(WaiverRefused):
        signed(proof, carol)


def test_criterion_of_the_chairs_is_confirmed_by_the_deputy_and_by_no_member(people, draft, abe, ada, carol):
    proof = signed(waivable(people, draft, abe, ada, "chairs"), carol)

    with pytest.raises(NotPermitted, match="deputy chair"):
        confirm_waiver(proof_id=proof.pk, by=people.reader, at=AT)
    confirmed = confirm_waiver(proof_id=proof.pk, by=person("dora", Role.DEPUTY_CHAIR), at=AT)

    assert confirmed.state == "waived"


def test_criterion_of_the_council_is_confirmed_by_a_member(people, draft, abe, ada, carol):
    proof = signed(waivable(people, draft, abe, ada, "council"), carol)

    assert confirm_waiver(proof_id=proof.pk, by=people.reader, at=AT).state == "waived"
