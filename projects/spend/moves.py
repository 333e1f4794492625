"""What a re-attribution moves: charges that change hands, and exact sums from and to each initiative, month by month.

Charges that one initiative had and one receives are compared where they stand. Charges that a rule splits, or split until
now, are gathered, cut again by the shares in force, and compared share by share.
"""

from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any

from django.db import connection

from projects.attribution.details import BY_DETAIL, cut_by_detail, has_details, lay_buckets
from projects.attribution.shares import FACT_COLUMNS, SPLITTING, cut_statement, has_splits
from projects.spend.logged import LOGGED_NOW, LOGGED_THEN, keep_covers
from projects.spend.rules import exact_text

_CLOSED = "f.billing_month = ANY(ARRAY(SELECT month FROM projects_closedperiod WHERE reopened_at IS NULL))"
# Charges of closed months stay, save those that a change agreed by two people takes or lets go.
MOVABLE = (
    f"coalesce(NOT {_CLOSED} OR f.rule_id = ANY(%(agreed)s) OR o.rule_id = ANY(%(agreed)s)"
    " OR o.rest_rule_id = ANY(%(agreed)s), false)"
)
_OF_CURRENT = """
FROM projects_spendfact f
JOIN projects_deliverypart p ON p.id = f.part_id AND p.is_current
LEFT JOIN key_owner o ON o.cost_key_id = f.cost_key_id AND f.charge_on >= o.starts_on AND f.charge_on < o.ends_on
"""
# Without coalesce a plan believes that hardly any charge is wrong, and goes through parts or facts one charge at a time.
WRONG = f"""
{_OF_CURRENT}
WHERE coalesce((f.initiative_id, f.rule_id) IS DISTINCT FROM (o.initiative_id, o.rule_id), true)
    AND coalesce(f.rule_id, 0) <> ALL(ARRAY({SPLITTING})) AND coalesce(o.rule_id, 0) <> ALL(ARRAY({SPLITTING}))
"""
_BILLS = "p.source_id = ANY(ARRAY(SELECT id FROM projects_source WHERE role = 'fact'))"
# All that is asked of wrong charges is asked of their sums: facts are read once.
_WRONG_CHARGES = f"""
CREATE TEMPORARY TABLE wrong_charge ON COMMIT DROP AS
SELECT f.billing_month, f.part_id, f.initiative_id AS giver, o.initiative_id AS taker,
    date_trunc('month', f.charge_on)::date AS month, f.currency, {_CLOSED} AS is_closed, {MOVABLE} AS is_movable,
    {_BILLS} AS is_bill, count(*) AS rows, sum(f.billed_cost) AS billed, sum(f.effective_cost) AS effective
{WRONG} {{more}} GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
"""
_MONEY_MOVES = """
CREATE TEMPORARY TABLE money_move ON COMMIT DROP AS
SELECT giver, taker, month, currency, is_closed, sum(rows)::bigint AS rows, sum(billed) AS billed, sum(effective) AS effective
FROM wrong_charge WHERE is_movable AND is_bill AND giver IS DISTINCT FROM taker GROUP BY 1, 2, 3, 4, 5
"""
_LEFT = """
SELECT coalesce(sum(rows), 0)::bigint FROM wrong_charge
WHERE NOT is_movable AND is_bill AND giver IS DISTINCT FROM taker
"""

