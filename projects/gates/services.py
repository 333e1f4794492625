"""The life of a gate request, from draft to decision. Every act moves the state, notes the move and records it."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django_fsm import can_proceed

from projects.audit.services import record
from projects.common.keys import next_key
from projects.common.outcomes import Refused, WrongState
from projects.gates.choices import Kind, Outcome, ProofKind, Route, State
from projects.gates.decision_sheets import bring_sheets
from projects.gates.models import CriterionProof, GateRequest, RequestInterest, RequestMove
from projects.gates.money import decide_ask, open_ask, take_back_ask, withdraw_ask
from projects.gates.proofs import keep_computed
from projects.gates.review_rules import targets_met as found_met
from projects.gates.rules import gate_of
from projects.gates.selectors import frozen_inputs, last_decided, live_interest, readiness, targets_of
from projects.gates.submission import (
    acknowledge_policy,
    freeze_inputs,
    needs_no_review,
    policy_blockers,
    submission_blockers,
)
from projects.gates.template_services import template_in_force
from projects.initiatives.choices import Condition, Stage
from projects.initiatives.models import Initiative
from projects.initiatives.rules import next_stage
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import require
from projects.signals import (
    gate_request_checked,
    gate_request_decided,
    gate_request_delegated,
    gate_request_ready,
    gate_request_returned,
    gate_request_stale,
    gate_request_submitted,
)


class GateBlocked(Refused):
    """Musts are missing; the blockers name them and who owes each."""

    code = "gate_blocked"


class NothingToAsk(Refused):
    """This kind of request makes no sense in the initiative's stage."""

    code = "nothing_to_ask"


@transaction.atomic
def draft_gate_request(*, initiative_id: int, kind: str, by: User, at: datetime) -> GateRequest:
    """Begin a request under the template in force. Raise NotPermitted, WrongState or NothingToAsk."""
    initiative = Initiative.objects.select_for_update().get(pk=initiative_id)
    require(by, Permission.DRAFT_FOR_OWNER, initiative=initiative)
    if initiative.condition == Condition.CLOSED:
        raise WrongState(f"{initiative.key} is closed and asks for nothing more.")
    to_stage = _target(initiative, kind)
    rivals = (Kind.ADVANCE, Kind.STAY) if kind in (Kind.ADVANCE, Kind.STAY) else (kind,)
    if rival := GateRequest.objects.filter(initiative=initiative, kind__in=rivals).open().first():
        raise WrongState(f"{initiative.key} has an open request already: {rival.key}. Finish or withdraw that one.")
    return begin_request(initiative, kind, to_stage, by=by, at=at)


def begin_request(
    initiative: Initiative, kind: str, to_stage: str, *, by: User | None, at: datetime, due_on: date | None = None
) -> GateRequest:
    """Make a draft with its criteria under the template in force; ``by`` is None where a due review drafts itself."""
    template = template_in_force(at=at)
    last = last_decided(initiative)
    gate = GateRequest.objects.create(
        key=next_key("GR"),
        initiative=initiative,
        kind=kind,
        gate=gate_of(kind, initiative.stage),
        from_stage=initiative.stage,
        to_stage=to_stage,
        template=template,
        previous=last if last and last.outcome == Outcome.RECYCLE else None,
        currency=initiative.currency,
        drafted_by=by,
        drafted_at=at,
        due_on=due_on,
    )
    criteria = template.criteria.filter(gate=gate.gate)
    CriterionProof.objects.bulk_create(CriterionProof(request=gate, criterion=criterion) for criterion in criteria)
    bring_sheets(gate, by=by, at=at)
    _note(gate, "", by, at)
    record(verb="gate_request.drafted", target=gate, by=by, at=at)
    return gate


