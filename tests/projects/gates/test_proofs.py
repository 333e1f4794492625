from datetime import date, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from projects.common.outcomes import NotPermitted, WrongState
from projects.gates.models import Criterion, CriterionProof, EvidenceFile
from projects.gates.proofs import (
    ProofRefused,
    WaiverRefused,
    attach_evidence,
    confirm_waiver,
    judge_criterion,
    prove_by_text,
    sign_waiver,
)
from projects.gates.selectors import readiness
from projects.gates.services import withdraw
from projects.gates.template_services import TemplateRefused, approve_template, draft_template, template_in_force
from projects.people.roles import Role
from tests.factories.gates import AT, ON, cast, concept, drafted
from tests.factories.people import person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def people():
    return cast()


@pytest.fixture
def gate(people):
    return drafted(people)


@pytest.fixture
def carol(people):
    chair = person("carol")
    from projects.people import selectors

    selectors._sources.append(lambda user: [Role.CHAIR] if user.username in ("carol", "dora") else [])
    yield chair
    selectors._sources.pop()


def prove(gate, people, text="What was found.", code="value_proposition"):
    return prove_by_text(gate_request_id=gate.pk, code=code, text=text, by=people.olga, at=AT)


def test_text_proves_an_evidence_criterion_with_its_hash(gate, people):
    proof = prove(gate, people)

    assert (proof.state, proof.proved_by, len(proof.text_hash)) == ("proved", people.olga, 64)
    assert {line.code for line in readiness(gate, ON).missing} == {"model_shortlist", "estimate", "risk_scan"}


@pytest.mark.parametrize("text", ["", "  ", "https://wiki/plan", "x" * 20_001])
def test_empty_text_and_bare_link_prove_nothing(gate, people, text):
    with pytest.raises(ProofRefused):
        prove(gate, people, text)


@pytest.mark.parametrize("code", ["estimate", "risk_scan", "nothing"])
def test_only_evidence_criteria_are_proved_by_evidence(gate, people, code):
    with pytest.raises(ProofRefused):
        prove(gate, people, code=code)


def test_same_file_is_stored_once_and_both_rows_stand(gate, people):
    for _ in range(2):
        attach_evidence(
            gate_request_id=gate.pk, about="alternatives", name="a.txt", content=b"text", by=people.olga, at=AT
        )

    assert EvidenceFile.objects.values_list("stored_as").distinct().count() == 1
    assert EvidenceFile.objects.count() == 2


def test_file_row_is_never_removed(gate, people):
    file = attach_evidence(
        gate_request_id=gate.pk, about="alternatives", name="a.txt", content=b"text", by=people.olga, at=AT
    )

    with pytest.raises(DatabaseError), transaction.atomic():
        EvidenceFile.objects.filter(pk=file.pk).delete()


def risk(gate):
    return gate.proofs.get(criterion__code="risk_scan")


def sign(gate, by, until=date(2026, 12, 31), reason="Reviewed last month."):
    return sign_waiver(proof_id=risk(gate).pk, until=until, reason=reason, by=by, at=AT)


def test_waiver_takes_two_uninterested_people(gate, people, carol):
    sign(gate, carol)
    assert risk(gate).state == "unproved"
    with pytest.raises(NotPermitted, match="second person"):
        confirm_waiver(proof_id=risk(gate).pk, by=carol, at=AT)

    confirm_waiver(proof_id=risk(gate).pk, by=people.reader, at=AT)

    assert risk(gate).state == "waived"
    assert readiness(gate, ON).waived == 1


@pytest.mark.parametrize(
    ("until", "reason"),
    [(ON - timedelta(days=1), "Why"), (ON + timedelta(days=91), "Why"), (ON, "")],
)
def test_waiver_has_a_reason_and_an_end_within_policy(gate, carol, until, reason):
    with pytest.raises(WaiverRefused):
        sign(gate, carol, until, reason)


