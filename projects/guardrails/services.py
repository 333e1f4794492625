"""Fill guardrails and keep their proofs, those that imported usage gives among them."""

import hashlib
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from projects.audit.services import record
from projects.common.outcomes import Conflicted, NotPermitted, Refused, WrongState
from projects.guardrails.models import Guardrail, ProofState
from projects.guardrails.rules import (
    DEFINITIONS,
    TASK_MEASURES,
    Proof,
    evidence_blockers,
    output_limit_proof,
    share_proof,
    task_proof,
    token_budget_proof,
    value_blockers,
)
from projects.guardrails.selectors import last_month, measured_by_usage, over_limit
from projects.initiatives.choices import Condition
from projects.initiatives.models import Initiative
from projects.limits.rules import Policy
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import require
from projects.spend.coverage import worst_coverage
from projects.usage.rules import OverLimit
from projects.usage.selectors import UsageTotals, usage_totals


class GuardrailRefused(Refused):
    """The value cannot stand."""

    code = "guardrail_refused"


@transaction.atomic
def set_guardrail(
    *,
    initiative_id: int,
    code: str,
    value: str,
    source: str,
    not_applicable: str = "",
    revision: int | None = None,
    by: User,
    at: datetime,
) -> Guardrail:
    """Fill one guardrail; a changed value loses its proof.

    Raise NotPermitted, WrongState (closed), GuardrailRefused, or Conflicted when it moved on since ``revision``.
    """
    initiative = Initiative.objects.select_for_update().get(pk=initiative_id)
    require(by, Permission.DRAFT_FOR_OWNER, initiative=initiative)
    if initiative.condition == Condition.CLOSED:
        raise WrongState(f"{initiative.key} is closed: its guardrails cannot change.")
    if blockers := value_blockers(code, value, not_applicable):
        raise GuardrailRefused(blockers)
    row = Guardrail.objects.filter(initiative=initiative, code=code).first() or Guardrail(
        initiative=initiative, code=code, revision=0
    )
    if revision is not None and row.revision != revision:
        raise Conflicted(f"{row.definition.title} was changed by somebody else meanwhile. Compare and save again.")
    before = row.value or row.not_applicable
    value = "" if not_applicable.strip() else value.strip()
    if (value, not_applicable.strip()) != (row.value, row.not_applicable):
        row.proof_state, row.proof_figure, row.proof_note, row.last_proof_at = ProofState.UNPROVED, "", "", None
        row.evidence, row.evidence_hash, row.evidence_by, row.evidence_at = "", "", None, None
        row.judged_by = None
    row.value, row.not_applicable, row.source = value, not_applicable.strip(), source.strip()
    row.unit = DEFINITIONS[code].unit
    row.revision += 1
    row.set_by, row.set_at = by, at
    row.save()
    record(verb="guardrail.set", target=row, by=by, at=at, data={"before": before, "after": row.value})
    return row


@transaction.atomic
def record_guardrail_proof(*, guardrail_id: int, proof: Proof, by: User | None, at: datetime) -> Guardrail:
    """Keep what imported rows say about a guardrail; ``by`` is None for what the product computed. Raise WrongState."""
    row = Guardrail.objects.select_for_update(of=("self",)).select_related("initiative").get(pk=guardrail_id)
    if row.not_applicable:
        raise WrongState(f"{row.definition.title} does not apply to {row.initiative.key}: there is nothing to prove.")
    if not row.is_filled:
        raise WrongState(f"{row.definition.title} of {row.initiative.key} has no value yet.")
    row.proof_state = ProofState.PROVED if proof.holds else ProofState.FAILED
    row.proof_figure, row.proof_note, row.last_proof_at = proof.figure, proof.sentence, at
    row.judged_by = by
    row.save()
    record(verb="guardrail.proved" if proof.holds else "guardrail.failed", target=row, by=by, at=at)
    return row


@transaction.atomic
def file_guardrail_evidence(*, guardrail_id: int, evidence: str, by: User, at: datetime) -> Guardrail:
    """Show by a text, kept with its hash, that a guardrail is enforced which no imported row measures.

    It proves nothing until somebody without an interest judges it. Raise NotPermitted, WrongState, GuardrailRefused.
    """
    row = _locked(guardrail_id)
    require(by, Permission.DRAFT_FOR_OWNER, initiative=row.initiative)
    _must_live(row)
    if row.not_applicable or not row.is_filled:
        raise WrongState(f"{row.definition.title} of {row.initiative.key} has no value that could be shown.")
    if blockers := evidence_blockers(row.code, evidence, measured_by_usage(row.initiative_id, at=at)):
        raise GuardrailRefused(blockers)
    row.evidence = evidence.strip()
    row.evidence_hash = hashlib.sha256(row.evidence.encode()).hexdigest()
    row.evidence_by, row.evidence_at, row.judged_by = by, at, None
    row.proof_state, row.proof_figure, row.proof_note, row.last_proof_at = ProofState.UNPROVED, "", "", None
    row.save()
    record(verb="guardrail.evidenced", target=row, by=by, at=at, data={"sha256": row.evidence_hash})
    return row


