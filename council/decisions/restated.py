"""Decisions and escalations that stand on figures which today's deliveries would not give."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.urls import reverse

from council.decisions.models import Decision
from council.escalations.models import Escalation
from projects.funding.selectors import first_release_days
from projects.funding.selectors.positions import spent_between
from projects.initiatives.models import Initiative
from projects.sources.models import Delivery
from projects.spend.restatements import Frozen

MOST_DAYS = 24


@dataclass(frozen=True)
class _Kept:
    """What somebody froze: spent of one initiative at the end of a day."""

    initiative_id: int
    on: date
    spent: Decimal
    kind: str
    key: str
    url: str
    what: str
    currency: str


def frozen_figures(delivery: Delivery, initiative_keys: Sequence[str]) -> list[Frozen]:
    """Return what was decided or raised about initiatives before a delivery, where spent would differ now.

    A few queries a day on which something was frozen, the newest days only; nothing is changed.
    """
    initiatives = Initiative.objects.filter(key__in=initiative_keys).in_bulk()
    kept = [*_decisions(initiatives, delivery.imported_at), *_escalations(initiatives, delivery.imported_at)]
    firsts = first_release_days(initiatives, on=delivery.imported_at.date())
    found = []
    for line, now in _with_spent(kept, firsts):
        if now != line.spent:
            found.append(Frozen(line.kind, line.key, line.url, line.what, line.spent, now, line.currency))
    return found


def _with_spent(kept: Sequence[_Kept], firsts: dict[int, date]) -> Iterator[tuple[_Kept, Decimal]]:
    """Pair what was kept with what is spent to the same day now; one reading of the rollups a day, of few days."""
    for on in sorted({line.on for line in kept}, reverse=True)[:MOST_DAYS]:
        lines = [line for line in kept if line.on == on]
        since = {line.initiative_id: firsts[line.initiative_id] for line in lines if line.initiative_id in firsts}
        spent = spent_between(since, on)
        yield from ((line, spent.get(line.initiative_id, Decimal(0))) for line in lines)


def _decisions(initiatives: dict[int, Initiative], before: datetime) -> list[_Kept]:
    rows = Decision.objects.filter(initiative__in=list(initiatives), item__isnull=False, decided_at__lt=before)
    return [
        _Kept(
            row.initiative_id,
            _day(row.item.snapshot["frozen_at"]),
            Decimal(row.item.snapshot["spent"]),
            "Decision",
            row.reference,
            reverse("council:initiative-tab", args=[initiatives[row.initiative_id].key, "gates"]),
            f"{row.get_outcome_display()} for {initiatives[row.initiative_id].name}, on spent to the pack's freeze",
            row.item.snapshot.get("currency") or row.currency,
        )
        for row in rows.select_related("item").order_by("-decided_at")
        if row.item is not None and {"spent", "frozen_at"} <= row.item.snapshot.keys()
    ]


def _escalations(initiatives: dict[int, Initiative], before: datetime) -> list[_Kept]:
    rows = Escalation.objects.filter(initiative__in=list(initiatives), rule="over_budget", raised_at__lt=before)
    kept = []
    for row in rows.order_by("-raised_at"):
        figures: dict[str, Any] = row.decided_figures or row.figures
        if "spent" not in figures:
            continue
        initiative = initiatives[row.initiative_id]
        what = f"{row.get_rule_display()}, {initiative.name}, {row.get_state_display().lower()}"
        url = reverse("council:escalation", args=[row.key])
        kept.append(
            _Kept(
                row.initiative_id,
                row.evaluated_at.astimezone(UTC).date(),
                Decimal(figures["spent"]),
                "Escalation",
                row.key,
                url,
                what,
                figures.get("currency") or initiative.currency,
            )
        )
    return kept


def _day(moment: str) -> date:
    return datetime.fromisoformat(moment).astimezone(UTC).date()