def _target(initiative: Initiative, kind: str) -> str:
    stage = initiative.stage
    if kind == Kind.ADVANCE:
        if (target := next_stage(stage)) is None:
            raise NothingToAsk(f"{initiative.key} is in {initiative.get_stage_display()}: no stage follows by a gate.")
        return target
    if kind == Kind.SUNSET:
        if stage not in (Stage.PILOT, Stage.LAUNCH, Stage.SCALE):
            raise NothingToAsk(f"{initiative.key} is in {initiative.get_stage_display()}: a Sunset opens after MVP.")
        return str(Stage.SUNSET)
    if kind == Kind.POST_DECISION and stage not in (Stage.LAUNCH, Stage.SCALE):
        raise NothingToAsk(f"{initiative.key}: a post-decision review follows a Go into Launch or Scale.")
    if stage == Stage.SUNSET:
        raise NothingToAsk(f"{initiative.key} is winding down.")
    return str(stage)


@transaction.atomic
def submit_gate_request(*, gate_request_id: int, policy_read: int | None, by: User, at: datetime) -> GateRequest:
    """Send a draft or a returned request, freeze its inputs and its interested people.

    ``policy_read`` is the policy version that the owner acknowledges. Raise NotPermitted, WrongState, or GateBlocked
    when a computed or evidenced must, the ask, a text or the acknowledgement is missing.
    """
    gate = _locked(gate_request_id)
    require(by, Permission.SUBMIT_REQUEST, initiative=gate.initiative)
    _lawful(gate, gate.submit, "submitted")
    bring_sheets(gate, by=by, at=at)
    facts = keep_computed(gate, at=at)
    if blockers := submission_blockers(gate, on=at.date(), facts=facts) + policy_blockers(policy_read, on=at.date()):
        raise GateBlocked(blockers)
    policy = acknowledge_policy(by=by, at=at)
    return send_request(gate, policy=policy, by=by, at=at)


def send_request(gate: GateRequest, *, policy: int, by: User | None, at: datetime) -> GateRequest:
    """Submit a whole request, note who is interested and freeze its inputs; ``by`` is None where it sends itself."""
    before = gate.state
    gate.submit(by_id=by.pk if by else None, at=at, policy=policy)
    gate.save()
    known = set(gate.interests.values_list("user_id", flat=True))
    RequestInterest.objects.bulk_create(
        RequestInterest(request=gate, user_id=person, noted_at=at) for person in sorted(live_interest(gate) - known)
    )
    if by is not None:
        open_ask(gate, by=by, at=at)
    freeze_inputs(gate, at=at)
    _done(gate, before, "gate_request.submitted", by, at)
    gate_request_submitted.send(sender=GateRequest, gate=gate, by=by, at=at)
    return GateRequest.objects.get(pk=gate.pk)


@transaction.atomic
def check_readiness(*, gate_request_id: int, by: User | None, at: datetime) -> GateRequest:
    """Check a submitted or stale request: keep its computed proofs, find its route, send it to review.

    A must that fell back keeps it in the check with the reason; call again when it is mended. Raise WrongState.
    """
    gate = _locked(gate_request_id)
    before = gate.state
    if before != State.READINESS_CHECK:
        _lawful(gate, gate.begin_check, "checked")
        gate.begin_check()
    facts = keep_computed(gate, at=at)
    missing = readiness(gate, at.date(), facts).blockers([ProofKind.COMPUTED, ProofKind.EVIDENCE])
    frozen = frozen_inputs(gate)
    if missing:
        gate.reason = " ".join(blocker.message for blocker in missing)
    elif frozen is not None and not frozen.triggers and needs_no_review(gate, frozen, on=at.date()):
        gate.route, gate.reason = Route.DELEGATED, ""
    else:
        gate.route, gate.reason = Route.COUNCIL, ""
    gate.save()
    _done(gate, before, "gate_request.checked", by, at, data={"route": gate.route, "missing": len(missing)})
    if missing:
        return GateRequest.objects.get(pk=gate.pk)
    if gate.route == Route.DELEGATED:
        gate_request_delegated.send(sender=GateRequest, gate=gate, by=by, at=at)
    else:
        gate.send_to_review()
        gate.save()
        _done(gate, State.READINESS_CHECK, "gate_request.reviewed", by, at)
        gate_request_checked.send(sender=GateRequest, gate=gate, by=by, at=at)
    return GateRequest.objects.get(pk=gate.pk)


