"""Work out whose each key is, on which charge days and by which rule, in one statement."""

# Keys in a tag that may hold an initiative's key, as rules compare them.
INITIATIVE_TAGS = ("initiative", "aiinitiative", "initiativeid", "initiativekey", "tollgateinitiative")

# A rule for a service writes * for any text; everything else in it is meant literally, whatever its case.
_LIKE = r"replace(replace(replace(replace(r.value, '\', '\\'), '%%', '\%%'), '_', '\_'), '*', '%%')"
_OF_SOURCE = "(r.source_id IS NULL OR r.source_id = c.source_id)"

# What rules of a relation `rule` take of the keys of a relation `candidate`, whatever they give them to. A resource is cut to
# the lengths at which prefixes end and looked up by what is left: comparing each one with each prefix would take their product.
HITS = f"""
resource AS MATERIALIZED (
    SELECT id, source_id, lower(resource_id) AS name FROM candidate WHERE resource_id IS NOT NULL
        AND EXISTS (SELECT FROM rule WHERE kind IN ('resource', 'resource_prefix'))
), prefix AS MATERIALIZED (
    SELECT r.id AS rule_id, lower(r.value) AS name, length(lower(r.value)) AS long
    FROM rule r WHERE kind = 'resource_prefix'
), begun AS MATERIALIZED (
    SELECT c.id, c.source_id, p.long, left(c.name, p.long) AS name
    FROM resource c JOIN (SELECT DISTINCT long FROM prefix) p ON length(c.name) >= p.long
), tagged AS MATERIALIZED (
    SELECT c.id, c.source_id, t.key, coalesce(a.value, t.value) AS value
    FROM candidate c CROSS JOIN jsonb_each_text(c.tag_index) t LEFT JOIN LATERAL (
        SELECT a.value FROM projects_tagalias a
        WHERE a.retired_at IS NULL AND a.alias = btrim(t.value) AND a.tag_key IN ('', t.key)
        ORDER BY a.tag_key DESC LIMIT 1
    ) a ON true
    WHERE t.key = ANY(%(initiative_tags)s) OR t.key IN (SELECT tag_key FROM rule WHERE kind = 'tag')
), service AS (
    SELECT DISTINCT service_name, model, source_id FROM candidate
), served AS MATERIALIZED (
    SELECT c.service_name, c.model, c.source_id, r.id AS rule_id FROM service c JOIN rule r
    ON r.kind = 'service' AND {_OF_SOURCE} AND (c.service_name ILIKE {_LIKE} OR c.model ILIKE {_LIKE})
), hit AS MATERIALIZED (
    SELECT r.cost_key_id, r.id AS rule_id, r.initiative_id, r.by_rule, r.by_detail, r.position, r.number, r.starts_on, r.ends_on
    FROM candidate c JOIN rule r ON r.kind = 'charge' AND r.cost_key_id = c.id
    UNION ALL
    SELECT c.id, r.id, i.id, r.by_rule, r.by_detail, r.position, r.number, r.starts_on, r.ends_on
    FROM tagged c JOIN rule r ON r.kind = 'initiative_tag' AND {_OF_SOURCE}
    JOIN projects_initiative i ON i.key = upper(c.value) WHERE c.key = ANY(%(initiative_tags)s)
    UNION ALL
    SELECT c.id, r.id, r.initiative_id, r.by_rule, r.by_detail, r.position, r.number, r.starts_on, r.ends_on
    FROM tagged c JOIN rule r ON r.kind = 'tag' AND r.tag_key = c.key AND btrim(r.value) = c.value AND {_OF_SOURCE}
    UNION ALL
    SELECT c.id, r.id, r.initiative_id, r.by_rule, r.by_detail, r.position, r.number, r.starts_on, r.ends_on
    FROM resource c JOIN rule r ON r.kind = 'resource' AND c.name = lower(r.value) AND {_OF_SOURCE}
    UNION ALL
    SELECT c.id, r.id, r.initiative_id, r.by_rule, r.by_detail, r.position, r.number, r.starts_on, r.ends_on
    FROM begun c JOIN prefix p ON (p.name, p.long) = (c.name, c.long) JOIN rule r ON r.id = p.rule_id AND {_OF_SOURCE}
    UNION ALL
    SELECT c.id, r.id, r.initiative_id, r.by_rule, r.by_detail, r.position, r.number, r.starts_on, r.ends_on
    FROM candidate c JOIN rule r ON r.kind = 'sub_account' AND c.sub_account_id = r.value AND {_OF_SOURCE}
    UNION ALL
    SELECT c.id, r.id, r.initiative_id, r.by_rule, r.by_detail, r.position, r.number, r.starts_on, r.ends_on
    FROM candidate c JOIN rule r ON r.kind = 'cost_centre' AND c.cost_centre = r.value AND {_OF_SOURCE}
    UNION ALL
    SELECT c.id, r.id, r.initiative_id, r.by_rule, r.by_detail, r.position, r.number, r.starts_on, r.ends_on
    FROM candidate c JOIN rule r ON r.kind = 'billing_account' AND c.billing_account_id = r.value AND {_OF_SOURCE}
    UNION ALL
    SELECT c.id, r.id, r.initiative_id, r.by_rule, r.by_detail, r.position, r.number, r.starts_on, r.ends_on
    FROM candidate c JOIN rule r ON r.kind = 'billing_account' AND c.api_key_id = r.value AND {_OF_SOURCE}
    UNION ALL
    SELECT c.id, r.id, r.initiative_id, r.by_rule, r.by_detail, r.position, r.number, r.starts_on, r.ends_on
    FROM candidate c JOIN served s ON s.source_id = c.source_id
        AND (s.service_name, s.model) IS NOT DISTINCT FROM (c.service_name, c.model)
    JOIN rule r ON r.id = s.rule_id
)
"""

