"""Give usage to whom its spend belongs: whole, or divided in the proportion in which the money of its charges is.

What initiatives share stays as the source told it and counts no more; its shares count in its place, and their calls and
tokens sum to it exactly. Where a log splits the bill, the log tells of its initiatives' usage itself, and of the bill's usage
only the rest is given out. Lengths, percentiles and users of a share are unknown: no source says whose they were.
"""

from collections.abc import Collection

from django.db import connection, transaction

from projects.usage.models import COUNTS
from projects.usage.services import follow_attribution

_COPIED = ("part_id", "cost_key_id", "provider", "model", "version", "day", "currency", "computed_currency")
_COPIED_TOO = ("tier_assumed", "unpriced_reason", "sheet")
_COSTS = ("stated_cost", "computed_cost")
_COUNT = "div(u.{0} * s.upto, s.whole)::bigint - div(u.{0} * s.since, s.whole)::bigint"
_COST = "projects_share_of(u.{0}, s.upto, s.whole) - projects_share_of(u.{0}, s.since, s.whole)"
_UNDIVIDE = (
    "DELETE FROM projects_usageday WHERE shared_of_id IS NOT NULL",
    "UPDATE projects_usageday SET is_shared = false WHERE is_shared",
)
_WEIGHTS = """
CREATE TEMPORARY TABLE usage_share ON COMMIT DROP AS WITH weight AS (
    SELECT u.id, u.day, f.initiative_id, r.id AS rule_id, sum(f.effective_cost) AS weight
    FROM projects_usageday u JOIN projects_deliverypart p ON p.id = u.part_id AND p.is_current
    JOIN projects_spendfact f ON f.part_id = u.part_id AND f.cost_key_id = u.cost_key_id AND f.charge_on = u.day
        AND f.billing_month = date_trunc('month', p.billing_period_start)::date
    JOIN projects_attributionrule r ON r.id = f.rule_id AND r.basis <> 'whole'
    WHERE u.shared_of_id IS NULL AND (%(parts)s::bigint[] IS NULL OR u.part_id = ANY(%(parts)s))
    GROUP BY 1, 2, 3, 4 HAVING sum(f.effective_cost) > 0
), laid AS (
    SELECT w.*, sum(weight) OVER whole AS whole, sum(weight) OVER (whole ORDER BY initiative_id, rule_id) AS upto
    FROM weight w WINDOW whole AS (PARTITION BY id)
)
SELECT l.id, l.initiative_id, l.whole, l.upto - l.weight AS since, l.upto, EXISTS (
    SELECT FROM projects_usageday d JOIN projects_deliverypart q ON q.id = d.part_id AND q.is_current
    WHERE q.source_id = r.detail_id AND d.initiative_id = l.initiative_id AND CASE WHEN r.detail_by_month
        THEN date_trunc('month', d.day) = date_trunc('month', l.day) ELSE d.day = l.day END
) AS is_logged FROM laid l JOIN projects_attributionrule r ON r.id = l.rule_id
"""
_MARK = """
UPDATE projects_usageday u SET is_shared = true, initiative_id = NULL FROM usage_share s WHERE s.id = u.id
"""
_DIVIDE = f"""
INSERT INTO projects_usageday ({", ".join((*_COPIED, *_COPIED_TOO, *COUNTS, *_COSTS))},
    initiative_id, shared_of_id, is_shared, calls_by_type, longest_answers)
SELECT {", ".join(f"u.{name}" for name in (*_COPIED, *_COPIED_TOO))},
    {", ".join(_COUNT.format(name) for name in COUNTS)}, {", ".join(_COST.format(name) for name in _COSTS)},
    s.initiative_id, u.id, false, '{{}}', '[]'
FROM usage_share s JOIN projects_usageday u USING (id) WHERE NOT s.is_logged
"""


@transaction.atomic
def follow_spend() -> None:
    """Give all current usage to whom its spend belongs now, by whole keys and by shares."""
    with connection.cursor() as cursor:
        for statement in _UNDIVIDE:
            cursor.execute(statement)
    follow_attribution()
    divide_usage()


@transaction.atomic
def divide_usage(*, parts: Collection[int] | None = None) -> int:
    """Divide usage of charges that initiatives share, of these parts or of all; return how many shares it made."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS usage_share")
        cursor.execute(_WEIGHTS, {"parts": None if parts is None else list(parts)})
        cursor.execute(_MARK)
        cursor.execute(_DIVIDE)
        made: int = cursor.rowcount
    return made
