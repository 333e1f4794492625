"""Whether an initiative stays in the sandbox lane."""

from datetime import date, timedelta
from decimal import Decimal

from projects.common.outcomes import Blocker
from projects.funding import rules
from projects.initiatives.choices import Stage
from projects.initiatives.models import Initiative
from projects.limits.rules import Policy
from projects.spend.selectors import spent_between

WINDOW = timedelta(days=30)


def sandbox_blockers(initiative: Initiative, *, on: date, policy: Policy) -> list[Blocker]:
    """Say what keeps an initiative out of the sandbox lane on a day; its team's Concepts share one cap."""
    return rules.lane_blockers(
        stage=initiative.stage,
        risk_tier=initiative.risk_tier,
        is_customer_facing=initiative.customer_facing,
        data_class=initiative.data_classification,
        days=(on - initiative.stage_since.date()).days,
        longest_days=policy.integer("sandbox_days"),
        team_cost=team_cost(initiative, on=on),
        cap=policy.decimal("sandbox_cap"),
        currency=initiative.currency,
    )


def team_cost(initiative: Initiative, *, on: date) -> Decimal:
    """Return what the Concepts of an initiative's team, or it alone without one, cost in the 30 days to a day."""
    same = Initiative.objects.filter(stage=Stage.CONCEPT, currency=initiative.currency, team=initiative.team_id)
    ids = set(same.values_list("pk", flat=True)) if initiative.team_id else set()
    end = on + timedelta(days=1)
    return sum(spent_between(ids | {initiative.pk}, end - WINDOW, end, with_credits=False).values(), Decimal(0))
