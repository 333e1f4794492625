"""One format: a draft of a rule as the database keeps it while nobody has kept the change."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from projects.attribution.drafts import DetailDraft, RuleDraft, ShareDraft
from projects.attribution.models import AttributionRule, Basis
from projects.initiatives.models import Initiative
from projects.sources.models import CostKey, Source


def write_draft(draft: RuleDraft) -> dict[str, Any]:
    """Return a draft as JSON."""
    return {
        "kind": draft.kind,
        "value": draft.value,
        "tag_key": draft.tag_key,
        "basis": draft.basis,
        "initiative": draft.initiative.key if draft.initiative else None,
        "shares": [
            [share.initiative.key, None if share.percent is None else f"{share.percent:f}"] for share in draft.shares
        ],
        "source": draft.source.pk if draft.source else None,
        "cost_key": draft.cost_key.pk if draft.cost_key else None,
        "starts_on": draft.starts_on.isoformat() if draft.starts_on else None,
        "ends_on": draft.ends_on.isoformat() if draft.ends_on else None,
        "note": draft.note,
        "detail": _written_detail(draft.detail) if draft.detail else None,
        "purpose": draft.purpose,
    }


def read_draft(kept: dict[str, Any]) -> RuleDraft:
    """Return the draft that JSON holds."""
    return read_drafts([kept])[0]


def read_drafts(kept: Sequence[dict[str, Any]]) -> list[RuleDraft]:
    """Return the drafts that JSON holds; at most three queries, however many they are."""
    named = {key for one in kept for key in (one["initiative"], *(key for key, _ in one["shares"])) if key}
    logs = {one["detail"]["log"] for one in kept if one.get("detail")}
    sources = Source.objects.in_bulk(logs | {one["source"] for one in kept if one["source"]})
    charges = CostKey.objects.in_bulk({one["cost_key"] for one in kept if one["cost_key"]})
    known = {row.key: row for row in Initiative.objects.filter(key__in=named)}
    return [_draft(one, known, sources, charges) for one in kept]


def draft_of(rule: AttributionRule) -> RuleDraft:
    """Return what a rule says as a draft."""
    shares = () if rule.basis in {Basis.WHOLE, Basis.PURPOSE} else rule.shares.select_related("initiative")
    return RuleDraft(
        kind=rule.kind,
        value=rule.value,
        tag_key=rule.tag_key,
        basis=rule.basis,
        initiative=rule.initiative,
        shares=tuple(ShareDraft(share.initiative, share.percent) for share in shares),
        source=rule.source,
        cost_key=rule.cost_key,
        starts_on=rule.starts_on,
        ends_on=rule.ends_on,
        note=rule.note,
        detail=_detail_of(rule),
        purpose=rule.purpose,
    )


def _written_detail(detail: DetailDraft) -> dict[str, Any]:
    return {**vars(detail), "log": detail.log.pk}


def _draft(
    kept: dict[str, Any], known: dict[str, Initiative], sources: dict[int, Source], charges: dict[int, CostKey]
) -> RuleDraft:
    detail = kept.get("detail")
    return RuleDraft(
        kind=kept["kind"],
        value=kept["value"],
        tag_key=kept["tag_key"],
        basis=kept["basis"],
        initiative=known[kept["initiative"]] if kept["initiative"] else None,
        shares=tuple(
            ShareDraft(known[key], None if percent is None else Decimal(percent)) for key, percent in kept["shares"]
        ),
        source=sources[kept["source"]] if kept["source"] else None,
        cost_key=charges[kept["cost_key"]] if kept["cost_key"] else None,
        starts_on=date.fromisoformat(kept["starts_on"]) if kept["starts_on"] else None,
        ends_on=date.fromisoformat(kept["ends_on"]) if kept["ends_on"] else None,
        note=kept["note"],
        detail=DetailDraft(**{**detail, "log": sources[detail["log"]]}) if detail else None,
        purpose=kept.get("purpose", ""),
    )


def _detail_of(rule: AttributionRule) -> DetailDraft | None:
    if rule.detail is None:
        return None
    return DetailDraft(
        rule.detail, rule.detail_provider, rule.detail_by_month, rule.detail_by_model, rule.detail_account
    )
