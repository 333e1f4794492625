"""What waits to be decided between meetings and by whom, and the log of what was decided."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from council.decisions.choices import DELEGATED, ProposalState, Route
from council.decisions.models import Decision, Proposal
from projects.funding.rules import AUTHORITIES, Authority
from projects.funding.selectors import authorities_for
from projects.gates import choices as words
from projects.gates.models import GateRequest
from projects.initiatives.models import Initiative
from projects.limits.selectors import policy_on
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.roles import ROLES, Role
from projects.people.selectors import roles_of

PAGE = 50
KINDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "": ("All", ()),
    "delegated": ("Delegated", DELEGATED),
    "chair": ("Chair's action", (Route.CHAIR,)),
    "council": ("Council", (Route.COUNCIL,)),
    "board": ("Executive board", (Route.BOARD,)),
}
DECIDABLE = (
    Q(state=words.State.READY)
    | Q(state=words.State.READINESS_CHECK, route=words.Route.DELEGATED)
    | Q(state=words.State.WITH_BOARD)
)


@dataclass(frozen=True)
class Undecided:
    """One request that may be decided outside a meeting: its row, and what was signed first."""

    gate: GateRequest
    authority: Authority
    proposal: Proposal | None


def log(user: User, *, kind: str = "", after: int | None = None) -> tuple[list[Decision], int | None]:
    """Return a page of the decisions that a person may read, the newest first, and where the next page begins."""
    rows = readable(user).filter(pk__lt=after) if after else readable(user)
    if routes := KINDS[kind][1]:
        rows = rows.filter(route__in=routes)
    found = list(rows.order_by("-pk")[: PAGE + 1])
    return found[:PAGE], (found[PAGE - 1].pk if len(found) > PAGE else None)


def readable(user: User) -> "QuerySet[Decision]":
    """Return the decisions of the initiatives that a person may read, but not those they were recused from."""
    rows = Decision.objects.filter(initiative__in=Initiative.objects.visible_to(user).values("pk"))
    recused = rows.filter(item__attendance__term__user=user, item__attendance__is_recused=True)
    return rows.exclude(pk__in=recused.values("pk")).select_related(
        "initiative",
        "decided_by",
        "second_by",
        "item__meeting",
        "ratification__item__meeting",
        "ratification__ratified_by",
    )


def undecided(*, on: date, keys: Iterable[str] = ()) -> list[Undecided]:
    """Return the requests that may be decided outside a meeting, each with its row and first signature; three queries."""
    rows = GateRequest.objects.filter(DECIDABLE).select_related("initiative__business_owner", "initiative__team")
    if keys := list(keys):
        rows = rows.filter(key__in=keys)
    gates = list(rows.order_by("pk"))
    asks = [(gate.initiative, gate.ask or Decimal(0)) for gate in gates]
    found = authorities_for(asks, on=on, policy=policy_on(on)) if gates else {}
    signed = Proposal.objects.filter(gate_request__in=[gate.pk for gate in gates], state=ProposalState.SIGNED)
    first = {row.gate_request_id: row for row in signed.select_related("first_by")}
    return [Undecided(gate, found[gate.initiative_id], first.get(gate.pk)) for gate in gates]


def acts_for(rows: Iterable[Undecided], user: User) -> list[tuple[Undecided, list[str]]]:
    """Pair each request with what a person may do about it: act, propose, sign, drop, minute, confirm; four queries."""
    rows, roles = list(rows), roles_of(user)
    held = frozenset() if Role.AUDITOR in roles else frozenset().union(*(ROLES[role].may for role in roles))
    barred = interested_in(user, [row.gate.initiative_id for row in rows])
    return [(row, _acts(row, user, held, row.gate.initiative_id in barred)) for row in rows]


def interested_in(user: User, initiative_ids: Iterable[int]) -> set[int]:
    """Return those initiatives in which a person takes or took part, or manages an owner; one query."""
    owners = ("business_owner", "technical_owner", "budget_owner")
    part = Q(sponsor=user) | Q(participants__user=user)
    part |= Q(participants__part__in=owners, participants__manager=user)
    for owner in owners:
        part |= Q(**{owner: user}) | Q(**{f"{owner}__line_manager": user})
    return set(Initiative.objects.filter(part, pk__in=list(initiative_ids)).values_list("pk", flat=True))


def _acts(row: Undecided, user: User, held: frozenset[Permission], is_interested: bool) -> list[str]:
    state, standing = row.gate.state, row.proposal
    signs = Permission.DECIDE_DELEGATED in held and not is_interested
    is_first = standing is not None and standing.first_by_id == user.pk
    if state == words.State.WITH_BOARD:
        if standing is None:
            return ["minute"] if Permission.WRITE_MINUTES in held else []
        confirms = signs and not is_first and Permission.CHECK_MONEY in held
        return (["confirm"] if confirms else []) + (["drop"] if confirms or is_first else [])
    acts = []
    if _reaches(row, Route.CHAIR) and Permission.CHAIR_ACTION in held and not is_interested:
        acts.append("act")
    if not signs or not _reaches(row, Route.FINOPS):
        return acts
    if standing is None:
        return [*acts, "propose"]
    return [*acts, *([] if is_first else ["sign"]), "drop"]


def is_asked(act: str, row: Undecided) -> bool:
    """Say whether an act is asked of a person, not only open to them: the row itself asks, an authority above may."""
    asked = {"act": Route.CHAIR, "propose": Route.FINOPS}
    return act not in asked or row.authority.row == asked[act]


def _reaches(row: Undecided, route: Route) -> bool:
    return AUTHORITIES.index(row.authority.row) <= AUTHORITIES.index(route)


def decision_context(decision: Decision) -> dict[str, Any]:
    """Return what the page of one decision shows beside it."""
    return {
        "decision": decision,
        "ratification": getattr(decision, "ratification", None),
        "ratifies": getattr(getattr(decision, "ratifies", None), "decision", None),
        "effects": effects_told(decision.effects),
    }


def effects_told(effects: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what was done in words, in the order in which a reader asks."""
    names = (
        ("stage", "Stage"),
        ("condition", "Condition"),
        ("tranche", "Tranche"),
        ("tranche_state", "Its state then"),
        ("release_by", "Release by"),
        ("milestone", "Milestone"),
        ("conditions", "Conditions set"),
        ("frozen", "Frozen"),
        ("returned", "Returned"),
        ("run_down_until", "Run-down until"),
        ("resume_on", "Resume by"),
        ("resubmit_by", "Resubmit by"),
        ("gate_request", "Gate request"),
        ("escalation", "Escalation"),
        ("ratifies", "Ratifies"),
    )
    return [(name, _said(effects[code])) for code, name in names if effects.get(code)]


def _said(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(part) for part in value)
    return str(value).replace("_", " ")
