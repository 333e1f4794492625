"""Each initiative's forecast for the end of its tranche in force."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from projects.forecasts.rules import WINDOW_DAYS, forecast_at_end
from projects.funding.selectors import positions
from projects.limits.selectors import policy_on
from projects.spend.selectors import spend_by_day


def forecasts(initiative_ids: Iterable[int], *, on: date) -> dict[int, Decimal]:
    """Return the median forecast of spend at the end of each tranche in force; absent where it is unknown."""
    ids = list(initiative_ids)
    policy = policy_on(on)
    final_on = on - timedelta(days=policy.integer("spend_lag_days"))
    start, with_tax = final_on - timedelta(days=WINDOW_DAYS), policy.counts_tax
    daily = spend_by_day(ids, start=start, on=on, with_tax=with_tax, with_credits=False)
    found = {}
    for pk, position in positions(ids, on=on).items():
        tranche = position.tranche_in_force
        if tranche is None:
            continue
        ahead = forecast_at_end(
            daily.get(pk, {}), spent=position.spent, on=on, final_on=final_on, ends_on=tranche.ends_on
        )
        if ahead is not None:
            found[pk] = ahead
    return found
