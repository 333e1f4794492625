"""Say rules and changes of rules in words."""

from collections.abc import Sequence
from datetime import date

from projects.attribution.drafts import DetailDraft, RuleDraft, ShareDraft
from projects.attribution.models import AttributionRule, Basis, DetailAccount, Purpose, RuleKind
from projects.attribution.purposes import TAG
from projects.common import formats
from projects.rulebook.models import Act

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
        return f"New rule: {_draft_words(draft)}" if draft else "New rule"
    name = f"Rule {rule.number}"
    if act == Act.CHANGE and draft:
        return f"{name} changes{since}: {_draft_words(draft)}"
    if act == Act.END:
        return f"{name} ends on {formats.on_day(from_on) if from_on else ''}: {_rule_words(rule)}"
    if act == Act.MOVE:
        return f"{name} takes another place: {_rule_words(rule)}"
    return f"{name} is undone: {_rule_words(rule)}"


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
    return f"{takes_words(draft.kind, draft.tag_key, draft.value)} to {receivers}"


def _share_words(share: ShareDraft) -> str:
    return share.initiative.key if share.percent is None else f"{share.initiative.key} {share.percent:f}%"
