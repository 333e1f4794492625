"""What each attribution rule took lately: added up over every charge of a month once, and then remembered."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

from projects.spend.kept_figures import TAKEN_BY_RULES, kept
from projects.spend.moves import all_rows

RECENT = timedelta(days=30)
# A charge lies in the billing month of its day or a later one; one month before is for exports that disagree.
_TAKEN = """
SELECT r.number, f.currency, sum(f.effective_cost), count(*) FILTER (WHERE f.share = 0)
FROM projects_spendfact f JOIN projects_deliverypart p ON p.id = f.part_id AND p.is_current
JOIN projects_source s ON s.id = p.source_id AND s.role = 'fact'
JOIN projects_attributionrule r ON r.id = f.rule_id
WHERE f.charge_on > %(since)s AND f.charge_on <= %(on)s
    AND f.billing_month >= date_trunc('month', %(since)s::date)::date - interval '1 month'
GROUP BY 1, 2 ORDER BY 1, 2
"""


def taken_lately(*, on: date) -> dict[int, tuple[dict[str, Decimal], int]]:
    """Return, by rule number, the effective cost of current bills in the 30 days up to a day, and the charges."""
    bound = {"on": on, "since": on - RECENT}
    found: dict[int, tuple[dict[str, Decimal], int]] = defaultdict(lambda: ({}, 0))
    for number, currency, money, rows in kept(TAKEN_BY_RULES, (_TAKEN, bound), lambda: all_rows(_TAKEN, **bound)):
        sums, before = found[number]
        found[number] = ({**sums, currency: money}, before + rows)
    return dict(found)
