"""What the logs of gateways say, now and once their charges are given out anew, and how much of the bills they cover."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from projects.attribution.shares import SPLITTING

_TOKENS = "{0}input_tokens + {0}cached_read_tokens + {0}cached_write_tokens + {0}output_tokens + {0}reasoning_tokens"
_LOGS = "p.source_id = ANY(ARRAY(SELECT detail_id FROM projects_attributionrule WHERE basis = 'detail'))"
# Of the parts and days that count here.
LOGGED_NOW = f"""(
    SELECT cost_key_id, charge_on AS day, currency, initiative_id, effective_cost AS cost, 0::numeric AS tokens
    FROM projects_spendfact WHERE part_id = ANY(%(logs)s) AND billing_month = ANY(%(log_months)s)
        AND charge_on >= %(since)s AND charge_on < %(until)s
    UNION ALL
    SELECT cost_key_id, day, '', initiative_id, 0, {_TOKENS.format("")}
    FROM projects_usageday WHERE part_id = ANY(%(logs)s) AND cost_key_id IS NOT NULL AND NOT is_shared
        AND day >= %(since)s AND day < %(until)s
)"""
# By `key_owner` and, where rules split what a log says, by `shared_fact`.
LOGGED_THEN = f"""(
    SELECT f.cost_key_id, f.charge_on AS day, f.currency, o.initiative_id, f.effective_cost AS cost, 0::numeric AS tokens
    FROM projects_spendfact f JOIN projects_deliverypart p ON p.id = f.part_id AND p.is_current AND {_LOGS}
    LEFT JOIN key_owner o ON o.cost_key_id = f.cost_key_id AND f.charge_on >= o.starts_on AND f.charge_on < o.ends_on
    WHERE coalesce(f.rule_id, 0) <> ALL(ARRAY({SPLITTING})) AND coalesce(o.rule_id, 0) <> ALL(ARRAY({SPLITTING}))
    UNION ALL
    SELECT s.cost_key_id, s.charge_on, s.currency, s.initiative_id, s.effective_cost, 0
    FROM shared_fact s JOIN projects_deliverypart p ON p.id = s.part_id AND {_LOGS}
    UNION ALL
    SELECT u.cost_key_id, u.day, '', o.initiative_id, 0, {_TOKENS.format("u.")}
    FROM projects_usageday u JOIN projects_deliverypart p ON p.id = u.part_id AND p.is_current AND {_LOGS}
    LEFT JOIN key_owner o ON o.cost_key_id = u.cost_key_id AND u.day >= o.starts_on AND u.day < o.ends_on
    WHERE u.cost_key_id IS NOT NULL AND u.shared_of_id IS NULL
)"""
_OPEN = """
(month <> ALL(ARRAY(SELECT month FROM projects_closedperiod WHERE reopened_at IS NULL)) OR rule_id = ANY(%(agreed)s))
    AND (%(rules)s::bigint[] IS NULL OR rule_id = ANY(%(rules)s) AND month >= %(since)s AND month < %(until)s)
"""
_FORGET = f"DELETE FROM projects_detailcover WHERE {_OPEN}"
_KEEP = f"""
INSERT INTO projects_detailcover (rule_id, month, currency, provider, billed, logged, covered)
SELECT said.rule_id, month, currency, coalesce(max(p.provider), ''), sum(billed), sum(logged), sum(covered) FROM (
    SELECT rule_id, date_trunc('month', period)::date AS month, currency, billed, NULL::numeric AS logged, covered
    FROM detail_bucket
    UNION ALL
    SELECT rule_id, date_trunc('month', period)::date, currency, 0, cost, 0 FROM detail_logged WHERE currency <> ''
) said LEFT JOIN (
    SELECT d.rule_id AS of_rule, CASE count(DISTINCT g.provider_name) WHEN 1 THEN max(g.provider_name) END AS provider
    FROM detail_key d JOIN projects_costkey k ON k.id = d.cost_key_id JOIN projects_costgroup g ON g.id = k.group_id
    GROUP BY 1
) p ON p.of_rule = said.rule_id WHERE {_OPEN} GROUP BY 1, 2, 3
"""


def keep_covers(
    cursor: Any, *, agreed: Sequence[int], rules: Sequence[int] | None, since: date | None, until: date | None
) -> None:
    """Keep how much of the bills logs cover, month by month, of all rules or of these; closed months stay as they were."""
    parameters = {
        "agreed": list(agreed),
        "rules": None if rules is None else list(rules),
        "since": since,
        "until": until,
    }
    cursor.execute(_FORGET, parameters)
    cursor.execute(_KEEP, parameters)
