"""Decisions below the chair: the sandbox's by policy alone, the FinOps lead's with finance by two signatures."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from council.decisions.choices import ProposalState, Route
from council.decisions.models import Decision, Motion, Outcome, Proposal
from council.decisions.rules import Signer, pair_blockers
from council.decisions.services.between import (
    decide_between,
    locked_request,
    require_free,
    require_lawful,
    require_row,
    row_of,
)
from council.decisions.services.errors import NotYours
from council.decisions.services.making import Verdict
from projects.audit.services import record
from projects.common.outcomes import WrongState
from projects.funding.rules import Authority
from projects.funding.selectors import sandbox_blockers
from projects.gates.choices import Route as RequestRoute
from projects.gates.choices import State
from projects.gates.models import GateRequest
from projects.limits.selectors import policy_on
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.roles import Role
from projects.people.selectors import roles_of
from projects.people.services import policy_service

SANDBOX_REASON = "No review trigger fires and it stays inside the sandbox: policy delegates it."


@transaction.atomic
def decide_in_the_sandbox(*, gate_request_id: int, at: datetime) -> Decision | None:
    """Decide a request that needs no review and belongs to the sandbox: a Go without money, by policy and at once.

    None where another authority has to sign. Raise WrongState, or what the effects refuse.
    """
    gate = GateRequest.objects.select_for_update(of=("self",)).select_related("initiative").get(pk=gate_request_id)
    if gate.state != State.READINESS_CHECK or gate.route != RequestRoute.DELEGATED:
        raise WrongState(f"{gate.key} is {gate.get_state_display().lower()}: policy alone does not decide it.")
    verdict = Verdict(Outcome.GO, Decimal(0), gate.currency, SANDBOX_REASON)
    authority = row_of(gate, verdict, on=at.date(), policy=policy_on(at.date()))
    lane = sandbox_blockers(gate.initiative, on=at.date(), policy=policy_on(at.date()))
    if authority.row != Route.SANDBOX or lane:
        return None
    return decide_between(gate, verdict, route=Route.SANDBOX, authority=authority.sentence, by=policy_service(), at=at)


@transaction.atomic
def propose_delegated(
    *,
    gate_request_id: int,
    outcome: str,
    amount: Decimal,
    reason: str,
    conditions: Sequence[Mapping[str, Any]],
    details: Mapping[str, Any],
    by: User,
    at: datetime,
) -> Proposal:
    """Sign a delegated decision as the first of two: the FinOps lead, or finance.

    Raise NotPermitted, WrongState, NotYours above the limit, or MotionRefused.
    """
    gate = locked_request(gate_request_id)
    require_free(gate, by, Permission.DECIDE_DELEGATED, at=at)
    if standing := Proposal.objects.filter(gate_request=gate, state=ProposalState.SIGNED).first():
        raise WrongState(f"{standing.first_by} signed a decision on {gate.key} already: {standing.reason}")
    verdict = Verdict(outcome, amount, gate.currency, reason.strip()[:300], conditions, details)
    authority = row_of(gate, verdict, on=at.date(), policy=policy_on(at.date()))
    require_row(authority, Route.FINOPS, gate)
    require_lawful(gate, verdict, on=at.date())
    proposal = sign_first(verdict, route=Route.FINOPS, gate_request_id=gate.pk, authority=authority, by=by, at=at)
    record(verb="delegated.proposed", target=proposal, by=by, at=at)
    return proposal


@transaction.atomic
def sign_delegated(*, proposal_id: int, by: User, at: datetime) -> Decision:
    """Sign as the second of two, which decides; every rule is checked again. Raise NotYours for a wrong pair."""
    proposal = _open(proposal_id, Route.FINOPS)
    gate = locked_request(proposal.gate_request_id)
    for person in (proposal.first_by, by):
        require_free(gate, person, Permission.DECIDE_DELEGATED, at=at)
    if by.pk == proposal.first_by_id:
        raise NotYours(f"{by} signed first; a second person decides {gate.key}.")
    if blockers := pair_blockers(_signer(proposal.first_by), _signer(by)):
        raise NotYours(blockers)
    verdict = verdict_of(proposal)
    authority = row_of(gate, verdict, on=at.date(), policy=policy_on(at.date()))
    require_row(authority, Route.FINOPS, gate)
    require_lawful(gate, verdict, on=at.date())
    decision = decide_between(
        gate,
        verdict,
        route=Route.FINOPS,
        authority=authority.sentence,
        by=proposal.first_by,
        second_by=by,
        at=at,
    )
    proposal.decide(decision=decision, by_id=by.pk, at=at)
    proposal.save()
    record(verb="delegated.signed", target=proposal, by=by, at=at, data={"decision": decision.reference})
    return decision


@transaction.atomic
def drop_proposal(*, proposal_id: int, by: User, at: datetime) -> Proposal:
    """Take a first signature back, or refuse the second: nothing is decided and it can be signed anew."""
    proposal = _open(proposal_id)
    if by.pk != proposal.first_by_id:
        require_free(proposal.gate_request, by, Permission.DECIDE_DELEGATED, at=at)
    proposal.drop(by_id=by.pk, at=at)
    proposal.save()
    record(verb="delegated.dropped", target=proposal, by=by, at=at)
    return proposal


def sign_first(
    verdict: Verdict,
    *,
    route: Route,
    gate_request_id: int,
    authority: Authority,
    by: User,
    at: datetime,
    motion: Motion | None = None,
) -> Proposal:
    """Keep what the first of two signs; `verdict_of` reads it again for the second."""
    return Proposal.objects.create(
        route=route,
        gate_request_id=gate_request_id,
        motion=motion,
        outcome=verdict.outcome,
        amount=verdict.amount,
        currency=verdict.currency,
        reason=verdict.reason,
        conditions=[dict(condition) for condition in verdict.conditions],
        details=dict(verdict.details),
        authority=authority.sentence[:300],
        first_by=by,
        first_at=at,
    )


def verdict_of(proposal: Proposal) -> Verdict:
    """Return what a first signature says."""
    return Verdict(
        proposal.outcome,
        proposal.amount,
        proposal.currency,
        proposal.reason,
        proposal.conditions,
        proposal.details,
    )


def _open(proposal_id: int, route: str = "") -> Proposal:
    rows = Proposal.objects.select_for_update(of=("self",)).select_related("gate_request__initiative", "first_by")
    proposal = rows.get(pk=proposal_id)
    if proposal.state != ProposalState.SIGNED or route not in ("", proposal.route):
        raise WrongState(f"{proposal} is {proposal.get_state_display().lower()}: it is not signed this way now.")
    return proposal


def _signer(user: User) -> Signer:
    roles = roles_of(user)
    return Signer(str(user), is_lead=Role.FINOPS_LEAD in roles, is_finance=Role.FINANCE in roles)