@transaction.atomic
def return_to_owner(*, gate_request_id: int, reason: str, by: User, at: datetime) -> GateRequest:
    """Give a request back with what the reviewers ask. Raise WrongState."""
    gate = _locked(gate_request_id)
    _lawful(gate, gate.give_back, "returned")
    gate.give_back(reason=reason)
    gate.save()
    take_back_ask(gate, by=by, at=at)
    _done(gate, State.EXPERT_REVIEW, "gate_request.returned", by, at, data={"reason": reason})
    gate_request_returned.send(sender=GateRequest, gate=gate, by=by, at=at)
    return gate


@transaction.atomic
def mark_ready(*, gate_request_id: int, by: User | None, at: datetime) -> GateRequest:
    """Find a reviewed request ready for the agenda. Raise WrongState, or GateBlocked while any must is missing."""
    gate = _locked(gate_request_id)
    _lawful(gate, gate.become_ready, "ready")
    if blockers := readiness(gate, at.date()).blockers():
        raise GateBlocked(blockers)
    gate.become_ready(at=at)
    gate.save()
    _done(gate, State.EXPERT_REVIEW, "gate_request.ready", by, at)
    gate_request_ready.send(sender=GateRequest, gate=gate, by=by, at=at)
    return gate


@transaction.atomic
def put_on_agenda(*, gate_request_id: int, by: User, at: datetime) -> GateRequest:
    """Put a ready request on a meeting's agenda. Raise NotPermitted or WrongState."""
    gate = _locked(gate_request_id)
    require(by, Permission.BUILD_AGENDA)
    _lawful(gate, gate.enter_agenda, "put on an agenda")
    gate.enter_agenda()
    gate.save()
    _done(gate, State.READY, "gate_request.listed", by, at)
    return gate


@transaction.atomic
def take_up(*, gate_request_id: int, by: User, at: datetime) -> GateRequest:
    """Take a ready request up between meetings, for whoever decides it within their authority. Raise WrongState."""
    gate = _locked(gate_request_id)
    _lawful(gate, gate.enter_agenda, "taken up")
    gate.enter_agenda()
    gate.save()
    _done(gate, State.READY, "gate_request.taken_up", by, at)
    return gate


@transaction.atomic
def note_pack_frozen(*, gate_request_id: int, by: User, at: datetime) -> GateRequest:
    """Note that the pack with this request is frozen: from now on only the chair withdraws it. Raise WrongState."""
    gate = _locked(gate_request_id)
    if gate.state != State.ON_AGENDA:
        raise WrongState(f"{gate.key} stands on no agenda, so no pack freezes it.")
    gate.pack_frozen_at = at
    gate.save()
    record(verb="gate_request.frozen", target=gate, by=by, at=at)
    return gate


@transaction.atomic
def postpone(*, gate_request_id: int, reason: str, by: User, at: datetime) -> GateRequest:
    """Take a request off the agenda: it was postponed or the meeting was cancelled. Raise NotPermitted or WrongState."""
    gate = _locked(gate_request_id)
    require(by, Permission.BUILD_AGENDA)
    _lawful(gate, gate.leave_agenda, "postponed")
    gate.leave_agenda(reason=reason)
    gate.save()
    _done(gate, State.ON_AGENDA, "gate_request.postponed", by, at, data={"reason": reason})
    return gate


@transaction.atomic
def refer_to_board(*, gate_request_id: int, by: User, at: datetime) -> GateRequest:
    """Pass a request on to the executive board, which the council advised. Raise WrongState."""
    gate = _locked(gate_request_id)
    _lawful(gate, gate.go_to_board, "passed to the board")
    gate.go_to_board()
    gate.save()
    _done(gate, State.ON_AGENDA, "gate_request.with_board", by, at)
    return gate


@transaction.atomic
def go_stale(*, gate_request_id: int, at: datetime) -> GateRequest:
    """Take readiness from a request whose must fell back or expired. Raise WrongState when nothing is missing."""
    gate = _locked(gate_request_id)
    _lawful(gate, gate.expire, "stale")
    before = gate.state
    missing = readiness(gate, at.date()).blockers()
    if not missing:
        raise WrongState(f"Every must of {gate.key} is proved: nothing expired.")
    gate.expire(reason=" ".join(blocker.message for blocker in missing))
    gate.save()
    _done(gate, before, "gate_request.stale", None, at, data={"reason": gate.reason})
    gate_request_stale.send(sender=GateRequest, gate=gate, at=at)
    return gate