@pytest.mark.parametrize("days", [0, 90])
def test_waiver_may_end_today_or_after_ninety_days(gate, carol, days):
    assert sign(gate, carol, ON + timedelta(days=days)).waived_until == ON + timedelta(days=days)


def test_member_may_not_sign_first_nor_anybody_confirm_nothing(gate, people):
    with pytest.raises(NotPermitted):
        sign(gate, people.reader)
    with pytest.raises(WaiverRefused):
        confirm_waiver(proof_id=risk(gate).pk, by=people.reader, at=AT)


def test_interested_chair_waives_nothing(gate, people, carol):
    gate.initiative.sponsor = carol
    gate.initiative.save()

    with pytest.raises(NotPermitted):
        sign(gate, carol)


def test_nothing_is_waived_on_a_request_that_ended(gate, people, carol):
    withdraw(gate_request_id=gate.pk, reason="", by=people.olga, at=AT)

    with pytest.raises(WrongState):
        sign(gate, carol)


def test_database_refuses_a_waiver_of_one(gate, people):
    with pytest.raises(IntegrityError), transaction.atomic():
        CriterionProof.objects.filter(pk=risk(gate).pk).update(
            state="waived",
            waived_by=people.fay,
            waived_second_by=people.fay,
            waived_until=ON,
            waiver_reason="Alone.",
        )


def test_reviewers_finding_is_kept_either_way(gate):
    rejected = judge_criterion(
        gate_request_id=gate.pk, code="risk_scan", accepted=False, reason="No scan.", by=None, at=AT
    )
    assert (rejected.state, rejected.note) == ("failed", "No scan.")

    accepted = judge_criterion(gate_request_id=gate.pk, code="risk_scan", accepted=True, reason="", by=None, at=AT)
    assert accepted.state == "proved"
    with pytest.raises(ProofRefused):
        judge_criterion(gate_request_id=gate.pk, code="estimate", accepted=True, reason="", by=None, at=AT)


def test_criterion_outside_its_condition_leaves_the_count(people):
    gate = drafted(people, concept(people, autonomy="assistive"))
    template = gate.template

    with pytest.raises(DatabaseError, match="only in a draft"), transaction.atomic():
        Criterion.objects.filter(template=template).update(text="Softer")


def admins():
    return person("ada", Role.ADMINISTRATOR), person("abe", Role.ADMINISTRATOR)


CRITERION = {"gate": "concept", "code": "only", "text": "One thing", "must": True, "proof": "e", "condition": {}}


def test_template_binds_after_a_second_administrator_and_requests_in_flight_keep_theirs(people):
    ada, abe = admins()
    old = drafted(people)
    template = draft_template(criteria=[CRITERION], reason="Simpler.", by=ada, at=AT)
    with pytest.raises(NotPermitted, match="second administrator"):
        approve_template(template_id=template.pk, effective_on=ON, by=ada, at=AT)

    approve_template(template_id=template.pk, effective_on=ON, by=abe, at=AT)
    new = drafted(people, concept(people, "Another"))

    assert (old.template.version, new.template.version) == (1, 2)
    assert [proof.criterion.code for proof in new.proofs.all()] == ["only"]


@pytest.mark.parametrize("criteria", [[], [CRITERION, CRITERION]])
def test_template_needs_criteria_with_codes_of_their_own(people, criteria):
    with pytest.raises(TemplateRefused):
        draft_template(criteria=criteria, reason="", by=admins()[0], at=AT)


def test_template_never_binds_the_past_and_owners_keep_none(people):
    ada, abe = admins()
    template_in_force(at=AT)
    template = draft_template(criteria=[CRITERION], reason="", by=ada, at=AT)

    with pytest.raises(TemplateRefused):
        approve_template(template_id=template.pk, effective_on=ON - timedelta(days=1), by=abe, at=AT)
    with pytest.raises(NotPermitted):
        draft_template(criteria=[CRITERION], reason="", by=people.olga, at=AT)
