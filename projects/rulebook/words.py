"""Say rules and changes of rules in words."""

from collections.abc import Sequence
from datetime import date, timedelta

from projects.attribution.drafts import DetailDraft, RuleDraft, ShareDraft
from projects.attribution.models import OVERRIDES, AttributionRule, Basis, DetailAccount, Purpose, RuleKind
from projects.attribution.purposes import TAG
from projects.common import formats
from projects.rulebook.models import Act
from projects.sources.models import CostKey

TAKES = {
    RuleKind.CHARGE: "Charges exactly like one",
    RuleKind.RESOURCE: "Resource",
    RuleKind.INITIATIVE_TAG: "A tag named initiative that holds the key of one",
    RuleKind.TAG: "Tag",
    RuleKind.RESOURCE_PREFIX: "Resources that begin with",
    RuleKind.SUB_ACCOUNT: "Sub-account",
    RuleKind.COST_CENTRE: "Cost centre",
    RuleKind.BILLING_ACCOUNT: "Billing account or API key",
    RuleKind.SERVICE: "Service or model",
}


def takes_words(kind: str, tag_key: str, value: str) -> str:
    """Say what a rule takes."""
    what = TAKES[RuleKind(kind)]
    if kind == RuleKind.TAG:
        return f"{what} {tag_key} = {value}"
    return f"{what} {value}".strip()


def purpose_words(purpose: str) -> str:
    """Name a purpose."""
    return str(Purpose(purpose).label)


def columns_words(columns: Sequence[str]) -> str:
    """Name the columns and tags at which a rule that comes with the product looks."""
    named = (f"tag {column.removeprefix(TAG)}" if column.startswith(TAG) else column for column in columns)
    words = ", ".join(named).replace("sku_meter", "SKU meter").replace("_", " ")
    return words[0].upper() + words[1:]


def change_words(
    act: str,
    rule: AttributionRule | None,
    draft: RuleDraft | None,
    from_on: date | None,
    claims: Sequence[RuleDraft] = (),
) -> str:
    """Say a change in one sentence."""
    since = f" from {formats.on_day(from_on)}" if from_on else ""
    if act == Act.CLAIM:
        return f"{formats.counted(len(claims), 'new rule')}: {'; '.join(map(_draft_words, claims))}"
    if rule is None:
        made = "Override" if draft and draft.kind in OVERRIDES else "New rule"
        return f"{made}: {_draft_words(draft)}" if draft else made
    name = f"Rule {rule.number}"
    if act == Act.CHANGE and draft:
        return f"{name} changes{since}: {_draft_words(draft)}"
    if act == Act.END:
        return f"{name} ends on {formats.on_day(from_on) if from_on else ''}: {_rule_words(rule)}"
    if act == Act.MOVE:
        return f"{name} takes another place: {_rule_words(rule)}"
    return f"{name} is undone: {_rule_words(rule)}"


def days_words(starts_on: date | None, ends_on: date | None) -> str:
    """Say on which charge days something holds, by its first and its last one: always, on 25 Nov 2026, to 25 Nov 2026."""
    last = ends_on - timedelta(days=1) if ends_on else None
    if starts_on and starts_on == last:
        return f"on {formats.on_day(starts_on)}"
    said = [f"from {formats.on_day(starts_on)}"] if starts_on else []
    said += [f"to {formats.on_day(last)}"] if last else []
    return " ".join(said) or "always"


def charges_like(key: CostKey) -> str:
    """Name what a charge is of: its service, and its resource or sub-account."""
    group = key.group
    parts = (group.service_name, key.resource_id or group.sub_account_name or group.sub_account_id)
    return ", ".join(part for part in parts if part)


def _rule_words(rule: AttributionRule) -> str:
    return takes_words(rule.kind, rule.tag_key, rule.value)


def detail_words(detail: DetailDraft) -> str:
    """Say which log splits charges, and what has to agree."""
    provider = f" of {detail.provider}" if detail.provider else ""
    model = " and model by model" if detail.by_model else ""
    account = f", {DetailAccount(detail.account).label.lower()}" if detail.account else ""
    return f"whom {detail.log} names{provider}, {'month by month' if detail.by_month else 'day by day'}{model}{account}"


def _draft_words(draft: RuleDraft) -> str:
    if draft.basis == Basis.PURPOSE:
        purpose = Purpose(draft.purpose).label.lower()
        return f"{takes_words(draft.kind, draft.tag_key, draft.value)} is for {purpose}"
    if draft.detail:
        return f"{takes_words(draft.kind, draft.tag_key, draft.value)} to {detail_words(draft.detail)}"
    if draft.basis == Basis.WHOLE:
        receivers = draft.initiative.key if draft.initiative else "nobody"
    else:
        receivers = ", ".join(_share_words(share) for share in draft.shares)
    if draft.cost_key:
        days = f" {days_words(draft.starts_on, draft.ends_on)}" if draft.starts_on or draft.ends_on else ""
        return f"{takes_words(draft.kind, '', charges_like(draft.cost_key))}{days} to {receivers}"
    return f"{takes_words(draft.kind, draft.tag_key, draft.value)} to {receivers}"


def _share_words(share: ShareDraft) -> str:
    return share.initiative.key if share.percent is None else f"{share.initiative.key} {share.percent:f}%"