_SHARED_CHARGES = f"""
CREATE TEMPORARY TABLE shared_charge ON COMMIT DROP AS
SELECT f.billing_month, f.part_id, f.row_number, f.charge_on, f.cost_key_id, f.currency, o.initiative_id, o.rule_id,
    o.rest_initiative_id, o.rest_rule_id, {_BILLS} AS is_bill, {_CLOSED} AS is_closed, bool_or({MOVABLE}) AS is_movable,
    sum(f.billed_cost) AS billed, sum(f.effective_cost) AS effective
{_OF_CURRENT} WHERE (f.rule_id = ANY(ARRAY({SPLITTING})) OR o.rule_id = ANY(ARRAY({SPLITTING})))
"""
_BY_CHARGE = " GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12"
_WITHIN = """
AND f.rule_id = ANY(%(rules)s) AND o.rule_id = f.rule_id AND f.part_id = ANY(%(bills)s)
AND f.billing_month = ANY(%(bill_months)s) AND f.charge_on >= %(since)s AND f.charge_on < %(until)s
"""
_TAKEN_BY_DETAIL = f"(SELECT * FROM shared_charge WHERE rule_id = ANY(ARRAY({BY_DETAIL})))"
_SHARED_BY_RULE = f"(SELECT * FROM shared_charge WHERE coalesce(rule_id, 0) <> ALL(ARRAY({BY_DETAIL})))"
_SHARED_FACTS = f"CREATE TEMPORARY TABLE shared_fact ON COMMIT DROP AS {cut_statement(_SHARED_BY_RULE)}"
_SHARED_BY_DETAIL = f"INSERT INTO shared_fact ({FACT_COLUMNS}) {cut_by_detail(_TAKEN_BY_DETAIL)}"
_SHARED_BEFORE = f"""
CREATE TEMPORARY TABLE shared_before ON COMMIT DROP AS
SELECT {", ".join(f"f.{column.strip()}" for column in FACT_COLUMNS.split(","))} FROM projects_spendfact f
JOIN shared_charge c ON f.billing_month = c.billing_month AND (f.part_id, f.row_number) = (c.part_id, c.row_number)
"""
_UNCHANGED = """
DELETE FROM shared_charge c WHERE NOT EXISTS (
    SELECT FROM (
        (SELECT * FROM shared_fact EXCEPT ALL SELECT * FROM shared_before)
        UNION ALL (SELECT * FROM shared_before EXCEPT ALL SELECT * FROM shared_fact)
    ) d WHERE (d.part_id, d.row_number) = (c.part_id, c.row_number)
)
"""
# By charge and measure: what each initiative loses, or gains, laid end to end; where the two overlap, money moves. Every
# amount is a difference of exact sums, so what is given equals what is taken to the last digit.
_SHARED_FLOWS = """
CREATE TEMPORARY TABLE shared_flow ON COMMIT DROP AS WITH standing AS (
    SELECT c.part_id, c.row_number, f.initiative_id, -f.billed_cost AS billed, -f.effective_cost AS effective
    FROM shared_charge c JOIN shared_before f USING (part_id, row_number) WHERE c.is_bill
    UNION ALL
    SELECT c.part_id, c.row_number, f.initiative_id, f.billed_cost, f.effective_cost
    FROM shared_charge c JOIN shared_fact f USING (part_id, row_number) WHERE c.is_bill
), changed AS (
    SELECT part_id, row_number, initiative_id, m.measure, sum(m.amount) AS delta FROM standing
    CROSS JOIN LATERAL (VALUES ('billed', billed), ('effective', effective)) m (measure, amount)
    GROUP BY 1, 2, 3, 4 HAVING sum(m.amount) <> 0
), signed AS (
    SELECT d.*, sign(CASE measure WHEN 'billed' THEN c.billed ELSE c.effective END) AS sign
    FROM changed d JOIN shared_charge c USING (part_id, row_number)
), laid AS (
    SELECT part_id, row_number, measure, initiative_id, sign, delta * sign > 0 AS gains,
        sum(abs(delta)) OVER heap - abs(delta) AS low, sum(abs(delta)) OVER heap AS high
    FROM signed WINDOW heap AS (
        PARTITION BY part_id, row_number, measure, delta * sign > 0 ORDER BY initiative_id NULLS FIRST
        ROWS UNBOUNDED PRECEDING)
), flow AS (
    SELECT part_id, row_number, l.initiative_id AS giver, g.initiative_id AS taker, measure,
        l.sign * (least(l.high, g.high) - greatest(l.low, g.low)) AS amount
    FROM laid l JOIN laid g USING (part_id, row_number, measure)
    WHERE NOT l.gains AND g.gains AND least(l.high, g.high) > greatest(l.low, g.low)
    UNION ALL
    SELECT part_id, row_number, b.initiative_id, a.initiative_id, 'none', 0
    FROM shared_charge c JOIN shared_before b USING (part_id, row_number) JOIN shared_fact a USING (part_id, row_number)
    WHERE c.is_bill AND c.billed = 0 AND c.effective = 0 AND b.share = 0 AND a.share = 0
        AND a.initiative_id IS DISTINCT FROM b.initiative_id
)
SELECT * FROM flow
"""
_SHARED_MOVES = """
INSERT INTO money_move (giver, taker, month, currency, is_closed, rows, billed, effective)
SELECT giver, taker, date_trunc('month', c.charge_on)::date, c.currency, c.is_closed,
    count(DISTINCT (part_id, row_number)), coalesce(sum(amount) FILTER (WHERE measure = 'billed'), 0),
    coalesce(sum(amount) FILTER (WHERE measure = 'effective'), 0)
FROM shared_flow JOIN shared_charge c USING (part_id, row_number) WHERE c.is_movable GROUP BY 1, 2, 3, 4, 5
"""
_SHARED_ROWS = """
SELECT count(DISTINCT (part_id, row_number)) FILTER (WHERE is_movable),
    count(DISTINCT (part_id, row_number)) FILTER (WHERE is_movable AND is_closed),
    count(DISTINCT (part_id, row_number)) FILTER (WHERE NOT is_movable)
FROM shared_flow JOIN shared_charge c USING (part_id, row_number)
"""
_MOVES = """
SELECT a.key, b.key, m.currency, sum(m.rows)::bigint, sum(m.billed), sum(m.effective)
FROM money_move m LEFT JOIN projects_initiative a ON a.id = m.giver LEFT JOIN projects_initiative b ON b.id = m.taker
GROUP BY 1, 2, 3 ORDER BY 1 NULLS FIRST, 2 NULLS LAST, 3
"""
_BY_INITIATIVE = """
WITH side AS (
    SELECT giver AS initiative_id, month, currency, -billed AS billed, -effective AS effective FROM money_move
    UNION ALL SELECT taker, month, currency, billed, effective FROM money_move
), net AS (
    SELECT initiative_id, month, currency, sum(billed) AS billed, sum(effective) AS effective FROM side GROUP BY 1, 2, 3
    HAVING sum(billed) <> 0 OR sum(effective) <> 0
), standing AS (
    SELECT m.initiative_id, m.month, m.currency, sum(m.effective_cost) AS effective FROM projects_spendmonth m
    JOIN projects_costgroup g ON g.id = m.group_id JOIN projects_source s ON s.id = g.source_id AND s.role = 'fact'
    WHERE m.month IN (SELECT month FROM net) GROUP BY 1, 2, 3
)
SELECT i.key, to_char(n.month, 'YYYY-MM'), n.currency, coalesce(s.effective, 0), coalesce(s.effective, 0) + n.effective,
    n.effective, n.billed
FROM net n LEFT JOIN standing s ON s.initiative_id IS NOT DISTINCT FROM n.initiative_id AND s.month = n.month
    AND s.currency = n.currency
LEFT JOIN projects_initiative i ON i.id = n.initiative_id ORDER BY 1 NULLS FIRST, 2, 3
"""
_ROWS = """
SELECT coalesce(sum(rows), 0)::bigint, coalesce(sum(rows) FILTER (WHERE is_closed), 0)::bigint FROM money_move
"""
_SCRATCH = ("wrong_charge", "money_move", "shared_charge", "shared_fact", "shared_before", "shared_flow")


