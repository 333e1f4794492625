"""Measure, month by month, what splits go by: each participant's own cost, tokens or calls. Closed months stay measured."""

from django.db import connection

# Own cost is what rules gave whole, of bills, in the organisation's currency: other currencies cannot be compared with it.
_WEIGHTS = """
WITH wanted AS (
    SELECT r.id AS rule_id, r.basis, s.ordinal, s.initiative_id FROM projects_attributionrule r
    JOIN projects_ruleshare s ON s.rule_id = r.id WHERE r.basis NOT IN ('whole', 'fixed') AND r.retired_at IS NULL
), taking_part AS (
    SELECT DISTINCT initiative_id FROM wanted
), cost AS (
    SELECT f.initiative_id, date_trunc('month', f.charge_on)::date AS month, sum(f.effective_cost) AS weight
    FROM projects_spendfact f JOIN taking_part USING (initiative_id)
    JOIN projects_deliverypart p ON p.id = f.part_id AND p.is_current
    JOIN projects_source s ON s.id = p.source_id AND s.role = 'fact'
    JOIN projects_attributionrule r ON r.id = f.rule_id AND r.basis = 'whole'
    WHERE f.currency = (SELECT currency FROM projects_organisation LIMIT 1) GROUP BY 1, 2
), used AS (
    SELECT u.initiative_id, date_trunc('month', u.day)::date AS month, sum(u.calls)::numeric AS calls,
        sum(u.input_tokens + u.cached_read_tokens + u.cached_write_tokens + u.output_tokens + u.reasoning_tokens)::numeric
            AS tokens
    FROM projects_usageday u JOIN taking_part USING (initiative_id)
    JOIN projects_deliverypart p ON p.id = u.part_id AND p.is_current
    JOIN projects_source s ON s.id = p.source_id
    WHERE u.shared_of_id IS NULL AND (s.role = 'detail' OR NOT EXISTS (
        SELECT FROM projects_usageday d JOIN projects_deliverypart q ON q.id = d.part_id AND q.is_current
        JOIN projects_source z ON z.id = q.source_id AND z.role = 'detail'
        WHERE d.model = u.model AND d.day = u.day AND d.initiative_id = u.initiative_id
    )) GROUP BY 1, 2
), weight AS (
    SELECT w.rule_id, c.month, w.ordinal, w.initiative_id, c.weight FROM wanted w
    JOIN cost c USING (initiative_id) WHERE w.basis = 'direct_cost'
    UNION ALL
    SELECT w.rule_id, u.month, w.ordinal, w.initiative_id, CASE w.basis WHEN 'calls' THEN u.calls ELSE u.tokens END
    FROM wanted w JOIN used u USING (initiative_id) WHERE w.basis IN ('tokens', 'calls')
)
SELECT rule_id, month, (row_number() OVER (PARTITION BY rule_id, month ORDER BY ordinal) - 1)::smallint AS ordinal,
    initiative_id, weight
FROM weight WHERE weight > 0
    AND month <> ALL(ARRAY(SELECT month FROM projects_closedperiod WHERE reopened_at IS NULL))
"""
_MEASURE = f"""
CREATE TEMPORARY TABLE measured ON COMMIT DROP AS {_WEIGHTS};
"""
_FORGET = """
DELETE FROM projects_splitmeasure m USING (SELECT DISTINCT rule_id, month FROM measured) n
WHERE (m.rule_id, m.month) = (n.rule_id, n.month)
"""
_KEEP = """
INSERT INTO projects_splitmeasure (rule_id, month, ordinal, initiative_id, weight)
SELECT rule_id, month, ordinal, initiative_id, weight FROM measured
"""
_ANY = (
    "SELECT EXISTS (SELECT FROM projects_attributionrule WHERE basis NOT IN ('whole', 'fixed') AND retired_at IS NULL)"
)


def measure_splits() -> None:
    """Measure every month that has something to measure anew; a month without keeps what was measured before."""
    with connection.cursor() as cursor:
        cursor.execute(_ANY)
        if not cursor.fetchone()[0]:
            return
        cursor.execute("DROP TABLE IF EXISTS measured")
        cursor.execute(_MEASURE)
        cursor.execute(_FORGET)
        cursor.execute(_KEEP)
