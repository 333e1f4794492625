"""Prove criteria: what checks compute, what owners attach, what two people waive."""

import hashlib
from datetime import date, datetime, timedelta

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from projects.audit.services import record
from projects.checks.facts import Facts
from projects.checks.rules import Result, run
from projects.common.outcomes import NotPermitted, Refused, WrongState
from projects.gates.choices import OPEN_STATES, ProofKind, ProofState, Waiver
from projects.gates.evidence import EvidenceRefused, content_type_of, safe_name
from projects.gates.models import CriterionProof, EvidenceFile, GateRequest
from projects.gates.selectors import interested_ids, request_facts
from projects.limits.selectors import policy_on
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import may, require

TEXT_LIMIT = 20_000


class ProofRefused(Refused):
    """The proof does not fit the criterion."""

    code = "proof_refused"


class WaiverRefused(Refused):
    """The waiver has no reason, no lawful end, or no first signature."""

    code = "waiver_refused"


def keep_computed(gate: GateRequest, *, at: datetime) -> Facts | None:
    """Keep what the checks find today on a request's computed criteria; a changed verdict is recorded.

    Return the facts that the checks looked at, None where nothing is computed.
    """
    facts = None
    for proof in gate.proofs.select_related("criterion").filter(criterion__proof=ProofKind.COMPUTED):
        facts = facts or request_facts(gate, on=at.date())
        result = run(proof.criterion.check_name, facts)
        if proof.state != ProofState.WAIVED:
            _keep_result(proof, result, at)
    return facts


def _keep_result(proof: CriterionProof, result: Result, at: datetime) -> None:
    before = proof.state
    proof.state, proof.figure, proof.note = result.verdict, result.figure[:200], result.note
    proof.proved_at = at if result.verdict in (ProofState.PROVED, ProofState.FAILED) else None
    proof.save()
    if before != proof.state and result.verdict != ProofState.UNPROVED:
        verb = "gate_request.criterion_proved" if result.verdict == "proved" else "gate_request.criterion_failed"
        record(verb=verb, target=proof, by=None, at=at, data={"code": proof.criterion.code, "figure": result.figure})


@transaction.atomic
def attach_evidence(
    *, gate_request_id: int, about: str, name: str, content: bytes, by: User, at: datetime
) -> EvidenceFile:
    """Store a file with its hash; for an evidence criterion it proves it.

    Raise NotPermitted, WrongState, EvidenceRefused, or ProofRefused when the criterion is not proved by evidence.
    """
    gate = _editable(gate_request_id, by)
    kind = content_type_of(content)
    digest = hashlib.sha256(content).hexdigest()
    path = f"evidence/{digest[:2]}/{digest}"
    if not default_storage.exists(path):
        default_storage.save(path, ContentFile(content))
    file = EvidenceFile.objects.create(
        request=gate,
        about=about,
        name=safe_name(name),
        content_type=kind,
        size=len(content),
        sha256=digest,
        stored_as=path,
        added_by=by,
        added_at=at,
    )
    record(verb="gate_request.evidence_added", target=file, by=by, at=at, data={"about": about, "sha256": digest})
    if not about.startswith("guardrail:"):
        proof = _evidence_proof(gate, about)
        proof.file, proof.text, proof.text_hash = file, "", ""
        _prove(proof, f"{file.name}, SHA-256 {digest[:12]}", by, at)
    return file


@transaction.atomic
def prove_by_text(*, gate_request_id: int, code: str, text: str, by: User, at: datetime) -> CriterionProof:
    """Prove an evidence criterion by a text that is kept with its hash. Raise NotPermitted, WrongState or ProofRefused."""
    gate = _editable(gate_request_id, by)
    text = text.strip()
    if not text or len(text) > TEXT_LIMIT:
        raise ProofRefused(f"Write the evidence in at most {TEXT_LIMIT:,} characters, or attach a file.")
    if text.startswith(("http://", "https://")) and len(text.split()) == 1:
        raise ProofRefused("A bare link proves nothing. Attach the file, or write what it shows.")
    proof = _evidence_proof(gate, code)
    proof.file, proof.text = None, text
    proof.text_hash = hashlib.sha256(text.encode()).hexdigest()
    _prove(proof, f"Text, SHA-256 {proof.text_hash[:12]}", by, at)
    return proof


def _evidence_proof(gate: GateRequest, code: str) -> CriterionProof:
    proofs = CriterionProof.objects.select_for_update(of=("self",)).select_related("criterion", "request__initiative")
    proof = proofs.filter(request=gate, criterion__code=code).first()
    if proof is None:
        raise ProofRefused(f"This request has no criterion {code}.")
    if proof.criterion.proof != ProofKind.EVIDENCE:
        raise ProofRefused(f"{proof.criterion}: this is not proved by a file or a text.")
    return proof


def _prove(proof: CriterionProof, figure: str, by: User | None, at: datetime) -> None:
    proof.state, proof.figure, proof.note, proof.proved_by, proof.proved_at = ProofState.PROVED, figure, "", by, at
    proof.save()
    record(verb="gate_request.criterion_proved", target=proof, by=by, at=at, data={"code": proof.criterion.code})


