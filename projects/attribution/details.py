"""Split bills by the logs of gateways, in SQL: what a log covers goes where the log says, the rest where the rules put it.

A rule by gateway detail names a bill's charges, the log, and what has to agree: the provider by any of its names, the day or
the month, the model, the account. Charges that agree form a bucket. In a bucket the log's initiatives share in proportion to
what the log says they cost, or to tokens where it names no cost; what the bill has more than the log, and what the log gives
to nobody, is the rest. A log that has more than the bill only sets proportions: no money comes of it.

Where several rules split by one log, an entry of it counts once: for the first, in the order of rules, that has charges
which agree with it, and while no bill has come for the first that it could belong to.
"""

from typing import Any

from projects.attribution.providers import KEY, known_providers
from projects.attribution.shares import SHARES

BY_DETAIL = "SELECT id FROM projects_attributionrule WHERE basis = 'detail'"

# Names are compared without regard to case, by the aliases that finance keeps for the keys model and account. The first
# letter tells a name from "need not agree" and from "not named", which agrees with nothing.
_NAMED = """
CASE WHEN NOT ({asked}) THEN '' WHEN btrim({name}) <> '' THEN '=' || lower(coalesce((
    SELECT a.value FROM projects_tagalias a WHERE a.retired_at IS NULL AND a.alias = btrim({name})
        AND a.tag_key IN ('', '{key}') ORDER BY a.tag_key DESC LIMIT 1
), btrim({name}))) ELSE '{none}' END
"""
_ACCOUNT = "CASE r.detail_account WHEN 'api_key' THEN k.api_key_id ELSE g.sub_account_id END"
_LIKE = r"replace(replace(replace(replace(r.detail_provider, '\', '\\'), '%%', '\%%'), '_', '\_'), '*', '%%')"
# A name with a star is a pattern of how the log writes it; a whole name finds every spelling of the same provider.
SAME_PROVIDER = (
    f"(g.provider_name ILIKE {_LIKE} OR position('*' in r.detail_provider) = 0"
    f" AND {KEY.format(name='g.provider_name')} = {KEY.format(name='r.detail_provider')})"
)
_PERIOD = "CASE WHEN r.detail_by_month THEN date_trunc('month', {day})::date ELSE {day} END"
_BUCKET = "rule_id, period, model, account"


def _names(none: str) -> str:
    model = _NAMED.format(asked="r.detail_by_model", name="g.model", key="model", none=none)
    account = _NAMED.format(asked="r.detail_account <> ''", name=_ACCOUNT, key="account", none=none)
    return f"{model} AS model, {account} AS account"


