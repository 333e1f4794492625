"""The sandbox lanes of Concepts, gathered for all at once."""

from collections.abc import Collection
from datetime import date, timedelta
from decimal import Decimal

from projects.funding.models import Tranche
from projects.gates.sandbox_rules import Lane, bars
from projects.initiatives.choices import Condition, Stage
from projects.initiatives.models import Initiative
from projects.limits.selectors import policy_on
from projects.spend.selectors import spent_between

WINDOW = timedelta(days=30)


def lanes(initiatives: Collection[Initiative], *, on: date) -> dict[int, Lane]:
    """Return the lane of each that is an active Concept without a tranche; what a team's Concepts cost is summed.

    Cost is that of the 30 days that end with the day, in the initiative's own currency; never added across currencies.
    """
    concepts = [row for row in initiatives if row.stage == Stage.CONCEPT and row.condition == Condition.ACTIVE]
    if not concepts:
        return {}
    teams = {row.team_id for row in concepts if row.team_id}
    beside = Initiative.objects.filter(stage=Stage.CONCEPT, condition=Condition.ACTIVE, team__in=teams)
    of_teams = list(beside.values_list("pk", "team_id", "currency"))
    asked = {row.pk for row in concepts} | {pk for pk, _, _ in of_teams}
    funded = set(Tranche.objects.filter(initiative__in=asked).values_list("initiative_id", flat=True))
    spent = spent_between(asked - funded, on - WINDOW + timedelta(days=1), on + timedelta(days=1), with_credits=False)
    by_team: dict[tuple[int | None, str], Decimal] = {}
    for pk, team, currency in of_teams:
        by_team[team, currency] = by_team.get((team, currency), Decimal(0)) + spent.get(pk, Decimal(0))
    law = policy_on(on)
    return {
        row.pk: Lane(
            spent=by_team[row.team_id, row.currency] if row.team_id else spent.get(row.pk, Decimal(0)),
            cap=law.decimal("sandbox_cap"),
            ask_percent=law.decimal("sandbox_ask_percent"),
            days=(on - row.stage_since.date()).days,
            longest_days=law.integer("sandbox_days"),
            currency=row.currency,
            barred=bars(
                risk_tier=row.risk_tier,
                customer_facing=row.customer_facing,
                data_classification=row.data_classification,
            ),
        )
        for row in concepts
        if row.pk not in funded
    }