@transaction.atomic
def judge_guardrail(*, guardrail_id: int, holds: bool, reason: str, by: User, at: datetime) -> Guardrail:
    """Find evidence good or not good enough, with the reason.

    Raise NotPermitted for the interested and for who filed it, WrongState without evidence, GuardrailRefused.
    """
    row = _locked(guardrail_id)
    require(by, Permission.REVIEW, initiative=row.initiative)
    _must_live(row)
    if not row.evidence:
        raise WrongState(f"{row.definition.title} of {row.initiative.key} has no evidence to judge.")
    if row.evidence_by_id == by.pk:
        raise NotPermitted("You filed this evidence: somebody else without an interest judges it.")
    if not reason.strip():
        raise GuardrailRefused(f"{row.definition.title}: say what you found.")
    proof = Proof(holds, "Evidence", f"{reason.strip()} Evidence {row.evidence_hash[:12]}.")
    return record_guardrail_proof(guardrail_id=row.pk, proof=proof, by=by, at=at)


def _must_live(row: Guardrail) -> None:
    if row.initiative.condition == Condition.CLOSED:
        raise WrongState(f"{row.initiative.key} is closed: nothing more is shown or judged of its guardrails.")


def _locked(guardrail_id: int) -> Guardrail:
    rows = Guardrail.objects.select_for_update(of=("self",)).select_related("initiative")
    return rows.get(pk=guardrail_id)


@transaction.atomic
def prove_guardrails(*, initiative_id: int, policy: Policy, at: datetime) -> list[Guardrail]:
    """Hold each filled guardrail against the usage of the last full month, and the tagging schema against spend.

    Without usage, or spend, nothing is proved.
    """
    used = usage_totals(initiative_id, *last_month(at))
    workload = Initiative.objects.values_list("workload_class", flat=True).get(pk=initiative_id)
    proved = []
    for row in Guardrail.objects.filter(initiative_id=initiative_id, not_applicable=""):
        if row.code == "tagging_schema":
            proof = coverage_proof_of(initiative_id, policy, at) if row.is_filled else None
        else:
            over = over_limit(row, at=at)
            proof = usage_proof(row, used, policy, workload, over) if used.first_day else None
        if proof:
            proved.append(record_guardrail_proof(guardrail_id=row.pk, proof=proof, by=None, at=at))
    return proved


def coverage_proof_of(initiative_id: int, policy: Policy, at: datetime) -> Proof | None:
    """Return how much of the spend of the last 30 final days carries every mandatory key, or None without spend."""
    found = worst_coverage(on=at.date(), initiative_id=initiative_id)
    if found is None:
        return None
    least = policy.decimal("coverage_percent")
    return share_proof(found.covered, found.total, least, f"of {found.currency} spend carries every mandatory key")


def usage_proof(
    row: Guardrail, used: UsageTotals, policy: Policy, workload: str, over: OverLimit | None = None
) -> Proof | None:
    """Return what a month's usage says about one guardrail, or None where usage says nothing about it."""
    limit = row.amount
    if row.code == "token_budget" and limit is not None:
        return token_budget_proof(Decimal(used.counts.tokens), limit)
    if row.code == "output_limit" and limit is not None and used.output_tokens_max is not None:
        over = over or OverLimit(used.calls_over_limit or 0, is_exact=True)
        return output_limit_proof(Decimal(used.output_tokens_max), over.count, limit, is_exact=over.is_exact)
    measure, what = TASK_MEASURES.get(row.code, ("", ""))
    if limit is not None and measure in used.largest_task:
        return task_proof(Decimal(used.largest_task[measure]), limit, what)
    if row.code == "prompt_caching" and used.cache_read_share is not None:
        least = limit if limit is not None else Decimal(0)
        if workload in policy.values["cache_share_percent"]:
            least = max(least, policy.decimal("cache_share_percent", workload))
        return share_proof(used.cache_read_share, Decimal(1), least, "of input tokens read from cache")
    if row.code == "routing_policy" and workload in policy.values["small_tier_share_percent"] and used.tier_mix:
        least = policy.decimal("small_tier_share_percent", workload)
        return share_proof(used.tier_mix.get("small", Decimal(0)), Decimal(1), least, "of tokens on small models")
    return None
