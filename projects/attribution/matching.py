"""Work out whose each key is, on which charge days and by which rule, in one statement."""

# Keys in a tag that may hold an initiative's key, as rules compare them.
INITIATIVE_TAGS = ("initiative", "aiinitiative", "initiativeid", "initiativekey", "tollgateinitiative")

# A rule for a service writes * for any text; everything else in it is meant literally, whatever its case.
_LIKE = r"replace(replace(replace(replace(r.value, '\', '\\'), '%%', '\%%'), '_', '\_'), '*', '%%')"
_OF_SOURCE = "(r.source_id IS NULL OR r.source_id = c.source_id)"

# What rules of a relation `rule` take of the keys of a relation `candidate`, whatever they give them to: a key and the rank of
# the rule, which is the lower the earlier it comes. A resource is cut to the lengths at which prefixes end and looked up by
# what is left: comparing each one with each prefix would take their product. Of tags only those are read that rules name.
HITS = f"""
resource AS MATERIALIZED (
    SELECT id, source_id, lower(resource_id) AS name FROM candidate WHERE resource_id IS NOT NULL
        AND EXISTS (SELECT FROM rule WHERE kind IN ('resource', 'resource_prefix'))
), prefix AS MATERIALIZED (
    SELECT r.rank, r.source_id, lower(r.value) AS name, length(lower(r.value)) AS long
    FROM rule r WHERE kind = 'resource_prefix'
), begun AS MATERIALIZED (
    SELECT c.id, c.source_id, p.long, left(c.name, p.long) AS name
    FROM resource c JOIN (SELECT DISTINCT long FROM prefix) p ON length(c.name) >= p.long
), alias AS MATERIALIZED (
    SELECT tag_key, alias, value FROM projects_tagalias WHERE retired_at IS NULL
), wanted_tag AS MATERIALIZED (
    SELECT DISTINCT tag_key AS key FROM rule WHERE kind = 'tag'
    UNION SELECT unnest(%(initiative_tags)s::text[]) WHERE EXISTS (SELECT FROM rule WHERE kind = 'initiative_tag')
), tagged AS MATERIALIZED (
    SELECT c.id, c.source_id, w.key, coalesce(a.value, b.value, c.tag_index ->> w.key) AS value
    FROM candidate c JOIN wanted_tag w ON c.tag_index ? w.key
    LEFT JOIN alias a ON a.tag_key = w.key AND a.alias = btrim(c.tag_index ->> w.key)
    LEFT JOIN alias b ON b.tag_key = '' AND b.alias = btrim(c.tag_index ->> w.key)
), named AS MATERIALIZED (
    SELECT c.id, c.source_id, min(i.id) AS initiative_id FROM tagged c JOIN projects_initiative i ON i.key = upper(c.value)
    WHERE c.key = ANY(%(initiative_tags)s) AND EXISTS (SELECT FROM rule WHERE kind = 'initiative_tag') GROUP BY 1, 2
), service AS (
    SELECT DISTINCT service_name, model, source_id FROM candidate
), served AS MATERIALIZED (
    SELECT c.service_name, c.model, c.source_id, r.rank FROM service c JOIN rule r
    ON r.kind = 'service' AND {_OF_SOURCE} AND (c.service_name ILIKE {_LIKE} OR c.model ILIKE {_LIKE})
), hit AS MATERIALIZED (
    SELECT r.cost_key_id, r.rank FROM candidate c JOIN rule r ON r.kind = 'charge' AND r.cost_key_id = c.id
    UNION ALL
    SELECT c.id, r.rank FROM named c JOIN rule r ON r.kind = 'initiative_tag' AND {_OF_SOURCE}
    UNION ALL
    SELECT c.id, r.rank FROM tagged c
    JOIN rule r ON r.kind = 'tag' AND r.tag_key = c.key AND btrim(r.value) = c.value AND {_OF_SOURCE}
    UNION ALL
    SELECT c.id, r.rank FROM resource c JOIN rule r ON r.kind = 'resource' AND c.name = lower(r.value) AND {_OF_SOURCE}
    UNION ALL
    SELECT c.id, r.rank FROM begun c JOIN prefix r ON (r.name, r.long) = (c.name, c.long) AND {_OF_SOURCE}
    UNION ALL
    SELECT c.id, r.rank FROM candidate c JOIN rule r ON r.kind = 'sub_account' AND c.sub_account_id = r.value AND {_OF_SOURCE}
    UNION ALL
    SELECT c.id, r.rank FROM candidate c JOIN rule r ON r.kind = 'cost_centre' AND c.cost_centre = r.value AND {_OF_SOURCE}
    UNION ALL
    SELECT c.id, r.rank FROM candidate c
    JOIN rule r ON r.kind = 'billing_account' AND c.billing_account_id = r.value AND {_OF_SOURCE}
    UNION ALL
    SELECT c.id, r.rank FROM candidate c
    JOIN rule r ON r.kind = 'billing_account' AND c.api_key_id = r.value AND {_OF_SOURCE}
    UNION ALL
    SELECT c.id, s.rank FROM candidate c JOIN served s ON s.source_id = c.source_id
        AND (s.service_name, s.model) IS NOT DISTINCT FROM (c.service_name, c.model)
)
"""

