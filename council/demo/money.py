"""Policy, envelope, initiatives, their stages and tranches: a year of decisions carried over from before Tollgate."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from council.decisions.models import Decision
from council.demo.people import People, engineer
from council.demo.plan import STAGES, Plan, moment, stage_of
from council.policy import services as policy
from projects.common.keys import next_key, reserve_key
from projects.funding.models import Envelope
from projects.funding.services import decide_tranche, open_envelope
from projects.initiatives.models import Initiative, OpeningDecision
from projects.initiatives.services import move_stage, note_participation
from projects.limits.selectors import policy_fields
from projects.milestones.services import (
    accept_milestone,
    deliver_milestone,
    plan_decided_milestone,
)

TIERS = {"Small": "small", "Mid-tier": "mid", "Reasoning, capped": "reasoning", "Small, routed to mid-tier": "small"}
HIGH_RISK = {"AI-031"}
MEDIUM_RISK = {"AI-014", "AI-021", "AI-036"}
FUNDS_HARNESS = {"AI-033"}  # its last tranche pays for reviews by people, too
BY_COUNCIL = {"AI-045"}  # its money is decided by last month's meeting
POLICY_STEPS: tuple[dict[str, Any], ...] = (
    {"over_budget_percent": "25"},
    {"over_budget_percent": "20"},
    {"notice_days": "4"},
    {"list_line_valid_days": "21"},
    {"sandbox_cap": "10000"},
    {"sandbox_cap": "25000", "silent_source_days": "10"},
    {"over_budget_percent": "15", "silent_source_days": "7", "notice_days": "5", "list_line_valid_days": "28"},
)


def make_policy(plan: Plan, people: People) -> None:
    """Draft, propose and approve seven versions; the seventh says what fixtures/policy.json has as defaults."""
    drafter, approver = people["Ada Kowalski"], people["Helena Marsh"]
    start = moment(plan.months[0] - timedelta(days=90))
    for step, changes in enumerate(POLICY_STEPS):
        at = start + timedelta(days=12 * step)
        draft = policy.draft_policy(by=drafter, at=at)
        known = {code: value for code, value in changes.items() if code in policy_fields()}
        policy.edit_draft(
            version_id=draft.pk,
            changes=known,
            reason="Learned from the last quarter.",
            revision=draft.revision,
            by=drafter,
            at=at,
        )
        policy.propose_policy(version_id=draft.pk, by=drafter, at=at)
        effective = (at + timedelta(days=1)).date()
        policy.approve_policy(version_id=draft.pk, effective_on=effective, by=approver, at=at)


def open_money(plan: Plan, people: People) -> Envelope:
    """Open the year's envelope; it runs on into the next quarter, so that today's asks fit into it."""
    first = plan.months[0]
    return open_envelope(
        kind="company",
        name=f"FY{first.year % 100:02d} envelope",
        currency="USD",
        starts_on=first,
        ends_on=plan.today + timedelta(days=240),
        amount=Decimal(plan.sample["fy26_envelope"]),
        by=people["Nils Bergman"],
        at=moment(first - timedelta(days=20)),
    )


def register_all(plan: Plan, people: People) -> dict[str, Initiative]:
    """Register the twelve under their own keys; the two that began later than Concept by an opening decision."""
    at = moment(plan.months[0] - timedelta(days=15))
    opening = OpeningDecision.objects.create(
        reference=next_key(f"AIC-{at.year}"),
        reason="Ran before the council began; opened where they stood.",
        first_signed_by=people["Helena Marsh"],
        second_signed_by=people["Ruth Adeyemi"],
        signed_at=at,
    )
    made = {}
    for row in plan.initiatives:
        stage = stage_of(row["tranches"][0]["milestone"], "concept") if row["tranches"] else "concept"
        stage = stage if stage in {"pilot", "scale"} else "concept"
        made[row["code"]] = _register(row, stage, opening if stage != "concept" else None, people, at)
        reserve_key(row["code"])
    for prefix in ("ES-0030", "EW-0045", "GR-0120"):
        reserve_key(prefix)
    return made


def _register(row: dict[str, Any], stage: str, opening: OpeningDecision | None, people: People, at: Any) -> Initiative:
    owner = people[row["owner"]]
    risk = "high" if row["code"] in HIGH_RISK else "medium" if row["code"] in MEDIUM_RISK else "low"
    initiative = Initiative.objects.create(
        key=row["code"],
        name=row["name"],
        value_proposition=row.get("proposition") or f"Each {row['outcome']} costs less and comes sooner.",
        business_owner=owner,
        technical_owner=people[engineer(row)],
        budget_owner=owner,
        sponsor=people[row["sponsor"]],
        team=owner.team,
        team_cost_per_day=Decimal(2400),
        cost_centre=row["cost_centre"],
        expected_monthly_cost=Decimal(max(row["spend_by_month"]) or 8000),
        currency="USD",
        stage=stage,
        stage_since=at,
        opening=opening,
        outcome_unit=row["outcome"],
        use_case=row["short_name"],
        application=row["short_name"],
        strategic_objective="Lower cost to serve",
        business_process=row["business_unit"],
        model_tier=TIERS.get(row["model_tier"], ""),
        workload_class="extraction" if "extraction" in row["name"].lower() else "drafting",
        data_classification="confidential" if risk == "high" else "internal",
        autonomy="assistive",
        tracked_first="both",
        deployment="self_hosted" if row["model_tier"] == "Self-hosted" else "api",
        purchase_mode="embedded_saas" if row["model_tier"] == "Vendor managed" else "direct_api",
        shortlist=["openai:gpt-4o", "openai:gpt-4o-mini", "anthropic:claude-3-5-haiku-latest"],
        primary_provider="OpenAI",
        fallback_provider="Anthropic",
        risk=risk,
        data_sensitivity=risk,
        criticality="low",
        complexity="medium",
        registered_by=owner,
        registered_at=at,
    )
    note_participation(initiative, at=at)
    return initiative


def fund_month(plan: Plan, people: People, made: dict[str, Initiative], envelope: Envelope, first: date) -> None:
    """Decide the tranches of a month, each with its milestone and the stage that it opened."""
    for row in plan.initiatives:
        if row["code"] in BY_COUNCIL:
            continue
        for number, tranche in enumerate(row["tranches"]):
            if plan.month(tranche["month"]) == first:
                _fund(plan, people, made[row["code"]], envelope, first, number, tranche, row)


def retire(plan: Plan, people: People, made: dict[str, Initiative]) -> None:
    """Decide that the oldest initiative winds down."""
    retiring = made["AI-009"]
    at = moment(plan.months[8] + timedelta(days=14))
    decision = _carried_over(retiring, Decimal(0), "sunset", "Sunset agreed.", people, at)
    move_stage(
        initiative_id=retiring.pk,
        to="sunset",
        decision_reference=decision.reference,
        template_version=None,
        by=people["Helena Marsh"],
        at=at,
    )


def _fund(
    plan: Plan,
    people: People,
    initiative: Initiative,
    envelope: Envelope,
    first: date,
    number: int,
    tranche: dict[str, Any],
    row: dict[str, Any],
) -> None:
    at, chair = moment(first, 0), people["Helena Marsh"]
    later = row["tranches"][number + 1 :]
    amount = Decimal(tranche["amount"])
    decision = _carried_over(initiative, amount, "go", f"{tranche['milestone']}.", people, at)
    _advance(initiative, stage_of(tranche["milestone"], row["stage"].lower()), decision.reference, people, at)
    due = plan.month(later[0]["month"]) - timedelta(days=6) if later else plan.moved(row["next_due"])
    name = tranche["milestone"] if later else row["next_milestone"]
    milestone = plan_decided_milestone(
        initiative_id=initiative.pk,
        name=name,
        acceptance_test=f"{name}, shown on the month's report.",
        due_on=due,
        decision_reference=decision.reference,
        by=chair,
        at=at,
    )
    if later:
        done = moment(due - timedelta(days=2))
        deliver_milestone(
            milestone_id=milestone.pk, evidence="The month's report shows it.", by=initiative.business_owner, at=done
        )
        accept_milestone(milestone_id=milestone.pk, by=people["Nils Bergman"], at=done + timedelta(days=1))
    ends_on = plan.month(later[0]["month"]) if later else max(due + timedelta(days=1), plan.today + timedelta(days=6))
    decide_tranche(
        initiative=initiative,
        amount=amount,
        envelope=envelope,
        milestone=milestone,
        decision_reference=decision.reference,
        starts_on=first,
        ends_on=ends_on,
        awaits_conditions=False,
        carry_rest=True,
        funds_harness=row["code"] in FUNDS_HARNESS and not later,
        by=chair,
        at=at,
    )


def _advance(initiative: Initiative, stage: str, reference: str, people: People, at: Any) -> None:
    current = Initiative.objects.get(pk=initiative.pk).stage
    for following in STAGES[STAGES.index(current) + 1 : STAGES.index(stage) + 1]:
        move_stage(
            initiative_id=initiative.pk,
            to=following,
            decision_reference=reference,
            template_version=None,
            by=people["Helena Marsh"],
            at=at,
        )


def _carried_over(
    initiative: Initiative, amount: Decimal, outcome: str, reason: str, people: People, at: Any
) -> Decision:
    return Decision.objects.create(
        reference=next_key(f"AIC-{at.year}"),
        route="council",
        initiative=initiative,
        outcome=outcome,
        amount=amount,
        currency=initiative.currency,
        reason=reason,
        authority="Carried over from the council's minutes before Tollgate.",
        policy_version=len(POLICY_STEPS),
        decided_by=people["Helena Marsh"],
        second_by=people["Ruth Adeyemi"],
        decided_at=at,
    )