@transaction.atomic
def judge_criterion(
    *, gate_request_id: int, code: str, accepted: bool, reason: str, by: User | None, at: datetime
) -> CriterionProof:
    """Keep what the reviewers together found on a judged criterion. Raise ProofRefused for one that is not judged."""
    proofs = CriterionProof.objects.select_for_update(of=("self",)).select_related("criterion", "request__initiative")
    proof = proofs.get(request_id=gate_request_id, criterion__code=code)
    if proof.criterion.proof != ProofKind.JUDGED:
        raise ProofRefused(f"{proof.criterion}: this is not judged by a reviewer.")
    proof.note = reason
    if accepted:
        _prove(proof, "Accepted", by, at)
        return proof
    proof.state, proof.figure, proof.proved_by, proof.proved_at = ProofState.FAILED, "Not accepted", by, at
    proof.save()
    record(verb="gate_request.criterion_failed", target=proof, by=by, at=at, data={"code": code})
    return proof


@transaction.atomic
def sign_waiver(*, proof_id: int, until: date, reason: str, by: User, at: datetime) -> CriterionProof:
    """Sign a waiver first; it holds once a second person confirms it. Raise NotPermitted, WrongState or WaiverRefused."""
    proof = _waivable(proof_id, on=at.date())
    _uninterested(proof, by)
    require(by, Permission.WAIVE, initiative=proof.request.initiative)
    longest = at.date() + timedelta(days=policy_on(at.date()).integer("waiver_days"))
    if not reason.strip():
        raise WaiverRefused("Say why the criterion is waived.")
    if not at.date() <= until <= longest:
        raise WaiverRefused(f"A waiver ends between {at.date()} and {longest}, not on {until}.")
    if proof.state == ProofState.WAIVED:
        proof.state = ProofState.UNPROVED
    proof.waived_by, proof.waived_second_by, proof.waived_until, proof.waiver_reason = by, None, until, reason.strip()
    proof.save()
    record(verb="gate_request.waiver_asked", target=proof, by=by, at=at, data={"code": proof.criterion.code})
    return proof


@transaction.atomic
def confirm_waiver(*, proof_id: int, by: User, at: datetime) -> CriterionProof:
    """Sign a waiver second: a member or chair, uninterested. Raise NotPermitted, WrongState or WaiverRefused."""
    proof = _waivable(proof_id, on=at.date())
    _uninterested(proof, by)
    initiative = proof.request.initiative
    if not may(by, Permission.WAIVE, initiative=initiative):
        if proof.criterion.waiver == Waiver.CHAIRS:
            raise NotPermitted(f"{proof.criterion}: only the chair and the deputy chair waive this, together.")
        require(by, Permission.VOTE, initiative=initiative)
    if proof.waived_by_id is None or proof.waived_until is None:
        raise WaiverRefused("Nobody has signed this waiver first.")
    if proof.waived_by_id == by.pk:
        raise NotPermitted("You signed this waiver first: a second person confirms it.")
    if proof.waived_until < at.date():
        raise WaiverRefused(f"The waiver would have ended on {proof.waived_until}. Sign a new one.")
    proof.waived_second_by, proof.state, proof.note = by, ProofState.WAIVED, proof.waiver_reason
    proof.save()
    data = {"code": proof.criterion.code, "until": proof.waived_until}
    record(verb="gate_request.criterion_waived", target=proof, by=by, at=at, data=data)
    return proof


def _waivable(proof_id: int, *, on: date) -> CriterionProof:
    proofs = CriterionProof.objects.select_for_update(of=("self",)).select_related("criterion", "request__initiative")
    proof = proofs.get(pk=proof_id)
    if proof.request.state not in OPEN_STATES:
        raise WrongState(f"{proof.request.key} is over: nothing is waived any more.")
    if proof.state == ProofState.WAIVED and proof.waived_until is not None and proof.waived_until >= on:
        raise WrongState(f"{proof.criterion}: this is waived already, until {proof.waived_until}.")
    if proof.criterion.waiver == Waiver.NOBODY:
        raise WaiverRefused(f"{proof.criterion}: this may not be waived.")
    return proof


def _uninterested(proof: CriterionProof, by: User) -> None:
    if by.pk in interested_ids(proof.request):
        raise NotPermitted(f"You have an interest in {proof.request.key} and may not waive its criteria.")


def _editable(gate_request_id: int, by: User) -> GateRequest:
    requests = GateRequest.objects.select_for_update(of=("self",)).select_related("initiative")
    gate = requests.get(pk=gate_request_id)
    require(by, Permission.DRAFT_FOR_OWNER, initiative=gate.initiative)
    if not gate.is_editable and gate.state not in ("stale", "readiness_check"):
        raise WrongState(
            f"{gate.key} is {gate.get_state_display().lower()}: evidence is added while the owner holds it."
        )
    return gate


__all__ = ["EvidenceRefused", "attach_evidence", "confirm_waiver", "judge_criterion", "keep_computed", "sign_waiver"]
