"""Say which splits by a log name a provider that their log never names: they agree with nothing, and nobody would notice."""

from collections.abc import Collection
from typing import Any

from projects.attribution.details import SAME_PROVIDER
from projects.attribution.providers import known_providers
from projects.spend.moves import all_rows

MOST_NAMED = 8
_UNMATCHED = f"""
SELECT DISTINCT r.number, r.detail_provider, s.name, log.names FROM projects_attributionrule r
JOIN projects_source s ON s.id = r.detail_id CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(DISTINCT g.provider_name) FILTER (WHERE g.provider_name <> ''), '{{}}') AS names
    FROM projects_costgroup g WHERE g.source_id = r.detail_id HAVING count(*) > 0
) log
WHERE r.retired_at IS NULL AND r.basis = 'detail' AND r.detail_provider <> ''
    AND NOT EXISTS (SELECT FROM projects_costgroup g WHERE g.source_id = r.detail_id AND {SAME_PROVIDER})
ORDER BY 1, 2
"""
_NAMED = """
SELECT s.name, array_agg(n.provider_name ORDER BY n.provider_name) FROM projects_source s CROSS JOIN LATERAL (
    SELECT DISTINCT g.provider_name FROM projects_costgroup g WHERE g.source_id = s.id AND g.provider_name <> ''
) n WHERE s.role = 'detail' GROUP BY 1 ORDER BY 1
"""


def unmatched_logs(numbers: Collection[int] | None = None) -> list[dict[str, Any]]:
    """Return the rules in force, or some of them, whose provider their log never names, with what it names; two queries.

    A log that was never delivered may still name it.
    """
    return [
        {"rule": number, "provider": provider, "log": log, "named": sorted(names)[:MOST_NAMED]}
        for number, provider, log, names in all_rows(_UNMATCHED, providers=known_providers().as_json)
        if numbers is None or number in numbers
    ]


def providers_in_logs() -> list[tuple[str, list[str]]]:
    """Return the logs and the providers that each names; one query."""
    return [(log, names[:MOST_NAMED]) for log, names in all_rows(_NAMED)]
