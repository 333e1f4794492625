"""Say of each share of a charge that a rule splits by a gateway's log whether the log gave it, or left it over."""

from collections.abc import Mapping, Sequence

from django.db import connection

from projects.attribution.matching import owners_statement
from projects.attribution.models import AttributionRule, Basis, DetailCover
from projects.sources.eyes import Eyes
from projects.spend.models import SpendDay, SpendFact
from projects.spend.rules import last_day_of
from projects.usage.models import UsageDay

_REST = "SELECT rest_rule_id, rest_initiative_id FROM ({owners}) o WHERE starts_on <= %(day)s AND ends_on > %(day)s"


def log_words(facts: Sequence[SpendFact], rules: Mapping[int, AttributionRule], eyes: Eyes) -> list[str]:
    """Return a sentence for each fact of one charge, empty where no log splits it or the rule is no longer in force.

    Every share names the rule that split the charge, that of the rest too; what is left over goes to nobody, or where
    the next rule that takes the charge puts it.
    """
    rule = rules.get(facts[0].rule_id or 0)
    if rule is None or rule.basis != Basis.DETAIL or rule.detail is None or rule.retired_at is not None:
        return [""] * len(facts)
    following, receivers = _rest_of(facts[0])
    rest = f"rule {following.number} ({_takes(following, eyes)})" if following else ""
    named, covers_all = _named_by(rule, facts), _covers_all(rule, facts[0])
    log, owners = rule.detail.name, [fact.initiative_id for fact in facts]
    words = []
    for place, owner in enumerate(owners):
        is_second, alone = owner in owners[:place], len(facts) == 1
        if owner is None:
            words.append(_left_to_nobody(log, alone=alone))
        elif owner not in receivers or (covers_all and not is_second):
            words.append(f"The log {log} names it.")
        elif is_second or (owner not in named and not alone):
            words.append(f"The log {log} does not cover this part; it stays where {rest} puts it.")
        elif owner not in named:
            words.append(f"Nothing in the log {log} agrees with this charge; it stays where {rest} puts it.")
        else:
            words.append(f"The log {log} names it, or it is what the log does not cover and {rest} takes.")
    return words


def _named_by(rule: AttributionRule, facts: Sequence[SpendFact]) -> set[int | None]:
    """Return the initiatives of a charge to which the log gives anything in the days that are compared with it."""
    day, owners = facts[0].charge_on, [fact.initiative_id for fact in facts if fact.initiative_id]
    days = (day.replace(day=1), last_day_of(day)) if rule.detail_by_month else (day, day)
    current = {"part__source": rule.detail_id, "part__is_current": True, "initiative_id__in": owners}
    costs = SpendDay.objects.filter(**current, charge_on__range=days).values_list("initiative_id", flat=True)
    calls = UsageDay.objects.filter(**current, day__range=days).values_list("initiative_id", flat=True)
    return {*costs.distinct(), *calls.distinct()}


def _covers_all(rule: AttributionRule, fact: SpendFact) -> bool:
    cover = DetailCover.objects.filter(rule=rule, month=fact.charge_on.replace(day=1), currency=fact.currency).first()
    return cover is not None and not cover.uncovered


def _left_to_nobody(log: str, *, alone: bool) -> str:
    if alone:
        return f"Nothing that the log {log} gives to an initiative agrees with this charge, and no other rule takes it."
    return f"The log {log} does not cover this part, and no other rule takes it."


def _rest_of(fact: SpendFact) -> tuple[AttributionRule | None, set[int | None]]:
    """Return the rule that takes what the log leaves of a charge, and whom it gives to."""
    owners, parameters = owners_statement("(SELECT %(key)s::bigint AS cost_key_id)")
    with connection.cursor() as cursor:
        cursor.execute(_REST.format(owners=owners), {**parameters, "key": fact.cost_key_id, "day": fact.charge_on})
        found = cursor.fetchone()
    if found is None or found[0] is None:
        return None, set()
    rule = AttributionRule.objects.get(pk=found[0])
    receivers: set[int | None] = set(rule.shares.values_list("initiative_id", flat=True))
    return rule, receivers or {found[1]}


def _takes(rule: AttributionRule, eyes: Eyes) -> str:
    said = str(rule).partition(": ")[2]
    return eyes.sentence(said[:1].lower() + said[1:], tag_key=rule.tag_key, value=rule.value)