@dataclass(frozen=True)
class Within:
    """Rules by gateway detail, the parts of bills and of logs, and the days within which bills are split anew."""

    rules: list[int]
    bills: list[int]
    bill_months: list[date]
    logs: list[int]
    log_months: list[date]
    since: date
    until: date


@dataclass
class Moved:
    """What a re-attribution moves: rows that change hands, and exact sums from and to each initiative.

    `closed_rows` stay because their month is closed; `closed_moving` move although it is, because two people agreed.
    `purposes` says of how much money another purpose is said than before, by purpose and month; nobody gains by that.
    `taken_before` says what of a log a rule agrees with and does not get, because an earlier rule shares it out;
    `unmatched` which rules ask a log for a provider that it never names.
    """

    rows: int = 0
    moves: list[dict[str, Any]] = field(default_factory=list)
    initiatives: list[dict[str, Any]] = field(default_factory=list)
    closed_rows: int = 0
    closed_moving: int = 0
    purposes: list[dict[str, Any]] = field(default_factory=list)
    taken_before: list[dict[str, Any]] = field(default_factory=list)
    unmatched: list[dict[str, Any]] = field(default_factory=list)

    def with_purposes(self, purposes: list[dict[str, Any]]) -> "Moved":
        """Return the same with what is said to be for something else; two people agree to that in closed months too."""
        closed = sum(row["closed_rows"] for row in purposes)
        return replace(self, purposes=purposes, closed_moving=self.closed_moving + closed)


