"""Gate requests of the demo, drafted, filled, sent and reviewed, so that a meeting can decide them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from council.demo.people import People
from council.demo.plan import Plan
from projects.gates.models import GateRequest
from projects.gates.proofs import confirm_waiver, keep_computed, prove_by_text, sign_waiver
from projects.gates.section_services import save_section
from projects.gates.selectors import readiness
from projects.gates.services import draft_gate_request, submit_gate_request
from projects.initiatives.models import Initiative
from projects.limits.selectors import policy_on
from projects.reviews.models import Review
from projects.reviews.selectors import items_for
from projects.reviews.services import Opinion, submit_review


@dataclass(frozen=True)
class Ask:
    """What an owner asks for in the demo."""

    key: str
    kind: str
    amount: str
    milestone: str
    due: str
    risk: str
    assumption: str
    rebuttal: str = ""


TODAY_ASKS = (
    Ask("AI-031", "stay", "148000", "Precision at or above 92% on holdout", "18 Dec 2026",
        "Agent loops run deeper than planned when networks are large.",
        "Loops capped at four steps keep precision above 92%.",
        "The cap has been in place since last week and daily cost is down by a fifth."),
    Ask("AI-036", "stay", "85000", "F1 at or above 0.90 on property schedules", "29 Jan 2027",
        "Handwritten schedules stay below target.", "Two more templates lift F1 above 0.90."),
    Ask("AI-044", "advance", "40000", "Redlines accepted on 20 supplier contracts", "26 Feb 2027",
        "Lawyers may not trust the redlines.", "A small model can redline standard clauses."),
    Ask("AI-021", "advance", "380000", "Handle time 8% lower across all 1,150 advisers", "26 Feb 2027",
        "The licence price rises in January.", "Handle time falls as far for all advisers as for the first 400."),
    Ask("AI-040", "advance", "96000", "Pilot with 40 branch advisers", "26 Mar 2027",
        "Wordings change twice a year.", "Advisers ask the assistant before they ask the desk."),
    Ask("AI-014", "stay", "210000", "Household claims at 60% of volume", "18 Feb 2027",
        "Storm season doubles volume for a week.", "Household claims triage as well as motor."),
    Ask("AI-027", "stay", "60000", "Straight-through rate above 82%", "29 Jan 2027",
        "Two ledgers still send scanned invoices.", "Four ledgers reach the rate of the first."),
)  # fmt: skip
LAST_ASK = Ask(
    "AI-045", "stay", "25000", "Value hypothesis agreed", "3 Dec 2026", "Themes may be too coarse to act on.",
    "Fifty confirmed themes change a decision each month.",
)  # fmt: skip


def make_ready(plan: Plan, people: People, initiative: Initiative, ask: Ask, at: datetime) -> GateRequest:
    """Draft, fill, send and review one request, on the days from a moment on; musts without data yet are waived by two."""
    owner = initiative.business_owner
    gate = draft_gate_request(initiative_id=initiative.pk, kind=ask.kind, by=owner, at=at)
    _fill(plan, gate, ask, at)
    gate = GateRequest.objects.get(pk=gate.pk)
    for proof in gate.proofs.filter(criterion__proof="e").select_related("criterion"):
        prove_by_text(
            gate_request_id=gate.pk,
            code=proof.criterion.code,
            text=f"{proof.criterion.text}: written up by {owner} and kept with the request.",
            by=owner,
            at=at,
        )
    sent = at + timedelta(days=2)
    _waive(gate, people, sent)
    gate = submit_gate_request(gate_request_id=gate.pk, policy_read=policy_on(sent.date()).number, by=owner, at=sent)
    for review in Review.objects.filter(request=gate, state="open").select_related("reviewer"):
        answers = {item.code: "accept" for item in items_for(review)}
        if review.reviewer is not None:
            submit_review(
                review_id=review.pk,
                opinion=Opinion(answers, {}, "ready"),
                by=review.reviewer,
                at=sent + timedelta(days=2),
            )
    return GateRequest.objects.get(pk=gate.pk)


def _fill(plan: Plan, gate: GateRequest, ask: Ask, at: datetime) -> None:
    amount, due = Decimal(ask.amount), _due(plan, ask, at)
    columns: dict[str, dict[str, Any]] = {
        "ask": {
            "minimum": amount * 8 / 10,
            "ask": amount,
            "maximum": amount * 11 / 10,
            "layers": {"api_model": str(amount * 6 / 10), "platform": str(amount * 4 / 10)},
            "milestone_name": ask.milestone,
            "milestone_test": f"{ask.milestone}, read from the month's report.",
            "milestone_due_on": due,
            "ends_on": due + timedelta(days=14),
            "if_refused": "Work stops at the end of the tranche and the team moves on.",
            "assumption": ask.assumption,
        },
        "risk": {"top_risks": ask.risk, "rebuttal": ask.rebuttal},
    }
    for code, values in columns.items():
        save_section(
            gate_request_id=gate.pk,
            code=code,
            answers={name: str(value) for name, value in values.items() if name != "layers"},
            columns=values,
            problems={},
            revision=0,
            finish=True,
            by=gate.initiative.business_owner,
            at=at,
        )


def _due(plan: Plan, ask: Ask, at: datetime) -> date:
    return max(plan.moved(ask.due), at.date() + timedelta(days=30))


def _waive(gate: GateRequest, people: People, at: datetime) -> None:
    """Let two people waive computed musts whose data the demo does not have, each with its reason."""
    keep_computed(gate, at=at)
    for line in readiness(gate, at.date()).missing:
        if line.proof != "c":
            continue
        proof = gate.proofs.get(criterion__code=line.code)
        sign_waiver(
            proof_id=proof.pk,
            until=at.date() + timedelta(days=60),
            reason="Its data starts with this tranche; shown at the next review.",
            by=people["Helena Marsh"],
            at=at,
        )
        confirm_waiver(proof_id=proof.pk, by=people["Marcus Bell"], at=at)
