"""Decisions, requests and escalations that stand on figures which today's deliveries would not give."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.urls import reverse

from council.decisions.models import Decision
from council.escalations.models import Escalation, EscalationQuerySet
from projects.audit.models import AuditEvent
from projects.funding.models import Tranche
from projects.funding.selectors import first_release_days, funded_spans
from projects.gates.models import FrozenInputs
from projects.initiatives.models import Initiative
from projects.limits.rules import Policy
from projects.limits.selectors import policies_on
from projects.sources.models import Delivery
from projects.spend.courses import Window, spent_in_windows
from projects.spend.restatements import Frozen

UNFUNDED_DAYS = timedelta(days=29)  # the days before the last one of a rolling window of thirty
ONE_DAY = timedelta(days=1)
ESCALATION = "Escalation"
# Which figure each rule about money keeps; a forecast is no sum of charges, so it cannot be worked out again.
FIGURE = {"over_budget": "spent", "tranche_overspent": "cost", "unfunded_spend": "unfunded"}


@dataclass(frozen=True)
class _Kept:
    """What somebody froze: a sum of one initiative's charges to the end of a day, all or of one tranche's days."""

    initiative: Initiative
    on: date
    spent: Decimal
    kind: str
    key: str
    url: str
    what: str
    currency: str
    rule: str = "over_budget"
    tranche: str = ""


@dataclass(frozen=True)
class _Law:
    """What tells the days that a figure counts: first releases, tranches, the policy of each day."""

    firsts: Mapping[int, date]
    tranches: Sequence[Tranche]
    policies: Mapping[date, Policy]

    def window(self, line: _Kept) -> Window | None:
        """Return the days whose charges a figure adds up; None where no money was ever released for them."""
        policy = self.policies[line.on]
        if line.rule == "unfunded_spend":
            return Window(line.initiative.pk, line.on - UNFUNDED_DAYS, line.on, is_budget=False)
        first, last = self.firsts.get(line.initiative.pk), line.on
        if line.rule == "tranche_overspent" or line.tranche or self._is_by_tranche(line, policy):
            tranche = self._tranche(line)
            if tranche is not None:
                first, last = tranche.starts_on, min(last, tranche.ends_on - ONE_DAY)
        return None if first is None or first > last else Window(line.initiative.pk, first, last, policy.counts_tax)

    def _is_by_tranche(self, line: _Kept, policy: Policy) -> bool:
        return line.kind == ESCALATION and policy.text("over_budget_basis") == "tranche"

    def _tranche(self, line: _Kept) -> Tranche | None:
        own = [row for row in self.tranches if row.initiative_id == line.initiative.pk]
        if line.tranche:
            return next((row for row in own if row.label == line.tranche), None)
        return next((row for row in own if row.starts_on <= line.on < row.ends_on), None)


def frozen_figures(delivery: Delivery, initiative_keys: Sequence[str]) -> list[Frozen]:
    """Return whatever was decided, asked or raised about initiatives before a delivery on a sum that would differ now.

    All of it however long ago, in a fixed number of queries; nothing is changed. An escalation that was told with new
    figures since is held against those that the delivery found.
    """
    initiatives = Initiative.objects.filter(key__in=initiative_keys).in_bulk()
    before = delivery.imported_at
    raised = list(_raised(before).filter(initiative__in=list(initiatives)).order_by("-raised_at"))
    kept = [*_decisions(initiatives, before), *_requests(initiatives, before), *_escalations(raised, initiatives)]
    found = _differing_now(kept, initiatives, before)
    named = {line.key for line in found if line.kind == ESCALATION}
    return [*found, *_told_since(delivery, [row for row in raised if row.key not in named], initiatives)]


def restated_escalations(delivery: Delivery) -> list[tuple[Escalation, Frozen]]:
    """Return the open escalations on a sum that a delivery has just changed, each with it; one query where none is open."""
    keys = {line["initiative"] for line in delivery.moved if line["initiative"]}
    if not keys:
        return []
    rows = _raised(delivery.imported_at).open().filter(initiative__key__in=keys)
    raised = list(rows.select_related("initiative").order_by("pk"))
    initiatives = {row.initiative_id: row.initiative for row in raised}
    found = _differing_now(_escalations(raised, initiatives), initiatives, delivery.imported_at)
    by_key = {line.key: line for line in found}
    return [(row, by_key[row.key]) for row in raised if row.key in by_key]


def _differing_now(kept: Sequence[_Kept], initiatives: dict[int, Initiative], before: datetime) -> list[Frozen]:
    if not kept:
        return []
    law = _Law(
        firsts=first_release_days(initiatives, on=before.date()),
        tranches=list(Tranche.objects.filter(initiative__in=list(initiatives), released_at__isnull=False)),
        policies=policies_on({line.on for line in kept}),
    )
    windows = [(line, law.window(line)) for line in kept]
    asked = [window for _, window in windows if window is not None]
    funded = funded_spans(initiatives, on=before.date()) if asked else []
    sums = iter(spent_in_windows(asked, funded=funded) if asked else [])
    found = [(line, Decimal(0) if window is None else next(sums)) for line, window in windows]
    return [_differing(line, now) for line, now in found if now != line.spent]


def _differing(line: _Kept, now: Decimal) -> Frozen:
    return Frozen(line.kind, line.key, line.url, line.what, line.spent, now, line.currency)


def _told_since(
    delivery: Delivery, raised: Sequence[Escalation], initiatives: Mapping[int, Initiative]
) -> list[Frozen]:
    """Return of some escalations those whose figures a delivery found, and which the next sweep told with other ones."""
    rows = {str(row.pk): row for row in raised}
    if not rows:
        return []
    events = AuditEvent.objects.filter(
        target_type=Escalation._meta.label_lower,
        target_id__in=list(rows),
        verb="escalation.restated",
        data__contains={"after": {"restated by": delivery.key}},
    )
    found = []
    for event in events.order_by("pk"):
        line, then = _kept(rows[event.target_id], initiatives), Decimal(event.data["before"]["figure"])
        if line is not None and line.spent != then:
            what = f"{line.what}, told with new figures since"
            found.append(Frozen(line.kind, line.key, line.url, what, then, line.spent, line.currency))
    return found


def _decisions(initiatives: dict[int, Initiative], before: datetime) -> Iterable[_Kept]:
    rows = Decision.objects.filter(initiative__in=list(initiatives), item__isnull=False, decided_at__lt=before)
    for row in rows.select_related("item").order_by("-decided_at"):
        if row.item is None or not {"spent", "frozen_at"} <= row.item.snapshot.keys():
            continue
        initiative = initiatives[row.initiative_id]
        yield _Kept(
            initiative,
            _day(row.item.snapshot["frozen_at"]),
            Decimal(row.item.snapshot["spent"]),
            "Decision",
            row.reference,
            reverse("council:initiative-tab", args=[initiative.key, "gates"]),
            f"{row.get_outcome_display()} for {initiative.name}, on spent to the pack's freeze",
            row.item.snapshot.get("currency") or row.currency,
        )


def _requests(initiatives: dict[int, Initiative], before: datetime) -> Iterable[_Kept]:
    rows = FrozenInputs.objects.filter(request__initiative__in=list(initiatives), computed_at__lt=before)
    for row in rows.select_related("request").order_by("request_id", "-round").distinct("request_id"):
        told: dict[str, Any] = row.inputs.get("spend", {})
        if told.get("spent") is None:
            continue
        initiative = initiatives[row.request.initiative_id]
        yield _Kept(
            initiative,
            row.computed_at.astimezone(UTC).date(),
            Decimal(str(told["spent"])),
            "Request",
            row.request.key,
            reverse("projects:request", args=[row.request.key]),
            f"{initiative.name}, inputs frozen when it was sent, {row.request.get_state_display().lower()}",
            told.get("currency") or initiative.currency,
        )


def _escalations(raised: Sequence[Escalation], initiatives: Mapping[int, Initiative]) -> list[_Kept]:
    return [line for row in raised if (line := _kept(row, initiatives)) is not None]


def _raised(before: datetime) -> EscalationQuerySet:
    return Escalation.objects.filter(rule__in=FIGURE, raised_at__lt=before)


def _kept(row: Escalation, initiatives: Mapping[int, Initiative]) -> _Kept | None:
    """Return the figure about money that an escalation keeps, as decided or as told last; None where it keeps none."""
    figures: dict[str, Any] = row.decided_figures or row.figures
    if FIGURE[row.rule] not in figures:
        return None
    initiative = initiatives[row.initiative_id]
    return _Kept(
        initiative,
        row.evaluated_at.astimezone(UTC).date(),
        Decimal(figures[FIGURE[row.rule]]),
        ESCALATION,
        row.key,
        reverse("council:escalation", args=[row.key]),
        f"{row.get_rule_display()}, {initiative.name}, {row.get_state_display().lower()}",
        figures.get("currency") or initiative.currency,
        row.rule,
        figures.get("tranche", ""),
    )


def _day(moment: str) -> date:
    return datetime.fromisoformat(moment).astimezone(UTC).date()
