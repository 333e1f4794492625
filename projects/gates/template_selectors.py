"""Templates as they are read: what a draft changes, and what it would mean for the requests that are open."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from projects.checks.facts import Facts
from projects.gates.choices import OWNER_HOLDS, ProofKind
from projects.gates.models import Criterion, CriterionProof, GateRequest, GateTemplate
from projects.gates.rules import Line, exempt_by
from projects.gates.selectors import facts_by_request, line_of, subject_of, template_on
from projects.gates.sheet_rules import SHEETS
from projects.gates.template_rules import Effect, Wording, changed_gates, effect_of
from projects.initiatives.choices import Autonomy, Deployment, Level, PurchaseMode
from projects.limits.selectors import policy_fields, policy_on
from projects.people.models import User


def wording_of(row: Criterion) -> Wording:
    """Return a criterion as the rules read it."""
    return Wording(
        gate=row.gate,
        code=row.code,
        text=row.text,
        must=row.must,
        proof=row.proof,
        check_name=row.check_name,
        topic=row.topic,
        freshness_days=row.freshness_days,
        waiver=row.waiver,
        condition=row.condition,
    )


def workload_classes() -> list[tuple[str, str]]:
    """Return the workload classes that the policy knows."""
    return [(name, name.capitalize()) for name in policy_fields()["small_tier_share_percent"].default]


def condition_choices() -> dict[str, tuple[str, list[tuple[str, str]]]]:
    """Return the fields on which a criterion may depend, each with its label and the values it can have."""
    return {
        "purchase_mode": ("Purchase mode", list(PurchaseMode.choices)),
        "autonomy": ("Autonomy", list(Autonomy.choices)),
        "workload_class": ("Workload class", workload_classes()),
        "deployment": ("Deployment", list(Deployment.choices)),
        "risk_tier": ("Risk tier", list(Level.choices)),
    }


def condition_subjects() -> dict[str, list[str]]:
    """Return the same fields with the bare values."""
    return {name: [value for value, _ in choices] for name, (_, choices) in condition_choices().items()}


@dataclass(frozen=True)
class Touched:
    """An open request that a draft would change, and how."""

    gate: GateRequest
    effect: Effect

    @property
    def is_sent(self) -> bool:
        """Say whether it has readiness to lose: the owner has sent it."""
        return self.gate.state not in OWNER_HOLDS


@dataclass(frozen=True)
class DryRun:
    """What a draft would mean if every open request stood under it."""

    looked_at: int
    losing: tuple[Touched, ...]
    asked_more: tuple[Touched, ...]
    relieved: tuple[Touched, ...]


def at_gates(gates: Iterable[str]) -> Q:
    """Return the condition that a request answers to one of some gates or decision sheets."""
    named = sorted(gates)
    return Q(gate__in=named) | Q(sheets__overlap=[sheet for sheet in named if sheet in SHEETS])


def open_requests_at(gates: Iterable[str]) -> list[GateRequest]:
    """Return the open requests at some gates with their proofs, in two queries."""
    rows = GateRequest.objects.open().filter(at_gates(gates)).with_people()
    return list(rows.prefetch_related("proofs__criterion").order_by("pk"))


def dry_run(draft: GateTemplate, *, on: date) -> DryRun:
    """Hold every open request at a changed gate against a draft; nothing is written.

    What was proved stays proved; a computed criterion that is new or newly a must is computed from today's data.
    """
    criteria: dict[str, list[Criterion]] = {}
    for row in draft.criteria.all():
        criteria.setdefault(row.gate, []).append(row)
    current = template_on(on)
    before = [wording_of(row) for row in current.criteria.all()] if current else []
    requests = open_requests_at(changed_gates(before, [wording_of(row) for rows in criteria.values() for row in rows]))
    fresh = policy_on(on).integer("proof_freshness_days")
    standings = [Standing(gate, _asked(gate, criteria), fresh, on) for gate in requests]
    facts = facts_by_request([one.gate for one in standings if one.computes_anew], on=on)
    touched = [Touched(one.gate, one.effect(facts.get(one.gate.pk))) for one in standings]
    return DryRun(
        looked_at=len(touched),
        losing=tuple(row for row in touched if row.effect.missed and row.is_sent),
        asked_more=tuple(row for row in touched if row.effect.missed and not row.is_sent),
        relieved=tuple(row for row in touched if row.effect.relieved and not row.effect.missed),
    )


def _asked(gate: GateRequest, criteria: Mapping[str, list[Criterion]]) -> list[Criterion]:
    return [row for place in (gate.gate, *gate.sheets) for row in criteria.get(place, [])]


class Standing:
    """An open request as it stands, and as it would stand under a draft's criteria."""

    def __init__(self, gate: GateRequest, criteria: list[Criterion], fresh: int, on: date) -> None:
        """Look at its proofs; only criteria that must be computed anew need today's facts."""
        self.gate, self.fresh, self.on = gate, fresh, on
        self.subject, self.owner = subject_of(gate.initiative), str(gate.initiative.business_owner)
        proofs = {proof.criterion.code: proof for proof in gate.proofs.all()}
        self.before = {code: self._line(proof, None) for code, proof in proofs.items()}
        kept = [(criterion, _kept(proofs.get(criterion.code), criterion)) for criterion in criteria]
        self.after = [
            (
                CriterionProof(request=gate, criterion=criterion) if proof is None else _under(proof, criterion),
                _is_computed_anew(criterion, proof, self.before, self.subject),
            )
            for criterion, proof in kept
        ]

    @property
    def computes_anew(self) -> bool:
        """Say whether any of its criteria needs today's facts."""
        return any(is_anew for _, is_anew in self.after)

    def effect(self, facts: Facts | None) -> Effect:
        """Return what the draft's criteria would change."""
        after = [self._line(proof, facts if is_anew else None) for proof, is_anew in self.after]
        return effect_of(self.before.values(), after)

    def _line(self, proof: CriterionProof, facts: Facts | None) -> Line:
        return line_of(proof, facts, self.fresh, self.subject, self.owner, self.on)


