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
OF_KEYS = ("resource_type", "sku_meter")
NEEDED = "source_id, resource_id, api_key_id, tag_index, sub_account_id, billing_account_id, cost_centre, " + ", ".join(
    COLUMNS
)

# What finance says comes first; a resource named by a person goes before rules that name more.
_RULES = f"""
rule AS MATERIALIZED (
    SELECT id, kind, tag_key, value, source_id, purpose, NULL::bigint AS cost_key_id,
        row_number() OVER (ORDER BY kind <> 'resource', position, number, id) AS rank
    FROM projects_attributionrule WHERE retired_at IS NULL AND basis = '{Basis.PURPOSE}'
), {HITS}, ruled AS MATERIALIZED (
    SELECT f.cost_key_id, r.id AS rule_id, r.purpose
    FROM (SELECT cost_key_id, min(rank) AS rank FROM hit GROUP BY 1) f JOIN rule r USING (rank)
)
"""
_NO_RULES = "ruled AS (SELECT NULL::bigint AS cost_key_id, NULL::bigint AS rule_id, NULL::text AS purpose WHERE false)"
# Each text is read once, however many keys have it, and looked up by its name from then on: {columns} name the texts of a
# `kind` of keys. Nothing is joined by texts, of which no plan knows how many there are.
_UNDERSTOOD = r"""
shipped AS MATERIALIZED (
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
    SELECT k.*, least({positions}) AS position FROM kind k CROSS JOIN understood u
)
"""
# {texts} say where each text stands.
_PURPOSES = f"""
WITH candidate AS (SELECT * FROM {{keys}} c), {{rules}}, kind AS MATERIALIZED (
    SELECT {{texts}}, array_agg(c.id) AS ids FROM candidate c GROUP BY {{columns}}
), {_UNDERSTOOD}
SELECT DISTINCT ON (id) id, purpose, rule_id, shipped FROM (
    SELECT cost_key_id AS id, purpose, rule_id, NULL::int AS shipped, 1 AS place FROM ruled
    UNION ALL
    SELECT unnest(t.ids), coalesce(p.purpose, '{UNCLASSIFIED}'), NULL, t.position, 2
    FROM told t LEFT JOIN shipped p ON p.position = t.position
) said ORDER BY id, place
"""
# All keys there are, by their groups first, which are few: what keys of a group differ in is little. Only what is said to be
# for something else than its group is looked at key by key.
_CHANGED = f"""
WITH candidate AS (SELECT * FROM {{keys}} c), {{rules}}, heap AS (
    SELECT group_id, resource_type, sku_meter, {{tags}} array_agg(id) AS ids FROM projects_costkey c
    GROUP BY group_id, {{own}}
), kind AS MATERIALIZED (
    SELECT {{texts}}, g.id AS group_id, g.purpose AS before, c.ids FROM heap c JOIN projects_costgroup g ON g.id = c.group_id
), {_UNDERSTOOD}, other AS (
    SELECT unnest(t.ids) AS id, t.group_id, t.before, coalesce(p.purpose, '{UNCLASSIFIED}') AS after
    FROM told t LEFT JOIN shipped p ON p.position = t.position WHERE coalesce(p.purpose, '{UNCLASSIFIED}') <> t.before
)
SELECT id AS cost_key_id, group_id, before, after FROM other WHERE id NOT IN (SELECT cost_key_id FROM ruled)
UNION ALL
SELECT k.id, g.id, g.purpose, r.purpose FROM ruled r JOIN projects_costkey k ON k.id = r.cost_key_id
JOIN projects_costgroup g ON g.id = k.group_id WHERE r.purpose <> g.purpose
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
    texts = [f"{_text(name)} AS {column}" for name, column in _texts()]
    return _filled(_PURPOSES, keys=keys, texts=", ".join(texts))


def changed_purposes_statement() -> tuple[str, dict[str, Any]]:
    """Return the statement, and its parameters, that names the keys of all that are charged for something else than their
    group says: `cost_key_id`, `group_id`, `before` and `after`.
    """
    tags = [(name, column) for name, column in _texts() if name.startswith(TAG)]
    texts = [
        f"{_text(name, of='c' if name in OF_KEYS else 'g')} AS {column}" if not name.startswith(TAG) else f"c.{column}"
        for name, column in _texts()
    ]
    return _filled(
        _CHANGED,
        keys=KEYS,
        texts=", ".join(texts),
        tags="".join(f"{_text(name)} AS {column}, " for name, column in tags),
        own=", ".join([*OF_KEYS, *(column for _, column in tags)]),
    )


def _filled(template: str, **parts: str) -> tuple[str, dict[str, Any]]:
    pairs = _texts()
    statement = template.format(
        **parts,
        rules=_RULES if has_purpose_rules() else _NO_RULES,
        columns=", ".join(column for _, column in pairs),
        pairs=", ".join(f"('{name}', k.{column})" for name, column in pairs),
        positions=", ".join(f"(u.positions ->> (E'{name}\\x1f' || k.{column}))::int" for name, column in pairs),
    )
    shipped = [{name: rule[name] for name in ("position", "pattern", "purpose", "columns")} for rule in shipped_rules()]
    return statement, {"shipped": json.dumps(shipped), "initiative_tags": []}


def _texts() -> list[tuple[str, str]]:
    """Return the texts that rules which come with the product read, and the column of each in a statement."""
    names = dict.fromkeys(name for rule in shipped_rules() for name in rule["columns"])
    return [(name, f"w{number}") for number, name in enumerate(names)]


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


def _text(name: str, *, of: str = "c") -> str:
    """Return where a column, or the value of a tag, stands; what is not said is empty."""
    if name.startswith(TAG) and name.removeprefix(TAG).isalnum():
        return f"coalesce(btrim({of}.tag_index ->> '{name.removeprefix(TAG)}'), '')"
    return f"coalesce({of}.{COLUMNS[COLUMNS.index(name)]}, '')"
