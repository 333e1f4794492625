"""Make, change, end, order and retire rules. A change is a new version; what a version gave away stays recorded with it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, Q

from projects.attribution.drafts import RuleDraft, rule_blockers
from projects.attribution.models import PRECEDENCE, AttributionRule, Basis, RuleKind, RuleShare
from projects.audit.services import record, record_many
from projects.common.outcomes import Blocker, Refused, WrongState
from projects.initiatives.models import Initiative
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import require
from projects.sources.tags import comparable_key

STEP = 1000  # between the positions at which two kinds begin


class RuleRefused(Refused):
    """A rule that could not do what it says."""

    code = "rule_refused"


@transaction.atomic
def make_rule(*, draft: RuleDraft, by: User, at: datetime) -> AttributionRule:
    """Let charges go to an initiative, or be for a purpose, from now on. Raise NotPermitted, also for the interested, or RuleRefused."""
    return make_rules(drafts=[draft], by=by, at=at)[0]


@transaction.atomic
def make_rules(*, drafts: Sequence[RuleDraft], by: User, at: datetime) -> list[AttributionRule]:
    """Make several rules in the order of their drafts, all of them or none, set-based. Raise as for one."""
    lock_rules()
    _permit([receiver for draft in drafts for receiver in draft.receivers], by)
    for draft in drafts:
        if blockers := rule_blockers(draft):
            raise RuleRefused(blockers)
    first = (AttributionRule.objects.aggregate(last=Max("number"))["last"] or 0) + 1
    places = _places_of(drafts)
    rules = [_version(draft, first + count, 1, by, at, places[count]) for count, draft in enumerate(drafts)]
    _keep_versions(rules, drafts)
    told = [(rule, _shares_of(draft)) for rule, draft in zip(rules, drafts, strict=True)]
    record_many(verb="attribution_rule.made", targets=told, by=by, at=at)
    return rules


@transaction.atomic
def change_rule(
    *, rule_id: int, draft: RuleDraft, by: User, at: datetime, from_on: date | None = None
) -> AttributionRule:
    """Put a new version in place of a rule, on all its days or from one on; earlier days stay with the old version.

    Raise NotPermitted, WrongState or RuleRefused.
    """
    lock_rules()
    rule = _in_force(rule_id)
    _permit([*draft.receivers, *receivers_of(rule)], by)
    _require_changeable(rule)
    if blockers := rule_blockers(draft) + _from_blockers(rule, from_on) + _same_sort_blockers(rule, draft):
        raise RuleRefused(blockers)
    if from_on is None or (rule.starts_on and from_on <= rule.starts_on):
        rule.retired_by, rule.retired_at = by, at
    else:
        draft, rule.ends_on = _beginning(draft, from_on), from_on
    rule.save(update_fields=["retired_by", "retired_at", "ends_on"])
    last = AttributionRule.objects.filter(number=rule.number).aggregate(last=Max("version"))["last"]
    position = rule.position if draft.position is None else draft.position
    changed = _version(draft, rule.number, last + 1, by, at, position)
    _keep_versions([changed], [draft])
    data = {"before": rule.pk, "from": from_on, **_shares_of(draft)}
    record(verb="attribution_rule.changed", target=changed, by=by, at=at, data=data)
    return changed


@transaction.atomic
def end_rule(*, rule_id: int, ends_on: date, by: User, at: datetime) -> AttributionRule:
    """Let a rule take no charge from a day on; what it took before stays. Raise NotPermitted, WrongState, RuleRefused."""
    lock_rules()
    rule = _in_force(rule_id)
    _permit(receivers_of(rule), by)
    _require_changeable(rule)
    if blockers := _from_blockers(rule, ends_on, first=True):
        raise RuleRefused(blockers)
    before, rule.ends_on = rule.ends_on, ends_on
    rule.save(update_fields=["ends_on"])
    record(verb="attribution_rule.ended", target=rule, by=by, at=at, data={"before": before, "after": ends_on})
    return rule


@transaction.atomic
def retire_rule(*, rule_id: int, by: User, at: datetime) -> AttributionRule:
    """Let a rule no longer take charges, as if it had never been. Raise NotPermitted or WrongState."""
    lock_rules()
    rule = _in_force(rule_id)
    _permit(receivers_of(rule), by)
    _require_changeable(rule)
    rule.retired_by, rule.retired_at = by, at
    rule.save(update_fields=["retired_by", "retired_at"])
    record(verb="attribution_rule.retired", target=rule, by=by, at=at)
    return rule


@transaction.atomic
def move_rule(*, rule_id: int, before_id: int | None, by: User, at: datetime) -> AttributionRule:
    """Let a rule go before another, or last. Overrides stay first whatever their place. Raise NotPermitted, WrongState."""
    lock_rules()
    rule = _in_force(rule_id)
    _permit(receivers_of(rule), by)
    _require_changeable(rule)
    order = list(AttributionRule.objects.in_force().order_by("position", "number", "version"))
    moving = [row for row in order if row.number == rule.number]
    rest = [row for row in order if row.number != rule.number]
    place = next((place for place, row in enumerate(rest) if row.pk == before_id), len(rest))
    standing, rule_before = rule.position, rest[place - 1] if place else None
    _open_place(rest, place, moving)
    rule = AttributionRule.objects.get(pk=rule.pk)
    data = {"before": standing, "after": rule.position, "behind": rule_before.number if rule_before else None}
    record(verb="attribution_rule.moved", target=rule, by=by, at=at, data=data)
    return rule


def receivers_of(rule: AttributionRule) -> list[Initiative]:
    """Return every initiative that a rule gives to; none for the rule of tags that hold a key."""
    if rule.basis == Basis.WHOLE:
        return [rule.initiative] if rule.initiative else []
    return [share.initiative for share in rule.shares.select_related("initiative")]


def lock_rules() -> None:
    """Let one change of rules at a time go on until its transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('attribution rules', 0))")