def _kept(proof: CriterionProof | None, criterion: Criterion) -> CriterionProof | None:
    """Return the proof that still proves a criterion: proved the same way, by the same check or the same experts."""
    if proof is None:
        return None
    old = proof.criterion
    same = (old.proof, old.check_name, old.topic) == (criterion.proof, criterion.check_name, criterion.topic)
    return proof if same else None


def _under(kept: CriterionProof, criterion: Criterion) -> CriterionProof:
    return CriterionProof(
        request=kept.request,
        criterion=criterion,
        state=kept.state,
        figure=kept.figure,
        note=kept.note,
        proved_at=kept.proved_at,
        waived_until=kept.waived_until,
    )


def _is_computed_anew(
    criterion: Criterion, kept: CriterionProof | None, before: Mapping[str, Line], subject: Mapping[str, str]
) -> bool:
    if criterion.proof != ProofKind.COMPUTED or exempt_by(criterion.condition, subject):
        return False
    return kept is None or not before[criterion.code].counts


def interest_in_effect(template: GateTemplate, user: User, *, on: date) -> GateRequest | None:
    """Return an open request at a gate which a draft changes and in which a person has an interest, or None."""
    current = template_on(on)
    before = [wording_of(row) for row in current.criteria.all()] if current else []
    gates = changed_gates(before, [wording_of(row) for row in template.criteria.all()])
    owner = Q()
    for part in ("business_owner", "technical_owner", "budget_owner"):
        owner |= Q(**{f"initiative__{part}": user}) | Q(**{f"initiative__{part}__line_manager": user})
    took_part = Q(initiative__sponsor=user) | Q(initiative__in=user.participations.values("initiative"))
    open_ones = GateRequest.objects.open().filter(at_gates(gates))
    return open_ones.filter(owner | took_part).order_by("pk").first()