# {billed} holds all that bills say of such rules: rule_id, cost_key_id, charge_on, currency, effective. {logged} all that logs
# say: cost_key_id, day, currency, initiative_id, cost, tokens.
BUCKETS = f"""
CREATE TEMPORARY TABLE detail_key ON COMMIT DROP AS
SELECT r.id AS rule_id, k.id AS cost_key_id, {_names("-")}
FROM (SELECT DISTINCT rule_id, cost_key_id FROM {{billed}} b) b JOIN projects_attributionrule r ON r.id = b.rule_id
JOIN projects_costkey k ON k.id = b.cost_key_id JOIN projects_costgroup g ON g.id = k.group_id;

CREATE TEMPORARY TABLE detail_billed ON COMMIT DROP AS
SELECT b.rule_id, {_PERIOD.format(day="b.charge_on")} AS period, n.model, n.account, b.currency, sum(b.effective) AS billed
FROM {{billed}} b JOIN detail_key n USING (rule_id, cost_key_id)
JOIN projects_attributionrule r ON r.id = b.rule_id GROUP BY 1, 2, 3, 4, 5;

CREATE TEMPORARY TABLE detail_said ON COMMIT DROP AS
SELECT cost_key_id, day, currency, initiative_id, sum(cost) AS cost, sum(tokens) AS tokens
FROM {{logged}} l GROUP BY 1, 2, 3, 4;

CREATE TEMPORARY TABLE detail_claim ON COMMIT DROP AS
WITH named AS MATERIALIZED (
    SELECT r.id AS rule_id, k.id AS cost_key_id, {_names("~")}
    FROM (SELECT DISTINCT cost_key_id FROM detail_said) s JOIN projects_costkey k ON k.id = s.cost_key_id
    JOIN projects_costgroup g ON g.id = k.group_id
    JOIN projects_attributionrule r ON r.detail_id = g.source_id AND r.retired_at IS NULL
        AND (r.detail_provider = '' OR {SAME_PROVIDER})
), could AS MATERIALIZED (
    SELECT s.cost_key_id, s.day, s.currency, s.cost, s.tokens, n.rule_id, {_PERIOD.format(day="s.day")} AS period,
        n.model, n.account, r.position, r.number
    FROM (
        SELECT cost_key_id, day, currency, sum(cost) AS cost, sum(tokens) AS tokens FROM detail_said GROUP BY 1, 2, 3
    ) s JOIN named n USING (cost_key_id) JOIN projects_attributionrule r ON r.id = n.rule_id
    WHERE coalesce(s.day >= r.starts_on, true) AND coalesce(s.day < r.ends_on, true)
), agreeing AS (
    SELECT {_BUCKET}, currency FROM detail_billed WHERE billed > 0
    UNION SELECT {_BUCKET}, '' FROM detail_billed WHERE billed > 0
)
SELECT c.cost_key_id, c.day, c.currency, c.cost, c.tokens, {_BUCKET}, a.rule_id IS NOT NULL AS agrees, row_number() OVER (
    PARTITION BY c.cost_key_id, c.day, c.currency ORDER BY a.rule_id IS NULL, c.position, c.number) AS place
FROM could c LEFT JOIN agreeing a USING ({_BUCKET}, currency);

CREATE TEMPORARY TABLE detail_logged ON COMMIT DROP AS
SELECT p.rule_id, p.period, p.model, p.account, s.currency, s.initiative_id, sum(s.cost) AS cost, sum(s.tokens) AS tokens
FROM detail_said s JOIN detail_claim p USING (cost_key_id, day, currency) WHERE p.place = 1 GROUP BY 1, 2, 3, 4, 5, 6;

CREATE TEMPORARY TABLE detail_weight ON COMMIT DROP AS
SELECT 'cost' AS measure, {_BUCKET}, currency, initiative_id, sum(cost) AS weight
FROM detail_logged GROUP BY 2, 3, 4, 5, 6, 7 HAVING sum(cost) > 0
UNION ALL
SELECT 'tokens', {_BUCKET}, '', initiative_id, sum(tokens)
FROM detail_logged GROUP BY 2, 3, 4, 5, 7 HAVING sum(tokens) > 0;

CREATE TEMPORARY TABLE detail_bucket ON COMMIT DROP AS
WITH whole AS (
    SELECT measure, {_BUCKET}, currency, sum(weight) AS logged,
        coalesce(sum(weight) FILTER (WHERE initiative_id IS NOT NULL), 0) AS owned
    FROM detail_weight GROUP BY 1, 2, 3, 4, 5, 6
)
SELECT row_number() OVER (ORDER BY {_BUCKET}, b.currency) AS id, {_BUCKET}, b.currency, b.billed,
    coalesce(c.measure, t.measure, '') AS measure,
    CASE WHEN c.logged IS NOT NULL THEN greatest(b.billed, c.logged) - c.owned
        WHEN t.logged IS NOT NULL THEN t.logged - t.owned ELSE 1 END AS rest,
    CASE WHEN c.logged IS NOT NULL THEN greatest(least(b.billed, c.logged), 0)
        WHEN t.logged IS NOT NULL THEN greatest(b.billed, 0) ELSE 0 END AS covered
FROM detail_billed b LEFT JOIN (SELECT * FROM whole WHERE measure = 'cost') c USING ({_BUCKET}, currency)
LEFT JOIN (SELECT * FROM whole WHERE measure = 'tokens') t USING ({_BUCKET});

CREATE TEMPORARY TABLE detail_receiver ON COMMIT DROP AS
SELECT b.id AS bucket_id, false AS is_rest, w.initiative_id, w.weight
FROM detail_bucket b JOIN detail_weight w USING ({_BUCKET})
WHERE w.measure = b.measure AND w.currency IN ('', b.currency) AND w.initiative_id IS NOT NULL
UNION ALL
SELECT id, true, NULL, rest FROM detail_bucket WHERE rest > 0;

ANALYZE detail_key; ANALYZE detail_bucket; ANALYZE detail_receiver;
"""
SCRATCH = (
    *("detail_key", "detail_billed", "detail_said", "detail_claim", "detail_logged", "detail_weight", "detail_bucket"),
    "detail_receiver",
)