def _permit(receivers: Sequence[Initiative], by: User) -> None:
    require(by, Permission.KEEP_ATTRIBUTION)
    require(by, Permission.APPROVE_ATTRIBUTION)
    for receiver in {receiver.pk: receiver for receiver in receivers}.values():
        require(by, Permission.APPROVE_ATTRIBUTION, initiative=receiver)


def _in_force(rule_id: int) -> AttributionRule:
    rule = AttributionRule.objects.select_for_update(of=("self",)).select_related("initiative").get(pk=rule_id)
    if rule.retired_at is not None:
        raise WrongState(f"Rule {rule.number} was changed or retired meanwhile. Look at the newest version.")
    return rule


def _require_changeable(rule: AttributionRule) -> None:
    if rule.is_standing:
        raise WrongState(f"Rule {rule.number} stands in every organisation and cannot be changed.")


def _from_blockers(rule: AttributionRule, from_on: date | None, *, first: bool = False) -> list[Blocker]:
    if from_on is None:
        return []
    if rule.is_of_purpose:
        return _all_days_blockers(rule)
    if rule.ends_on and from_on >= rule.ends_on:
        return [Blocker("rule_over", f"Rule {rule.number} ends on {rule.ends_on} already. Choose an earlier day.")]
    if first and rule.starts_on and from_on <= rule.starts_on:
        message = f"Rule {rule.number} begins on {rule.starts_on}. Let it end later, or retire it."
        return [Blocker("rule_days", message)]
    return []


def _same_sort_blockers(rule: AttributionRule, draft: RuleDraft) -> list[Blocker]:
    if rule.is_of_purpose == (draft.basis == Basis.PURPOSE):
        return []
    message = f"Rule {rule.number} {'says what charges are for' if rule.is_of_purpose else 'gives charges away'}. Make a new rule."
    return [Blocker("rule_of_another_sort", message)]


def _all_days_blockers(rule: AttributionRule) -> list[Blocker]:
    if not rule.is_of_purpose:
        return []
    return [Blocker("purpose_days", f"Rule {rule.number} says what charges are for, on all days. Undo it instead.")]


def _beginning(draft: RuleDraft, from_on: date) -> RuleDraft:
    return RuleDraft(**{**vars(draft), "starts_on": from_on})


