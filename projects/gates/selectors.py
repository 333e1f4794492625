"""Templates in force, requests with their criteria, readiness on a day, and who is interested."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from projects.checks.facts import Facts
from projects.checks.rules import run
from projects.checks.selectors import facts_by_initiative
from projects.common.among import Among
from projects.gates.choices import Kind, ProofKind, ProofState, State, TemplateState
from projects.gates.models import CriterionProof, FrozenInputs, GateRequest, GateTemplate
from projects.gates.review_rules import Target, missed_twice
from projects.gates.rules import Line, Readiness, days_held, exempt_by, proof_today
from projects.gates.sheet_rules import not_chosen
from projects.initiatives.models import Initiative
from projects.limits.selectors import policy_on
from projects.people.models import User
from projects.value.selectors import cards_with_readings


def template_on(day: date) -> GateTemplate | None:
    """Return the approved template with the latest effective date not after a day."""
    templates = GateTemplate.objects.filter(state=TemplateState.APPROVED, effective_on__lte=day)
    return templates.order_by("-effective_on", "-version").first()


def subject_of(initiative: Initiative) -> dict[str, str]:
    """Return the fields of an initiative on which a criterion's condition may depend."""
    return {
        "autonomy": initiative.autonomy,
        "purchase_mode": initiative.purchase_mode,
        "workload_class": initiative.workload_class,
        "deployment": initiative.deployment,
        "risk_tier": initiative.risk_tier,
    }


def request_facts(gate: GateRequest, *, on: date) -> Facts:
    """Return the facts that a request's checks look at, with what earlier reviews found."""
    return facts_by_request([gate], on=on)[gate.pk]


def facts_by_request(gates: Collection[GateRequest], *, on: date) -> dict[int, Facts]:
    """Return the same for each request; as many queries for many as for one."""
    if not gates:
        return {}
    known = facts_by_initiative([gate.initiative for gate in gates], on=on, policy=policy_on(on))
    decided = GateRequest.objects.filter(initiative_id__in=known, state=State.DECIDED).order_by("decided_at", "pk")
    reviews: dict[int, list[GateRequest]] = {}
    for row in decided.only("initiative_id", "kind", "decided_at", "targets_met"):
        reviews.setdefault(row.initiative_id, []).append(row)
    return {
        gate.pk: _with_reviews(known[gate.initiative_id], gate, reviews.get(gate.initiative_id, [])) for gate in gates
    }


def _with_reviews(facts: Facts, gate: GateRequest, decided: Collection[GateRequest]) -> Facts:
    others = [row for row in decided if row.pk != gate.pk]
    since = gate.initiative.stage_since
    held = [row.decided_at for row in others if row.kind == Kind.POST_DECISION and row.decided_at is not None]
    in_stage = [at for at in held if at >= since]
    return replace(
        facts,
        reviews_met=tuple(row.targets_met for row in others),
        post_decision_held_on=in_stage[-1].date() if in_stage else None,
    )


def readiness(gate: GateRequest, on: date, facts: Facts | None = None) -> Readiness:
    """Return every criterion of a request with its state on a day.

    While the request is open computed criteria are looked up anew, so a check that falls back re-opens its criterion;
    afterwards the proofs stand as they were decided on. ``facts`` of that day are handed in where they are known.
    """
    return readiness_by_request([gate], on, {gate.pk: facts} if facts else {})[gate.pk]


def readiness_by_request(
    gates: Collection[GateRequest], on: date, known: Mapping[int, Facts] | None = None
) -> dict[int, Readiness]:
    """Return the same for each request; as many queries for many as for one."""
    every, proofs = {gate.pk: gate for gate in gates}, {gate.pk: list[CriterionProof]() for gate in gates}
    for proof in CriterionProof.objects.filter(request__in=gates).select_related("criterion", "file"):
        proof.request = every[proof.request_id]
        proofs[proof.request_id].append(proof)
    computed = [
        gate
        for gate in gates
        if gate.is_open and any(proof.criterion.proof == ProofKind.COMPUTED for proof in proofs[gate.pk])
    ]
    facts = known or facts_by_request(computed, on=on)
    fresh = policy_on(on).integer("proof_freshness_days")
    found = {}
    for gate in gates:
        subject, owner = subject_of(gate.initiative), str(gate.initiative.business_owner)
        lines = [line_of(proof, facts.get(gate.pk), fresh, subject, owner, on) for proof in proofs[gate.pk]]
        found[gate.pk] = Readiness(tuple(lines))
    return found


