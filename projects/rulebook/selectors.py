"""The rules in force in their order, with what each took in the last 30 days."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from projects.attribution.models import OVERRIDES, AttributionRule, Basis
from projects.jobs.models import Job
from projects.rulebook.models import ChangeState, RuleChange
from projects.rulebook.words import charges_like, days_words, takes_words
from projects.sources.eyes import Eyes
from projects.spend.taken_by_rules import taken_lately


@dataclass
class Line:
    """One rule in force: its versions by day, who receives, and what it took lately, by currency."""

    rule: AttributionRule
    takes: str
    receivers: list[tuple[str, str, Decimal | None]]
    earlier: list[AttributionRule] = field(default_factory=list)
    taken: dict[str, Decimal] = field(default_factory=dict)
    rows: int = 0

    @property
    def days(self) -> str:
        """Say on which charge days the newest version holds."""
        return days_words(self.rule.starts_on, self.rule.ends_on)

    @property
    def earlier_days(self) -> list[tuple[int, str]]:
        """Return number and charge days of each version before it."""
        return [(row.version, days_words(row.starts_on, row.ends_on)) for row in self.earlier]


def rule_lines(*, on: date, eyes: Eyes) -> list[Line]:
    """Return the newest version in force of every rule, in the order in which rules are tried; a fixed number of queries."""
    rules = AttributionRule.objects.in_force().select_related(
        "initiative", "source", "detail", "made_by", "cost_key__group"
    )
    newest: dict[int, Line] = {}
    for rule in rules.prefetch_related("shares__initiative").order_by("number", "-version"):
        if rule.number in newest:
            newest[rule.number].earlier.append(rule)
        else:
            newest[rule.number] = Line(rule, takes_seen(rule, eyes), receivers(rule))
    for number, money in taken_lately(on=on).items():
        if number in newest:
            newest[number].taken, newest[number].rows = money
    return sorted(
        newest.values(), key=lambda line: (line.rule.kind not in OVERRIDES, line.rule.position, line.rule.number)
    )


def receivers(rule: AttributionRule) -> list[tuple[str, str, Decimal | None]]:
    """Return key, name and fixed percent of everybody who receives from a rule."""
    if rule.basis != Basis.WHOLE:
        return [(share.initiative.key, share.initiative.name, share.percent) for share in rule.shares.all()]
    return [(rule.initiative.key, rule.initiative.name, None)] if rule.initiative else []


def open_changes() -> Sequence[RuleChange]:
    """Return changes that nobody has kept or withdrawn, the newest first."""
    open_states = (ChangeState.TRYING, ChangeState.PROPOSED)
    return list(RuleChange.objects.filter(state__in=open_states).select_related("asked_by", "rule"))


def takes_seen(rule: AttributionRule, eyes: Eyes) -> str:
    """Say what a rule takes, with people as the reader may see them."""
    if rule.cost_key is not None:
        return eyes.text(takes_words(rule.kind, "", charges_like(rule.cost_key)))
    words = takes_words(rule.kind, rule.tag_key, rule.value)
    return eyes.sentence(words, tag_key=rule.tag_key, value=rule.value)


def dry_runs_of(changes: Iterable[RuleChange]) -> dict[int, Job]:
    """Return, by change that is being tried out, the newest job that does so; one query, however many they are."""
    tried = [change.pk for change in changes if change.state == ChangeState.TRYING]
    jobs = Job.objects.filter(kind="rule_dry_run", arguments__change__in=tried).select_related("requested_by")
    return {job.arguments["change"]: job for job in jobs.order_by("pk")}


def change_seen(change: RuleChange, eyes: Eyes) -> str:
    """Say a change in its sentence, with people as the reader may see them."""
    words = eyes.text(change.words)
    for told in (change.asked.get("draft") or {}, *change.asked.get("claims", [])):
        words = eyes.sentence(words, tag_key=told.get("tag_key", ""), value=told.get("value", ""))
    return words if change.rule is None else eyes.sentence(words, tag_key=change.rule.tag_key, value=change.rule.value)
