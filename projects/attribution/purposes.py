"""Say what each key is charged for: by finance's rules of purpose in their order, else by those in fixtures/purposes.csv.

Only words are evidence. What no rule knows is unclassified, and a purpose is told by what the database keeps of a charge
alone, so that it can be told again for history whenever rules change.
"""

import csv
import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection

from projects.attribution.matching import HITS
from projects.attribution.models import UNCLASSIFIED, AttributionRule, Basis

TAG = "tag:"
COLUMNS = (
    "provider_name",
    "service_name",
    "service_category",
    "service_subcategory",
    "sub_account_name",
    "model",
    "environment",
    "sku_meter",
    "resource_type",
)
NEEDED = "source_id, resource_id, api_key_id, tag_index, sub_account_id, billing_account_id, cost_centre, " + ", ".join(
    COLUMNS
)

# What finance says comes first; a resource named by a person goes before rules that name more.
_RULES = f"""
rule AS MATERIALIZED (
    SELECT id, kind, tag_key, value, source_id, NULL::bigint AS cost_key_id, NULL::bigint AS initiative_id, position, number,
        NULL::date AS starts_on, NULL::date AS ends_on, kind <> 'resource' AS by_rule, false AS by_detail
    FROM projects_attributionrule WHERE retired_at IS NULL AND basis = '{Basis.PURPOSE}'
), {HITS}, ruled AS MATERIALIZED (
    SELECT DISTINCT ON (h.cost_key_id) h.cost_key_id, h.rule_id, r.purpose
    FROM hit h JOIN projects_attributionrule r ON r.id = h.rule_id
    ORDER BY h.cost_key_id, h.by_rule, h.position, h.number
)
"""
_NO_RULES = "ruled AS (SELECT NULL::bigint AS cost_key_id, NULL::bigint AS rule_id, NULL::text AS purpose WHERE false)"
# Each text is read once, however many keys have it, and looked up by its name from then on: {columns} name the texts,
# {texts} say where each stands. Nothing is joined by texts, of which no plan knows how many there are.
_PURPOSES = r"""
WITH candidate AS (SELECT * FROM {keys} c), {rules}, kind AS MATERIALIZED (
    SELECT {texts}, array_agg(c.id) AS ids FROM candidate c GROUP BY {columns}
), shipped AS MATERIALIZED (
    SELECT s.position, s.pattern, s.purpose, s.columns
    FROM jsonb_to_recordset(%(shipped)s::jsonb) s (position int, pattern text, purpose text, columns text[])
), said AS (
    SELECT DISTINCT v.name, v.text FROM kind k CROSS JOIN LATERAL (VALUES {pairs}) v (name, text) WHERE v.text <> ''
), understood AS MATERIALIZED (
    SELECT coalesce(jsonb_object_agg(u.name || E'\x1f' || u.text, u.position), '{{}}') AS positions FROM (
        SELECT t.name, t.text, min(s.position) AS position FROM said t
        JOIN shipped s ON t.name = ANY(s.columns) AND t.text ~* s.pattern GROUP BY 1, 2
    ) u
), told AS (
    SELECT k.ids, least({positions}) AS position FROM kind k CROSS JOIN understood u
)
SELECT DISTINCT ON (id) id, purpose, rule_id, shipped FROM (
    SELECT cost_key_id AS id, purpose, rule_id, NULL::int AS shipped, 1 AS place FROM ruled
    UNION ALL
    SELECT unnest(t.ids), coalesce(p.purpose, '{unclassified}'), NULL, t.position, 2
    FROM told t LEFT JOIN shipped p ON p.position = t.position
) said ORDER BY id, place
"""
KEYS = f"""
(SELECT k.id, k.resource_type, k.sku_meter, k.resource_id, k.api_key_id, k.tag_index, g.source_id, g.sub_account_id,
    g.billing_account_id, g.cost_centre, {", ".join(f"g.{name}" for name in COLUMNS[:-2])}
FROM projects_costkey k JOIN projects_costgroup g ON g.id = k.group_id)
"""


@cache
def shipped_rules() -> list[dict[str, Any]]:
    """Return the rules that come with the product, in their order: position, columns, pattern, purpose and note."""
    with (settings.BASE_DIR / "fixtures" / "purposes.csv").open(encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: int(row["position"]))
    return [{**row, "position": int(row["position"]), "columns": row["columns"].split("|")} for row in rows]


def purposes_statement(keys: str = KEYS) -> tuple[str, dict[str, Any]]:
    """Return the statement, and its parameters, that says what the keys of a relation are charged for and by which rule.

    The relation has the columns `id` and those in `NEEDED`; `shipped` is the position of a rule that comes with the product.
    """
    names = list(dict.fromkeys(name for rule in shipped_rules() for name in rule["columns"]))
    columns = [f"w{number}" for number, _ in enumerate(names)]
    pairs = list(zip(names, columns, strict=True))
    statement = _PURPOSES.format(
        keys=keys,
        rules=_RULES if has_purpose_rules() else _NO_RULES,
        texts=", ".join(f"coalesce({_text(name)}, '') AS {column}" for name, column in pairs),
        columns=", ".join(columns),
        pairs=", ".join(f"('{name}', k.{column})" for name, column in pairs),
        positions=", ".join(f"(u.positions ->> (E'{name}\\x1f' || k.{column}))::int" for name, column in pairs),
        unclassified=UNCLASSIFIED,
    )
    shipped = [{name: rule[name] for name in ("position", "pattern", "purpose", "columns")} for rule in shipped_rules()]
    return statement, {"shipped": json.dumps(shipped), "initiative_tags": []}


@dataclass(frozen=True)
class Told:
    """What a key is charged for by the rules in force: by which rule of finance, or by which that comes with the product."""

    purpose: str
    rule: AttributionRule | None
    shipped: dict[str, Any] | None


def told_of(cost_key_id: int) -> Told:
    """Return what one key is charged for, and why."""
    statement, parameters = purposes_statement(f"(SELECT * FROM {KEYS} one WHERE one.id = %(key)s)")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT purpose, rule_id, shipped FROM ({statement}) p", {**parameters, "key": cost_key_id})
        purpose, rule_id, position = cursor.fetchone()
    rule = AttributionRule.objects.get(pk=rule_id) if rule_id else None
    return Told(purpose, rule, next((one for one in shipped_rules() if one["position"] == position), None))


def has_purpose_rules() -> bool:
    """Say whether finance has a rule of purpose in force."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM projects_attributionrule WHERE retired_at IS NULL AND basis = %s)",
            [Basis.PURPOSE],
        )
        return bool(cursor.fetchone()[0])


def _text(name: str) -> str:
    """Return where a column, or the value of a tag, stands."""
    if name.startswith(TAG) and name.removeprefix(TAG).isalnum():
        return f"btrim(c.tag_index ->> '{name.removeprefix(TAG)}')"
    return f"c.{COLUMNS[COLUMNS.index(name)]}"
