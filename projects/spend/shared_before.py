"""Say what of a log a later rule does not get, because an earlier one over the same log shares it out already.

An entry of a log counts once, for the first rule that has charges which agree with it. That is the law; here it is told, so
that nobody drafts a rule that moves nothing without knowing why.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import connection

from projects.attribution.details import has_details
from projects.attribution.models import AttributionRule, Basis, DetailCover
from projects.spend.moves import all_rows
from projects.spend.rules import exact_text

# Of the buckets laid last: what a rule agrees with and another shares out. A log that names no cost is told in tokens.
_TAKEN = """
SELECT later.number, first.number, s.name, c.currency, sum(c.cost), sum(c.tokens)
FROM detail_claim c JOIN detail_claim f USING (cost_key_id, day, currency)
JOIN projects_attributionrule later ON later.id = c.rule_id JOIN projects_attributionrule first ON first.id = f.rule_id
JOIN projects_source s ON s.id = later.detail_id
WHERE f.place = 1 AND c.place > 1 AND c.agrees AND later.number <> first.number
GROUP BY 1, 2, 3, 4 HAVING sum(c.cost) > 0 OR sum(c.tokens) > 0 ORDER BY 1, 2, 4
"""


@dataclass
class Shared:
    """An earlier rule over a log, and by currency what of the log it covers so far in all."""

    rule: AttributionRule
    covered: dict[str, Decimal] = field(default_factory=dict)


def taken_before() -> list[dict[str, Any]]:
    """Return by later rule, earlier rule and currency what the one agrees with and the other shares out; two queries.

    Called where `lay_buckets` has left its scratch tables.
    """
    with connection.cursor() as cursor:
        if not has_details(cursor):
            return []
    told: dict[tuple[int, int, str], tuple[Decimal, Decimal]] = {}
    logs: dict[int, str] = {}
    for later, earlier, log, currency, cost, tokens in all_rows(_TAKEN):
        logs[later] = log
        told[later, earlier, currency] = (cost, tokens)
    with_money = {(later, earlier) for later, earlier, currency in told if currency}
    return [
        {
            "rule": later,
            "earlier": earlier,
            "log": logs[later],
            "currency": currency,
            "cost": exact_text(cost),
            "tokens": exact_text(tokens),
        }
        for (later, earlier, currency), (cost, tokens) in told.items()
        if currency or (later, earlier) not in with_money
    ]


def sharing_already(*, but: int | None = None) -> list[Shared]:
    """Return the rules in force that split by a log, save one, in their order, with what each covers; two queries."""
    rules = AttributionRule.objects.in_force().filter(basis=Basis.DETAIL)
    if but is not None:
        rules = rules.exclude(number=but)
    found: dict[int, Shared] = {}
    for rule in rules.select_related("source", "detail").order_by("position", "number", "-version"):
        found.setdefault(rule.number, Shared(rule))
    for number, currency, covered in _covers(list(found)):
        sums = found[number].covered
        sums[currency] = sums.get(currency, Decimal(0)) + covered
    return list(found.values())


def _covers(numbers: Sequence[int]) -> list[tuple[int, str, Decimal]]:
    covers = DetailCover.objects.filter(rule__number__in=numbers, covered__gt=0).order_by("currency")
    return list(covers.values_list("rule__number", "currency", "covered"))
