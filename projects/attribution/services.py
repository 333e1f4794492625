"""Make, change and retire rules. Each change is a new version; what a version gave away stays recorded with it."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection, transaction
from django.db.models import Max

from projects.attribution.models import PRECEDENCE, AttributionRule, RuleKind
from projects.audit.services import record
from projects.common.outcomes import Blocker, Refused, WrongState
from projects.initiatives.choices import Condition
from projects.initiatives.models import Initiative
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import require
from projects.sources.models import Source
from projects.sources.tags import comparable_key


class RuleRefused(Refused):
    """A rule that could not do what it says."""

    code = "rule_refused"


@dataclass(frozen=True)
class RuleDraft:
    """What a rule compares, on which charge days, and whose the charge is; a lower position than usual goes first."""

    kind: str
    value: str
    initiative: Initiative
    tag_key: str = ""
    source: Source | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    note: str = ""
    position: int | None = None


@transaction.atomic
def make_rule(*, draft: RuleDraft, by: User, at: datetime) -> AttributionRule:
    """Let charges go to an initiative from now on. Raise NotPermitted, also for the interested, or RuleRefused."""
    _lock_rules()
    _permit(draft, by)
    if blockers := rule_blockers(draft):
        raise RuleRefused(blockers)
    number = (AttributionRule.objects.aggregate(last=Max("number"))["last"] or 0) + 1
    rule = _version(draft, number, 1, by, at)
    record(verb="attribution_rule.made", target=rule, by=by, at=at)
    return rule


@transaction.atomic
def change_rule(*, rule_id: int, draft: RuleDraft, by: User, at: datetime) -> AttributionRule:
    """Put a new version in place of a rule. Raise NotPermitted, WrongState or RuleRefused."""
    _lock_rules()
    rule = _in_force(rule_id)
    _permit(draft, by)
    if blockers := rule_blockers(draft):
        raise RuleRefused(blockers)
    rule.retired_by, rule.retired_at = by, at
    rule.save(update_fields=["retired_by", "retired_at"])
    changed = _version(draft, rule.number, rule.version + 1, by, at)
    record(verb="attribution_rule.changed", target=changed, by=by, at=at, data={"before": rule.pk})
    return changed


@transaction.atomic
def retire_rule(*, rule_id: int, by: User, at: datetime) -> AttributionRule:
    """Let a rule no longer take charges. Raise NotPermitted or WrongState."""
    _lock_rules()
    rule = _in_force(rule_id)
    require(by, Permission.KEEP_ATTRIBUTION)
    if rule.initiative:
        require(by, Permission.APPROVE_ATTRIBUTION, initiative=rule.initiative)
    rule.retired_by, rule.retired_at = by, at
    rule.save(update_fields=["retired_by", "retired_at"])
    record(verb="attribution_rule.retired", target=rule, by=by, at=at)
    return rule


def rule_blockers(draft: RuleDraft) -> list[Blocker]:
    """Say why a rule could not do what it says."""
    blockers = []
    if draft.kind not in RuleKind.values or draft.kind == RuleKind.INITIATIVE_TAG:
        blockers.append(Blocker("rule_kind", f"There is no rule of the kind {draft.kind}."))
    if not draft.value.strip() or len(draft.value) > 500:
        blockers.append(Blocker("rule_value", "Say what the charge must have, in at most 500 characters."))
    if draft.kind == RuleKind.TAG and not comparable_key(draft.tag_key):
        blockers.append(Blocker("rule_tag", "Name the tag's key."))
    if draft.kind in {RuleKind.SERVICE, RuleKind.RESOURCE_PREFIX} and not draft.value.replace("*", "").strip():
        blockers.append(
            Blocker("rule_takes_all", "This would take every charge. Name part of the service or resource.")
        )
    if draft.starts_on and draft.ends_on and draft.ends_on <= draft.starts_on:
        blockers.append(Blocker("rule_days", "The rule ends before it begins. Correct one of the two days."))
    if draft.initiative.condition == Condition.CLOSED:
        blockers.append(Blocker("initiative_closed", f"{draft.initiative.key} is closed and takes no more charges."))
    return blockers


def _permit(draft: RuleDraft, by: User) -> None:
    require(by, Permission.KEEP_ATTRIBUTION)
    require(by, Permission.APPROVE_ATTRIBUTION, initiative=draft.initiative)


def _lock_rules() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('attribution rules', 0))")


def _in_force(rule_id: int) -> AttributionRule:
    rule = AttributionRule.objects.select_for_update(of=("self",)).select_related("initiative").get(pk=rule_id)
    if rule.retired_at is not None:
        raise WrongState(f"Rule {rule.number} was changed or retired meanwhile. Look at the newest version.")
    return rule


def _version(draft: RuleDraft, number: int, version: int, by: User, at: datetime) -> AttributionRule:
    return AttributionRule.objects.create(
        number=number,
        version=version,
        kind=draft.kind,
        position=PRECEDENCE[draft.kind] if draft.position is None else draft.position,
        tag_key=comparable_key(draft.tag_key) if draft.kind == RuleKind.TAG else "",
        value=draft.value.strip(),
        source=draft.source,
        initiative=draft.initiative,
        starts_on=draft.starts_on,
        ends_on=draft.ends_on,
        note=draft.note.strip(),
        made_by=by,
        made_at=at,
    )