def line_of(
    proof: CriterionProof, facts: Facts | None, fresh: int, subject: dict[str, str], owner: str, on: date
) -> Line:
    """Return one criterion of a request on a day: computed anew where facts are given, else as it was kept."""
    criterion = proof.criterion
    state, figure, note = proof.state, proof.figure, proof.note
    exempt = not_chosen(criterion.gate, proof.request.sheets) or exempt_by(criterion.condition, subject)
    if exempt:
        state, figure, note = ProofState.DOES_NOT_APPLY, "", f"Does not apply: {exempt}."
    else:
        state = proof_today(
            state,
            proved_on=proof.proved_at.date() if proof.proved_at else None,
            fresh_days=criterion.freshness_days or fresh,
            waived_until=proof.waived_until,
            on=on,
        )
        if facts is not None and criterion.proof == ProofKind.COMPUTED and state != ProofState.WAIVED:
            result = run(criterion.check_name, facts)
            state, figure, note = result.verdict, result.figure, result.note
    owed_by = owner if criterion.proof != ProofKind.JUDGED else f"{criterion.topic or 'expert'} reviewer"
    return Line(
        criterion.code,
        criterion.text,
        criterion.must,
        criterion.proof,
        str(state),
        owed_by,
        figure,
        note,
        criterion.gate,
    )


def interested_ids(gate: GateRequest) -> set[int]:
    """Return the people frozen as interested at the submissions, and those who are interested today."""
    frozen = set(gate.interests.values_list("user_id", flat=True))
    return frozen | live_interest(gate)


def live_interest(gate: GateRequest) -> set[int]:
    """Return owners, sponsor, everybody who took part since the draft, and the owners' line managers."""
    initiative = gate.initiative
    people = initiative.owner_ids | ({initiative.sponsor_id} if initiative.sponsor_id else set())
    for spell in initiative.participants.all():
        if spell.until is None or spell.until >= gate.drafted_at:
            people.add(spell.user_id)
            if spell.manager_id and spell.part != "contributor" and spell.part != "sponsor":
                people.add(spell.manager_id)
    managers = User.objects.filter(pk__in=initiative.owner_ids, line_manager__isnull=False)
    return people | set(managers.values_list("line_manager_id", flat=True))


def frozen_inputs(gate: GateRequest) -> FrozenInputs | None:
    """Return the inputs of the last submission, or None before the first."""
    return gate.frozen.order_by("-round").first()


def held_days(gate: GateRequest, *, on: date) -> dict[str, int]:
    """Return the days that the owner and the council's side held a request."""
    moves = [(after, at.date()) for after, at in gate.moves.values_list("after", "moved_at")]
    return days_held(moves, until=on)


def last_decided(initiative: Initiative) -> GateRequest | None:
    """Return the request that was decided last, or None."""
    decided = GateRequest.objects.filter(initiative=initiative, state=State.DECIDED)
    return decided.order_by("-decided_at", "-pk").first()


def targets_of(initiative_id: int, on: date) -> list[Target]:
    """Return an initiative's KPIs with their targets and latest proven readings, as known at the end of a day."""
    return [
        Target(
            name=read.card.name,
            direction=read.card.direction,
            target=read.card.target,
            proven=read.proving[-1].value if read.proving else None,
        )
        for read in cards_with_readings(initiative_id, on)
    ]


def missed_reviews(initiative_ids: Collection[int], on: date) -> dict[int, tuple[str, str]]:
    """Return the initiatives whose last two reviews both missed their targets, with the keys of the two; one query."""
    rows = GateRequest.objects.filter(
        initiative__in=Among(initiative_ids), state=State.DECIDED, decided_at__date__lte=on
    )
    found: dict[int, list[tuple[str, bool | None]]] = {}
    for initiative_id, key, met in rows.order_by("decided_at", "pk").values_list("initiative_id", "key", "targets_met"):
        found.setdefault(initiative_id, []).append((key, met))
    return {
        initiative_id: (reviews[-2][0], reviews[-1][0])
        for initiative_id, reviews in found.items()
        if missed_twice(met for _, met in reviews)
    }


def request_page(key: str, user: User) -> GateRequest:
    """Return a visible request with what its pages show. Raise GateRequest.DoesNotExist for strangers."""
    people: dict[str, Any] = {"key": key}
    requests = GateRequest.objects.visible_to(user).select_related(
        "initiative__business_owner",
        "initiative__technical_owner",
        "initiative__budget_owner",
        "template",
        "drafted_by",
    )
    return requests.get(**people)
