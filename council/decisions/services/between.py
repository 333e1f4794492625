"""What every decision between two meetings has in common: the request under lock, the rules, the row that decides."""

from datetime import date, datetime

from council.decisions.choices import Route
from council.decisions.models import Decision, Outcome
from council.decisions.rules import motion_blockers
from council.decisions.selectors import MONEY_OUTCOMES, ask_for
from council.decisions.services.errors import MotionRefused, NotYours, Recused
from council.decisions.services.making import Ground, Verdict, make_decision
from council.effects.services import Case
from council.meetings.models import Meeting, MeetingState
from projects.common.outcomes import WrongState
from projects.conflicts.selectors import standing_conflict
from projects.funding.rules import AUTHORITIES, Authority
from projects.funding.selectors import authority_for
from projects.gates import choices as gate_words
from projects.gates.models import GateRequest
from projects.gates.selectors import interested_ids, readiness
from projects.gates.services import take_up
from projects.limits.rules import Policy
from projects.limits.selectors import policy_on
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import require

LAWFUL = (Outcome.GO, Outcome.GO_WITH_CONDITIONS, Outcome.RECYCLE, Outcome.HOLD)


def locked_request(gate_request_id: int) -> GateRequest:
    """Return a request under lock. Raise WrongState unless it may be decided between meetings now."""
    rows = GateRequest.objects.select_for_update(of=("self",)).select_related("initiative__business_owner")
    gate = rows.get(pk=gate_request_id)
    delegated = gate.state == gate_words.State.READINESS_CHECK and gate.route == gate_words.Route.DELEGATED
    if gate.state != gate_words.State.READY and not delegated:
        raise WrongState(
            f"{gate.key} is {gate.get_state_display().lower()}. Only a request that is ready, or needs no review, is "
            "decided between meetings."
        )
    if Meeting.objects.filter(state=MeetingState.IN_SESSION).exists():
        raise WrongState("The council is in session: put a motion there instead of deciding beside it.")
    return gate


def require_free(gate: GateRequest, by: User, permission: Permission, *, at: datetime) -> None:
    """Raise NotPermitted without the permission, and Recused for whoever was or is interested in the request."""
    require(by, permission, initiative=gate.initiative)
    if by.is_service or by.pk in interested_ids(gate):
        raise Recused(f"You have an interest in {gate.initiative.key}, frozen with {gate.key}. Somebody else decides.")
    if conflict := standing_conflict(by, gate.initiative, at=at):
        raise Recused(f"You declared a conflict that touches {gate.initiative.key}: {conflict.reason}")


def row_of(gate: GateRequest, verdict: Verdict, *, on: date, policy: Policy) -> Authority:
    """Return the authority that decides this much for the request's initiative on a day."""
    return authority_for(gate.initiative, verdict.amount, on=on, policy=policy)


def require_row(authority: Authority, highest: str, gate: GateRequest) -> None:
    """Raise NotYours where the amount belongs to an authority above the one that acts."""
    if AUTHORITIES.index(authority.row) > AUTHORITIES.index(highest):
        raise NotYours(f"{gate.key}: {authority.sentence}")


def require_lawful(gate: GateRequest, verdict: Verdict, *, on: date) -> None:
    """Raise MotionRefused with all that policy forbids in a verdict between meetings; Kill and Sunset need the council."""
    if verdict.outcome not in LAWFUL:
        raise MotionRefused(
            "Between meetings a request gets Go, Go with conditions, Recycle or Hold. The council ends."
        )
    blockers = motion_blockers(
        outcome=verdict.outcome,
        amount=verdict.amount,
        reason=verdict.reason,
        conditions=verdict.conditions,
        ask=ask_for(gate.initiative, gate, gate.currency, on=on),
        on=on,
    )
    if verdict.outcome in MONEY_OUTCOMES:
        kinds = ("c", "e", "j") if gate.state == gate_words.State.READY else ("c", "e")
        blockers += readiness(gate, on).blockers(kinds)
    if blockers:
        raise MotionRefused(blockers)


def decide_between(
    gate: GateRequest,
    verdict: Verdict,
    *,
    route: Route,
    authority: str,
    by: User,
    at: datetime,
    second_by: User | None = None,
) -> Decision:
    """Take a ready request up and decide it, under the policy in force today."""
    if gate.state == gate_words.State.READY:
        gate = take_up(gate_request_id=gate.pk, by=by, at=at)
    return make_decision(
        case=Case(gate.initiative, gate),
        verdict=verdict,
        ground=Ground(route=route, authority=authority, policy_version=policy_on(at.date()).number),
        by=by,
        second_by=second_by,
        at=at,
    )