def work_out_moves(agreed: list[int], within: Within | None = None) -> Moved:
    """Compare who has each charge with who should, and leave what changes in scratch tables.

    `agreed` are rules that may move charges of closed months; `within` looks only at what rules by gateway detail have
    and keep. The caller has worked out `key_owner`.
    """
    parameters: dict[str, Any] = {"agreed": agreed, **(asdict(within) if within else {})}
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {', '.join(_SCRATCH)}")
        cursor.execute(_WRONG_CHARGES.format(more="AND false" if within else ""), parameters)
        cursor.execute(_MONEY_MOVES)
        rows, closed = all_rows(_ROWS)[0]
        left = all_rows(_LEFT)[0][0]
        more = _WITHIN if within else ""
        none = "" if has_splits(cursor) else " LIMIT 0"
        cursor.execute(f"{_SHARED_CHARGES}{more}{_BY_CHARGE}{none}", parameters)
        cursor.execute(_SHARED_FACTS)
        if has_details(cursor):
            logged = LOGGED_NOW if within else LOGGED_THEN
            lay_buckets(cursor, billed=_TAKEN_BY_DETAIL, logged=logged, parameters=parameters)
            cursor.execute(_SHARED_BY_DETAIL, {})
            span = (within.rules, within.since, within.until) if within else (None, None, None)
            keep_covers(cursor, agreed=agreed, rules=span[0], since=span[1], until=span[2])
        for statement in (_SHARED_BEFORE, _UNCHANGED, _SHARED_FLOWS, _SHARED_MOVES):
            cursor.execute(statement)
        shared, shared_closed, shared_left = all_rows(_SHARED_ROWS)[0]
    return Moved(rows + shared, _moves(), _by_initiative(), left + shared_left, closed + shared_closed)


def all_rows(statement: str, **parameters: Any) -> list[tuple[Any, ...]]:
    """Return every row of a statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _moves() -> list[dict[str, Any]]:
    return [
        {
            "from": giver,
            "to": taker,
            "currency": currency,
            "rows": rows,
            "billed_cost": exact_text(billed),
            "effective_cost": exact_text(effective),
        }
        for giver, taker, currency, rows, billed, effective in all_rows(_MOVES)
    ]


def _by_initiative() -> list[dict[str, Any]]:
    return [
        {
            "initiative": key,
            "month": month,
            "currency": currency,
            "before": exact_text(before),
            "after": exact_text(after),
            "moved": exact_text(moved),
            "billed_moved": exact_text(billed),
        }
        for key, month, currency, before, after, moved, billed in all_rows(_BY_INITIATIVE)
    ]
