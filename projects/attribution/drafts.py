"""What a rule is asked to be before it is made, and why it could not do what it says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from projects.attribution.models import OVERRIDES, UNCLASSIFIED, Basis, DetailAccount, Purpose, RuleKind
from projects.attribution.rules import MOST_SHARES, fixed_share_blockers
from projects.common.outcomes import Blocker
from projects.initiatives.choices import Condition
from projects.initiatives.models import Initiative
from projects.sources.models import CostKey, Source, SourceRole
from projects.sources.tags import comparable_key


@dataclass(frozen=True)
class ShareDraft:
    """One participant of a split, with its percent where shares are fixed."""

    initiative: Initiative
    percent: Decimal | None = None


@dataclass(frozen=True)
class DetailDraft:
    """Which log splits a bill, and what has to agree: provider as the log writes it, day or month, model, account."""

    log: Source
    provider: str = ""
    by_month: bool = False
    by_model: bool = False
    account: str = DetailAccount.ANY


@dataclass(frozen=True)
class RuleDraft:
    """What a rule compares, on which charge days, and whose the charge is, one initiative's or several by shares.

    A rule of purpose says what the charge is for instead, on all days, and gives it to nobody.
    """

    kind: str
    value: str = ""
    initiative: Initiative | None = None
    tag_key: str = ""
    source: Source | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    note: str = ""
    position: int | None = None
    basis: str = Basis.WHOLE
    shares: Sequence[ShareDraft] = ()
    cost_key: CostKey | None = None
    detail: DetailDraft | None = None
    purpose: str = ""

    @property
    def receivers(self) -> list[Initiative]:
        """Return every initiative that the rule gives to."""
        if self.basis != Basis.WHOLE:
            return [share.initiative for share in self.shares]
        return [self.initiative] if self.initiative else []


def rule_blockers(draft: RuleDraft) -> list[Blocker]:
    """Say why a rule could not do what it says."""
    blockers = []
    if draft.kind not in RuleKind.values or draft.kind == RuleKind.INITIATIVE_TAG:
        blockers.append(Blocker("rule_kind", f"There is no rule of the kind {draft.kind}."))
    if draft.kind == RuleKind.CHARGE:
        if draft.cost_key is None:
            blockers.append(Blocker("rule_charge", "Name the charge."))
    elif not draft.value.strip() or len(draft.value) > 500:
        blockers.append(Blocker("rule_value", "Say what the charge must have, in at most 500 characters."))
    if draft.kind == RuleKind.TAG and not comparable_key(draft.tag_key):
        blockers.append(Blocker("rule_tag", "Name the tag's key."))
    if draft.kind in {RuleKind.SERVICE, RuleKind.RESOURCE_PREFIX} and not draft.value.replace("*", "").strip():
        blockers.append(
            Blocker("rule_takes_all", "This would take every charge. Name part of the service or resource.")
        )
    if draft.starts_on and draft.ends_on and draft.ends_on <= draft.starts_on:
        blockers.append(Blocker("rule_days", "The rule ends before it begins. Correct one of the two days."))
    return blockers + (_purpose_blockers(draft) if draft.basis == Basis.PURPOSE else _receiver_blockers(draft))


def _purpose_blockers(draft: RuleDraft) -> list[Blocker]:
    """Say why a rule could not say what charges are for: one known purpose, on all days, to nobody."""
    blockers = []
    if draft.purpose not in Purpose.values or draft.purpose == UNCLASSIFIED:
        blockers.append(
            Blocker("purpose_unknown", "Say what the charges are for: training, inference or another purpose.")
        )
    if draft.kind == RuleKind.CHARGE:
        blockers.append(Blocker("rule_kind", "Name a resource, a tag or something else that the charges share."))
    if draft.receivers:
        blockers.append(
            Blocker("purpose_receivers", "A rule of purpose gives charges to nobody. Leave the receivers empty.")
        )
    if draft.starts_on or draft.ends_on:
        blockers.append(Blocker("purpose_days", "A rule of purpose holds on all days. Leave its days empty."))
    return blockers


def _receiver_blockers(draft: RuleDraft) -> list[Blocker]:
    receivers = draft.receivers
    closed = [
        Blocker("initiative_closed", f"{receiver.key} is closed and takes no more charges.")
        for receiver in receivers
        if receiver.condition == Condition.CLOSED
    ]
    if draft.purpose:
        return [Blocker("purpose_beside", "A rule gives charges to an initiative or says what they are for, not both.")]
    if draft.basis not in Basis.values:
        return [Blocker("rule_basis", f"Charges cannot be shared by {draft.basis}.")]
    if draft.basis == Basis.DETAIL:
        return _detail_blockers(draft)
    if draft.basis == Basis.WHOLE:
        return closed if receivers else [Blocker("rule_receiver", "Name the initiative that receives the charges.")]
    if not 2 <= len(receivers) <= MOST_SHARES or len({receiver.pk for receiver in receivers}) < len(receivers):
        return [*closed, Blocker("rule_shares", f"Name 2 to {MOST_SHARES} different initiatives that share.")]
    if draft.basis == Basis.FIXED:
        return closed + fixed_share_blockers([share.percent for share in draft.shares])
    return closed


def _detail_blockers(draft: RuleDraft) -> list[Blocker]:
    """Say why a rule could not split by gateway detail: a log splits one bill, and names by hand are no rules."""
    if draft.detail is None or draft.detail.log.role != SourceRole.DETAIL:
        return [Blocker("detail_missing", "Name the log that splits the charges: a source whose role is detail.")]
    blockers = []
    if draft.source is None or draft.source.role != SourceRole.FACT:
        blockers.append(
            Blocker("detail_needs_a_bill", "Name the source of the bill: a log splits the charges of one bill.")
        )
    if draft.kind in OVERRIDES:
        blockers.append(Blocker("detail_by_name", "A person gives charges to an initiative by name, not to a log."))
    if draft.detail.account not in DetailAccount.values:
        blockers.append(Blocker("detail_account", f"Accounts cannot agree by {draft.detail.account}."))
    if draft.receivers:
        blockers.append(Blocker("detail_receivers", "The log says who receives. Leave the receivers empty."))
    return blockers