# {keys} is a relation with a column cost_key_id. First match wins on each day: the days at which a matching rule begins
# or ends cut time into spans, and each span belongs to the rule of the lowest rank that covers all of it; what a
# person gave away by name goes first. A rule that splits has no initiative of its own, and one that splits by what is
# measured holds from the first month that was. A rule by gateway detail gives away what its log covers: the rest goes to
# the next rule of another kind, which stands beside it. Few rules have dates: a key that none of those takes has one span.
OWNERS = f"""
WITH rule AS MATERIALIZED (
    SELECT r.id, r.kind, r.tag_key, r.value, r.source_id, r.cost_key_id, r.initiative_id,
        coalesce(greatest(r.starts_on, measured.since), DATE '0001-01-01') AS starts_on,
        coalesce(r.ends_on, DATE '9999-12-31') AS ends_on, r.basis = 'detail' AS by_detail,
        row_number() OVER (ORDER BY r.kind NOT IN ('charge', 'resource'), r.position, r.number, r.id) AS rank
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
), {HITS}, dated AS MATERIALIZED (
    SELECT DISTINCT h.cost_key_id FROM hit h JOIN rule r USING (rank)
    WHERE r.starts_on > DATE '0001-01-01' OR r.ends_on < DATE '9999-12-31'
), within_dates AS MATERIALIZED (
    SELECT h.cost_key_id, h.rank, r.starts_on, r.ends_on, r.by_detail
    FROM hit h JOIN dated USING (cost_key_id) JOIN rule r USING (rank)
), cut AS (
    SELECT cost_key_id, DATE '0001-01-01' AS day FROM dated
    UNION SELECT cost_key_id, starts_on FROM within_dates
    UNION SELECT cost_key_id, ends_on FROM within_dates WHERE ends_on < DATE '9999-12-31'
), span AS (
    SELECT cost_key_id, day AS starts_on,
        coalesce(lead(day) OVER (PARTITION BY cost_key_id ORDER BY day), DATE '9999-12-31') AS ends_on
    FROM cut
), first AS (
    SELECT h.cost_key_id, DATE '0001-01-01' AS starts_on, DATE '9999-12-31' AS ends_on, min(h.rank) AS rank,
        min(h.rank) FILTER (WHERE NOT r.by_detail) AS rest
    FROM hit h JOIN rule r USING (rank) WHERE h.cost_key_id NOT IN (SELECT cost_key_id FROM dated) GROUP BY 1
    UNION ALL
    SELECT s.cost_key_id, s.starts_on, s.ends_on, min(h.rank), min(h.rank) FILTER (WHERE NOT h.by_detail)
    FROM span s JOIN within_dates h ON h.cost_key_id = s.cost_key_id AND h.starts_on <= s.starts_on AND h.ends_on >= s.ends_on
    GROUP BY 1, 2, 3
)
SELECT f.cost_key_id, f.starts_on, f.ends_on, coalesce(r.initiative_id, i.initiative_id) AS initiative_id, r.id AS rule_id,
    coalesce(n.initiative_id, j.initiative_id) AS rest_initiative_id, n.id AS rest_rule_id
FROM first f JOIN rule r ON r.rank = f.rank LEFT JOIN rule n ON r.by_detail AND n.rank = f.rest
LEFT JOIN named i ON r.kind = 'initiative_tag' AND i.id = f.cost_key_id
LEFT JOIN named j ON n.kind = 'initiative_tag' AND j.id = f.cost_key_id
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