# {charges} is a relation of whole charges that rules by gateway detail take, with the initiative and the rule of the rest.
# Every fact of a charge names the rule that split it, that of the rest too; where the rest goes to a rule that splits, the
# weights are brought to one measure by multiplying, so that nothing is rounded before the cut. The rest comes last.
CUT = f"""
WITH share AS MATERIALIZED ({SHARES}), whole AS (
    SELECT rule_id, starts_on, ends_on, sum(weight) AS weight FROM share GROUP BY 1, 2, 3
), part AS (
    SELECT c.*, (row_number() OVER (charge ORDER BY x.is_rest, s.ordinal, x.initiative_id) - 1)::smallint AS share,
        row_number() OVER (charge ORDER BY x.is_rest DESC, s.ordinal DESC, x.initiative_id DESC) = 1 AS is_last,
        CASE WHEN x.is_rest THEN coalesce(s.initiative_id, c.rest_initiative_id) ELSE x.initiative_id END AS receiver,
        x.weight * coalesce(CASE WHEN x.is_rest THEN s.weight ELSE w.weight END, 1) AS weight
    FROM {{charges}} c JOIN projects_attributionrule r ON r.id = c.rule_id
    JOIN detail_key k ON (k.rule_id, k.cost_key_id) = (c.rule_id, c.cost_key_id)
    JOIN detail_bucket b ON (b.rule_id, b.period, b.model, b.account, b.currency)
        = (c.rule_id, {_PERIOD.format(day="c.charge_on")}, k.model, k.account, c.currency)
    JOIN detail_receiver x ON x.bucket_id = b.id
    LEFT JOIN share s ON x.is_rest AND s.rule_id = c.rest_rule_id AND c.charge_on >= s.starts_on
        AND c.charge_on < s.ends_on
    LEFT JOIN whole w ON NOT x.is_rest AND w.rule_id = c.rest_rule_id AND c.charge_on >= w.starts_on
        AND c.charge_on < w.ends_on AND b.rest > 0
    WINDOW charge AS (PARTITION BY c.part_id, c.row_number)
), cut AS (
    SELECT part.*, sum(weight) OVER charge AS whole_weight FROM part WINDOW charge AS (PARTITION BY part_id, row_number)
), priced AS (
    SELECT cut.*, CASE WHEN is_last THEN 0 ELSE projects_share_of(billed, weight, whole_weight) END AS billed_part,
        CASE WHEN is_last THEN 0 ELSE projects_share_of(effective, weight, whole_weight) END AS effective_part
    FROM cut
)
SELECT billing_month, part_id, row_number, share, charge_on, cost_key_id, receiver AS initiative_id, rule_id, currency,
    trim_scale(CASE WHEN is_last THEN billed - sum(billed_part) OVER charge ELSE billed_part END) AS billed_cost,
    trim_scale(CASE WHEN is_last THEN effective - sum(effective_part) OVER charge ELSE effective_part END)
        AS effective_cost
FROM priced WINDOW charge AS (PARTITION BY part_id, row_number)
"""


def lay_buckets(cursor: Any, *, billed: str, logged: str, parameters: dict[str, Any] | None = None) -> None:
    """Leave in scratch tables which charges agree with which entries of a log, and who shares in what proportion."""
    cursor.execute(f"DROP TABLE IF EXISTS {', '.join(SCRATCH)}")
    bound = {**(parameters or {}), "providers": known_providers().as_json}
    for statement in BUCKETS.format(billed=billed, logged=logged).split(";"):
        if statement.strip():
            cursor.execute(statement, bound)


def cut_by_detail(charges: str) -> str:
    """Return the statement that cuts a relation of whole charges into facts by the buckets laid before."""
    return CUT.format(charges=charges)


def has_details(cursor: Any) -> bool:
    """Say whether any rule, in force or not, splits by gateway detail."""
    cursor.execute(f"SELECT EXISTS ({BY_DETAIL})")
    return bool(cursor.fetchone()[0])