@transaction.atomic
def recheck(*, gate_request_id: int, by: User, at: datetime) -> GateRequest:
    """Ask for a new check of a stale request, or of one held in the check. Raise NotPermitted or WrongState."""
    gate = _locked(gate_request_id)
    require(by, Permission.DRAFT_FOR_OWNER, initiative=gate.initiative)
    if gate.state not in (State.STALE, State.READINESS_CHECK):
        raise WrongState(f"{gate.key} is {gate.get_state_display().lower()}: there is nothing to check again.")
    return check_readiness(gate_request_id=gate.pk, by=by, at=at)


@transaction.atomic
def decide_gate_request(
    *,
    gate_request_id: int,
    outcome: str,
    decision_reference: str,
    by: User,
    at: datetime,
    targets_met: bool | None = None,
) -> GateRequest:
    """End a request by a decision, whose effects the council carries out. Raise WrongState or GateBlocked.

    Without an agenda only a delegated request is decided. It records whether targets were met, by the proven readings
    of the day unless the decision says so itself; None where they are not known.
    """
    gate = _locked(gate_request_id)
    _lawful(gate, gate.decide, "decided")
    before = gate.state
    if before == State.READINESS_CHECK and gate.route != Route.DELEGATED:
        raise WrongState(f"{gate.key} needs review: it is decided from an agenda.")
    if outcome not in Outcome.values or not decision_reference:
        raise GateBlocked("A decision names one of the six outcomes and its reference.")
    gate.decide(outcome=outcome, reference=decision_reference, by_id=by.pk, at=at)
    gate.targets_met = found_met(targets_of(gate.initiative_id, at.date())) if targets_met is None else targets_met
    gate.save()
    decide_ask(gate, by=by, at=at)
    data = {"outcome": outcome, "decision": decision_reference, "targets_met": gate.targets_met}
    _done(gate, before, "gate_request.decided", by, at, data=data)
    gate_request_decided.send(sender=GateRequest, gate=gate, by=by, at=at)
    return gate


@transaction.atomic
def withdraw(*, gate_request_id: int, reason: str, by: User, at: datetime) -> GateRequest:
    """Withdraw an open request: its owner until the pack is frozen, later and for a due review the chair.

    Raise NotPermitted or WrongState.
    """
    gate = _locked(gate_request_id)
    if gate.pack_frozen_at or gate.came_due:
        require(by, Permission.CHAIR_ACTION, initiative=gate.initiative)
    else:
        require(by, Permission.SUBMIT_REQUEST, initiative=gate.initiative)
    _lawful(gate, gate.withdraw, "withdrawn")
    before = gate.state
    gate.withdraw(reason=reason)
    gate.save()
    withdraw_ask(gate, by=by, at=at)
    _done(gate, before, "gate_request.withdrawn", by, at, data={"reason": reason})
    return gate


def _locked(gate_request_id: int) -> GateRequest:
    requests = GateRequest.objects.select_for_update(of=("self",)).select_related("initiative__business_owner")
    return requests.get(pk=gate_request_id)


def _lawful(gate: GateRequest, act: Any, word: str) -> None:
    if not can_proceed(act):
        raise WrongState(f"{gate.key} is {gate.get_state_display().lower()}: it cannot be {word} now.")


def _note(gate: GateRequest, before: str, by: User | None, at: datetime, reason: str = "") -> None:
    RequestMove.objects.create(request=gate, before=before, after=gate.state, reason=reason, moved_by=by, moved_at=at)


def _done(
    gate: GateRequest, before: str, verb: str, by: User | None, at: datetime, data: dict[str, Any] | None = None
) -> None:
    if before != gate.state:
        _note(gate, before, by, at, gate.reason)
    record(verb=verb, target=gate, by=by, at=at, data={"before": before, **(data or {})})