# {keys} is a relation with a column cost_key_id. First match wins on each day: the days at which a matching rule begins
# or ends cut time into spans, and each span belongs to the rule with the lowest position that covers all of it; what a
# person gave away by name goes first. A rule that splits has no initiative of its own, and one that splits by what is
# measured holds from the first month that was. A rule by gateway detail gives away what its log covers: the rest goes to
# the next rule of another kind, which stands beside it.
OWNERS = f"""
WITH rule AS MATERIALIZED (
    SELECT r.id, r.kind, r.tag_key, r.value, r.source_id, r.cost_key_id, r.initiative_id, r.position, r.number,
        greatest(r.starts_on, measured.since) AS starts_on, r.ends_on, r.kind NOT IN ('charge', 'resource') AS by_rule,
        r.basis = 'detail' AS by_detail
    FROM projects_attributionrule r LEFT JOIN LATERAL (
        SELECT min(month) AS since FROM projects_splitmeasure m WHERE m.rule_id = r.id
    ) measured ON true
    WHERE r.retired_at IS NULL AND (r.basis IN ('whole', 'fixed') OR measured.since IS NOT NULL OR r.basis = 'detail'
            AND EXISTS (SELECT FROM projects_source d WHERE d.id = r.detail_id AND d.role = 'detail'))
        AND coalesce(greatest(r.starts_on, measured.since) < r.ends_on, true)
), candidate AS MATERIALIZED (
    SELECT k.id, k.source_id, k.resource_id, k.api_key_id, k.tag_index, g.sub_account_id, g.billing_account_id,
        g.cost_centre, g.service_name, g.model
    FROM {{keys}} wanted {{found}} JOIN projects_costgroup g ON g.id = k.group_id
), {HITS}, cut AS (
    SELECT cost_key_id, DATE '0001-01-01' AS day FROM hit
    UNION SELECT cost_key_id, starts_on FROM hit WHERE starts_on IS NOT NULL
    UNION SELECT cost_key_id, ends_on FROM hit WHERE ends_on IS NOT NULL
), span AS (
    SELECT cost_key_id, day AS starts_on,
        coalesce(lead(day) OVER (PARTITION BY cost_key_id ORDER BY day), DATE '9999-12-31') AS ends_on
    FROM cut
), covering AS (
    SELECT s.cost_key_id, s.starts_on, s.ends_on, h.initiative_id, h.rule_id, h.by_rule, h.by_detail, h.position, h.number
    FROM span s JOIN hit h ON h.cost_key_id = s.cost_key_id
        AND coalesce(h.starts_on, DATE '0001-01-01') <= s.starts_on
        AND coalesce(h.ends_on, DATE '9999-12-31') >= s.ends_on
), first AS (
    SELECT DISTINCT ON (cost_key_id, starts_on) cost_key_id, starts_on, ends_on, initiative_id, rule_id, by_detail
    FROM covering ORDER BY cost_key_id, starts_on, by_rule, position, number
), next AS (
    SELECT DISTINCT ON (c.cost_key_id, c.starts_on) c.cost_key_id, c.starts_on, c.initiative_id, c.rule_id
    FROM covering c JOIN (SELECT DISTINCT cost_key_id FROM hit WHERE by_detail) d USING (cost_key_id)
    WHERE NOT c.by_detail ORDER BY c.cost_key_id, c.starts_on, c.by_rule, c.position, c.number
)
SELECT f.cost_key_id, f.starts_on, f.ends_on, f.initiative_id, f.rule_id,
    n.initiative_id AS rest_initiative_id, n.rule_id AS rest_rule_id
FROM first f LEFT JOIN next n ON f.by_detail AND (n.cost_key_id, n.starts_on) = (f.cost_key_id, f.starts_on)
"""


_TOGETHER = "JOIN projects_costkey k ON k.id = wanted.cost_key_id"
# No plan knows how many keys an import has added: it might read all there are for the few that are asked for.
_ONE_BY_ONE = "CROSS JOIN LATERAL (SELECT * FROM projects_costkey WHERE id = wanted.cost_key_id OFFSET 0) k"


def owners_statement(keys: str, *, are_few: bool = False) -> tuple[str, dict[str, list[str]]]:
    """Return the statement, and its parameters, that says who owns the keys of a relation (column `cost_key_id`).

    Where they are few beside all that there are, each is looked up by itself.
    """
    found = _ONE_BY_ONE if are_few else _TOGETHER
    return OWNERS.format(keys=keys, found=found), {"initiative_tags": list(INITIATIVE_TAGS)}
