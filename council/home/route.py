"""Gather the route of an initiative under the policy of a day."""

from datetime import date
from decimal import Decimal

from council.home.route_rules import Step, review_step, sandbox_step, tier_step
from projects.common import formats
from projects.funding.rules import WHO
from projects.funding.selectors import authority_for, sandbox_blockers
from projects.gates.template_rules import TOPIC_NAMES
from projects.initiatives.choices import Stage, WorkloadClass
from projects.initiatives.models import Initiative
from projects.initiatives.tiers import is_dearer
from projects.limits.rules import Policy
from projects.reviews.rules import topics_for

REVIEWED = (Stage.CONCEPT, Stage.MVP, Stage.PILOT, Stage.LAUNCH, Stage.SCALE)


def route_of(initiative: Initiative, *, on: date, policy: Policy) -> list[Step]:
    """Return the steps of an initiative's route with why each is what it is; a bounded number of queries."""
    dearer = is_dearer(initiative.model_tier, initiative.workload_class)
    topics = topics_for(risk_tier=initiative.risk_tier, criteria_topics=(), changed=(), has_dearer_tier=dearer)
    levels = [
        ("risk", initiative.risk),
        ("data sensitivity", initiative.data_sensitivity),
        ("criticality", initiative.criticality),
    ]
    steps = [
        tier_step(
            tier=initiative.model_tier,
            workload_class=initiative.workload_class,
            work=str(dict(WorkloadClass.choices).get(initiative.workload_class, "")),
            reason=initiative.model_tier_reason,
        ),
        review_step([TOPIC_NAMES[row.topic] for row in topics], risk_tier=initiative.risk_tier, levels=levels),
    ]
    if initiative.stage in REVIEWED:
        steps += [_trigger(initiative, policy), _authority(initiative, on, policy)]
    if initiative.stage == Stage.CONCEPT:
        steps.append(sandbox_step([row.message for row in sandbox_blockers(initiative, on=on, policy=policy)]))
    return steps


def _trigger(initiative: Initiative, policy: Policy) -> Step:
    amount = policy.decimal("review_amount", initiative.stage)
    words = f"In {initiative.get_stage_display()} a projected month above"
    if initiative.risk_tier == "high":
        amount = amount * policy.decimal("high_risk_share_percent") / 100
        words = f"At high risk in {initiative.get_stage_display()} a projected month above"
    written = formats.money_full(amount, initiative.currency)
    expected = initiative.expected_monthly_cost
    if expected is None:
        return Step(
            "Council review", "Not known yet", f"{words} {written} needs it. Give the expected cost.", asks=True
        )
    says = "Asked by its expected cost" if expected > amount else "Not asked by its expected cost"
    return Step(
        "Council review",
        says,
        f"{words} {written} needs it; {formats.money_full(expected, initiative.currency)} is expected.",
    )


def _authority(initiative: Initiative, on: date, policy: Policy) -> Step:
    found = authority_for(initiative, initiative.expected_monthly_cost or Decimal(0), on=on, policy=policy)
    who = WHO[found.row]
    return Step("Decides a month's cost", f"{who[0].upper()}{who[1:]}", found.sentence)