def _open_place(rest: list[AttributionRule], place: int, moving: list[AttributionRule]) -> None:
    """Give a rule a position between its new neighbours; where there is no room, spread those behind it apart."""
    low = rest[place - 1].position if place else -1
    high = rest[place].position if place < len(rest) else low + 2 * STEP
    if high - low >= 2:
        position = (low + high) // 2
        spread: list[AttributionRule] = []
    else:
        position, spread = low + 1, []
        for row in rest[place:]:
            least = (spread[-1].position if spread else position) + 1
            if row.position >= least:
                break
            row.position = least
            spread.append(row)
    for row in moving:
        row.position = position
    AttributionRule.objects.bulk_update([*moving, *spread], ["position"])


def _places_of(drafts: Sequence[RuleDraft]) -> list[int]:
    """Return the positions at which new rules stand: where their drafts say, or behind the others of their kind."""
    standing = AttributionRule.objects.in_force().filter(_is_among_its_kind({draft.kind for draft in drafts}))
    last = dict(standing.order_by().values_list("kind").annotate(last=Max("position")))
    places = []
    for draft in drafts:
        least = PRECEDENCE[draft.kind]
        place = last.get(draft.kind, least) if draft.position is None else draft.position
        if least <= place < least + STEP:
            last[draft.kind] = max(place, last.get(draft.kind, least))
        places.append(place)
    return places


def _is_among_its_kind(kinds: set[str]) -> Q:
    """Choose rules of some kinds that nobody moved away from the others of their kind."""
    chosen = Q()
    for kind in kinds:
        chosen |= Q(kind=kind, position__gte=PRECEDENCE[kind], position__lt=PRECEDENCE[kind] + STEP)
    return chosen


def _version(draft: RuleDraft, number: int, version: int, by: User, at: datetime, position: int) -> AttributionRule:
    return AttributionRule(
        number=number,
        version=version,
        kind=draft.kind,
        position=position,
        tag_key=comparable_key(draft.tag_key) if draft.kind == RuleKind.TAG else "",
        value=draft.value.strip() if draft.kind != RuleKind.CHARGE else "",
        cost_key=draft.cost_key if draft.kind == RuleKind.CHARGE else None,
        source=draft.source,
        basis=draft.basis,
        initiative=draft.initiative if draft.basis == Basis.WHOLE else None,
        purpose=draft.purpose,
        **_detail_columns(draft),
        starts_on=draft.starts_on,
        ends_on=draft.ends_on,
        note=draft.note.strip(),
        made_by=by,
        made_at=at,
    )


def _keep_versions(rules: Sequence[AttributionRule], drafts: Sequence[RuleDraft]) -> None:
    """Keep new versions, and who takes part where they split."""
    AttributionRule.objects.bulk_create(rules)
    RuleShare.objects.bulk_create(
        RuleShare(
            rule=rule,
            ordinal=ordinal,
            initiative=share.initiative,
            percent=share.percent if draft.basis == Basis.FIXED else None,
        )
        for rule, draft in zip(rules, drafts, strict=True)
        if draft.basis not in {Basis.WHOLE, Basis.PURPOSE}
        for ordinal, share in enumerate(draft.shares)
    )


def _detail_columns(draft: RuleDraft) -> dict[str, Any]:
    if draft.basis != Basis.DETAIL or draft.detail is None:
        return {}
    detail = draft.detail
    return {
        "detail": detail.log,
        "detail_provider": detail.provider.strip(),
        "detail_by_month": detail.by_month,
        "detail_by_model": detail.by_model,
        "detail_account": detail.account,
    }


def _shares_of(draft: RuleDraft) -> dict[str, object]:
    if draft.basis == Basis.WHOLE:
        return {}
    if draft.basis == Basis.PURPOSE:
        return {"purpose": draft.purpose}
    if draft.basis == Basis.DETAIL:
        return {"basis": draft.basis, **_detail_columns(draft), "detail": str(draft.detail.log) if draft.detail else ""}
    return {"basis": draft.basis, "shares": [[share.initiative.key, share.percent] for share in draft.shares]}
