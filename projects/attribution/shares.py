"""Cut charges that several initiatives share, in SQL: one fact a share, and the facts of a charge sum to it exactly."""

from typing import Any

# Who takes which part of what a rule splits, and on which charge days. A measured month holds until the next one.
SHARES = """
SELECT s.rule_id, s.ordinal, s.initiative_id, s.percent AS weight,
    DATE '0001-01-01' AS starts_on, DATE '9999-12-31' AS ends_on
FROM projects_ruleshare s JOIN projects_attributionrule r ON r.id = s.rule_id AND r.basis = 'fixed'
UNION ALL
SELECT m.rule_id, m.ordinal, m.initiative_id, m.weight, m.month,
    coalesce(later.month, DATE '9999-12-31')
FROM projects_splitmeasure m LEFT JOIN LATERAL (
    SELECT min(n.month) AS month FROM projects_splitmeasure n WHERE n.rule_id = m.rule_id AND n.month > m.month
) later ON true
"""
SPLITTING = "SELECT id FROM projects_attributionrule WHERE basis NOT IN ('whole', 'purpose')"

# {charges} is a relation of whole charges with their owner: initiative_id is null where rule_id names a rule that splits.
# A charge whose rule names nobody for its day keeps one fact without initiative: no charge is ever lost.
CUT = f"""
WITH share AS MATERIALIZED ({SHARES}), part AS (
    SELECT c.*, coalesce(s.ordinal, 0)::smallint AS share, s.initiative_id AS receiver,
        sum(s.weight) OVER charge AS whole_weight, s.weight,
        row_number() OVER (PARTITION BY c.part_id, c.row_number ORDER BY s.ordinal DESC) = 1 AS is_last
    FROM {{charges}} c LEFT JOIN share s
    ON s.rule_id = c.rule_id AND c.charge_on >= s.starts_on AND c.charge_on < s.ends_on
    WINDOW charge AS (PARTITION BY c.part_id, c.row_number)
), cut AS (
    SELECT part.*,
        CASE WHEN is_last THEN 0 ELSE projects_share_of(billed, weight, whole_weight) END AS billed_part,
        CASE WHEN is_last THEN 0 ELSE projects_share_of(effective, weight, whole_weight) END AS effective_part
    FROM part
)
SELECT billing_month, part_id, row_number, share, charge_on, cost_key_id, coalesce(receiver, initiative_id) AS initiative_id,
    rule_id, currency,
    trim_scale(CASE WHEN is_last THEN billed - sum(billed_part) OVER charge ELSE billed_part END) AS billed_cost,
    trim_scale(CASE WHEN is_last THEN effective - sum(effective_part) OVER charge ELSE effective_part END)
        AS effective_cost
FROM cut WINDOW charge AS (PARTITION BY part_id, row_number)
"""
FACT_COLUMNS = (
    "billing_month, part_id, row_number, share, charge_on, cost_key_id, initiative_id, rule_id, currency, "
    "billed_cost, effective_cost"
)


def cut_statement(charges: str) -> str:
    """Return the statement that cuts a relation of whole charges into facts."""
    return CUT.format(charges=charges)


def has_splits(cursor: Any) -> bool:
    """Say whether any rule, in force or not, splits."""
    cursor.execute(f"SELECT EXISTS ({SPLITTING})")
    return bool(cursor.fetchone()[0])
