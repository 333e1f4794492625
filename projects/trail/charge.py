"""One charge from end to end: the row as delivered, the rule, the initiative, the tranche, the decision."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from projects.attribution.layers import HARNESS_SOURCE
from projects.attribution.models import AttributionRule, Purpose
from projects.attribution.purposes import told_of
from projects.funding.models import Tranche
from projects.initiatives.models import Initiative
from projects.sources.evidence import evidence_rows
from projects.sources.eyes import Eyes
from projects.sources.models import CostKey, Delivery, DeliveryPart
from projects.spend.models import SpendFact
from projects.trail.log_words import log_words


@dataclass(frozen=True)
class Share:
    """A charge, or one share of it where a rule splits it: whose it is, by which rule, and what paid for it."""

    fact: SpendFact
    initiative: Initiative | None
    rule: AttributionRule | None
    tranche: Tranche | None
    rule_words: str = ""
    rule_note: str = ""
    log_words: str = ""

    @property
    def effective_cost(self) -> Decimal:
        """Return its part of the effective cost."""
        cost: Decimal = self.fact.effective_cost
        return cost

    @property
    def billed_cost(self) -> Decimal:
        """Return its part of the billed cost."""
        cost: Decimal = self.fact.billed_cost
        return cost


@dataclass(frozen=True)
class Trail:
    """Everything that is known about one row of one delivery."""

    delivery: Delivery
    part: DeliveryPart
    key: CostKey
    row_number: int
    shares: Sequence[Share]
    cells: Sequence[tuple[str, str]]
    tags: Sequence[tuple[str, str]]
    resource: str
    purpose: str
    purpose_why: str
    purpose_rule: int | None = None

    @property
    def first(self) -> SpendFact:
        """Return the fact of the charge, or of its first share."""
        return self.shares[0].fact

    @property
    def effective_cost(self) -> Decimal:
        """Return the effective cost of all shares."""
        return sum((share.effective_cost for share in self.shares), Decimal(0))

    @property
    def billed_cost(self) -> Decimal:
        """Return the billed cost of all shares."""
        return sum((share.billed_cost for share in self.shares), Decimal(0))


def trail_of(delivery_key: str, row_number: int, *, eyes: Eyes) -> Trail | None:
    """Follow one row of a delivery, a current or a replaced one; None where it has no such row.

    People named in it are shown as the reader may see them.
    """
    parts = {
        part.pk: part
        for part in DeliveryPart.objects.filter(delivery__key=delivery_key).select_related("delivery__source")
    }
    months = {part.billing_period_start.replace(day=1) for part in parts.values()}
    found = SpendFact.objects.filter(billing_month__in=months, part_id__in=list(parts), row_number=row_number)
    facts = list(found.order_by("share"))
    if not facts:
        return None
    part = parts[facts[0].part_id]
    key = CostKey.objects.select_related("group").get(pk=facts[0].cost_key_id)
    return Trail(
        part.delivery,
        part,
        key,
        row_number,
        _shares(facts, eyes, is_harness=part.delivery.source.name == HARNESS_SOURCE),
        _cells(part.delivery, row_number, eyes),
        _tags(key, eyes),
        eyes.text(key.resource_id),
        *_purpose(key, eyes),
    )


def _shares(facts: Sequence[SpendFact], eyes: Eyes, *, is_harness: bool) -> list[Share]:
    owners = {fact.initiative_id for fact in facts if fact.initiative_id}
    initiatives = Initiative.objects.select_related("team").in_bulk(owners)
    rules = AttributionRule.objects.select_related("made_by", "detail").in_bulk(
        {row.rule_id for row in facts if row.rule_id}
    )
    said = log_words(facts, rules, eyes)
    day = facts[0].charge_on
    tranches = Tranche.objects.in_force(on=day).filter(initiative_id__in=owners)
    tranches = tranches.filter(funds_harness=True) if is_harness else tranches
    paying = {tranche.initiative_id: tranche for tranche in tranches.select_related("milestone", "decided_by")}
    shares = []
    for fact, by_log in zip(facts, said, strict=True):
        rule = rules.get(fact.rule_id or 0)
        words = eyes.sentence(str(rule), tag_key=rule.tag_key, value=rule.value) if rule else ""
        owner, paid_by = initiatives.get(fact.initiative_id or 0), paying.get(fact.initiative_id or 0)
        shares.append(Share(fact, owner, rule, paid_by, words, eyes.text(rule.note) if rule else "", by_log))
    return shares


def _purpose(key: CostKey, eyes: Eyes) -> tuple[str, str, int | None]:
    """Say what the charge is for, why, and by which rule of finance; rules made since wait until charges are given out."""
    purpose, told = Purpose(key.group.purpose), told_of(key.pk)
    if told.purpose != purpose:
        return purpose.label, "by rules that changed since; charges are being given out again", None
    if told.rule is not None:
        return (
            purpose.label,
            eyes.sentence(str(told.rule), tag_key=told.rule.tag_key, value=told.rule.value),
            told.rule.number,
        )
    return purpose.label, told.shipped["note"] if told.shipped else "no rule knows what it is for", None


def _cells(delivery: Delivery, row_number: int, eyes: Eyes) -> list[tuple[str, str]]:
    """Return the row as it stood in the file, without cells that were empty."""
    frame = evidence_rows(delivery.evidence, [row_number])
    if frame.is_empty():
        return []
    row: dict[str, Any] = frame.row(0, named=True)
    row.pop("row_number", None)
    return [(name, str(value)) for name, value in eyes.row(row).items() if value not in (None, "", "{}")]


def _tags(key: CostKey, eyes: Eyes) -> list[tuple[str, str]]:
    tags: dict[str, Any] = eyes.cell("tags", key.tags or {})
    return [(name, str(value)) for name, value in sorted(tags.items())]
