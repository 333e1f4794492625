"""What waits for finance: releases and freezes; and the envelopes with what they can still give."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from projects.conditions.models import Blocks, Condition
from projects.funding import rules
from projects.funding.models import Envelope, Freeze, Tranche
from projects.funding.selectors.headrooms import headroom


@dataclass(frozen=True)
class Release:
    """A tranche that waits, with its open conditions and whether a second person must sign."""

    tranche: Tranche
    open_conditions: int
    is_too_late: bool

    @property
    def waits_for(self) -> str:
        """Say in words what the release waits for."""
        if self.is_too_late:
            return "Its last day is over"
        if self.open_conditions:
            return f"{self.open_conditions} open condition{'s' if self.open_conditions > 1 else ''}"
        if self.tranche.needs_two and not self.tranche.first_released_by_id:
            return "Two signatures"
        return "A second signature" if self.tranche.needs_two else "Release"

    @property
    def is_ready(self) -> bool:
        """Say whether somebody may act on it now."""
        return not self.is_too_late and not self.open_conditions


@dataclass(frozen=True)
class EnvelopeRow:
    """An envelope with its sum and its depth below the top."""

    envelope: Envelope
    room: rules.Headroom
    depth: int

    @property
    def used_ratio(self) -> Decimal | None:
        """Return the share given away, or None for an envelope without money."""
        return None if not self.room.envelope else 1 - self.room.left / self.room.envelope


def release_queue(*, on: date) -> list[Release]:
    """Return the tranches that await release, the earliest last day first; two queries."""
    tranches = Tranche.objects.awaiting().select_related("initiative", "milestone", "first_released_by")
    rows = list(tranches.order_by("valid_release_until", "pk"))
    blocking = Condition.objects.open().filter(
        blocks=Blocks.RELEASE, initiative_id__in=[row.initiative_id for row in rows]
    )
    keys = list(blocking.values_list("initiative_id", "decision_reference"))
    return [
        Release(
            row,
            keys.count((row.initiative_id, row.decision_reference)),
            row.valid_release_until is not None and on > row.valid_release_until,
        )
        for row in rows
    ]


def open_freezes() -> list[Freeze]:
    """Return the freezes that stand, the oldest first."""
    rows = Freeze.objects.filter(lifted_at__isnull=True)
    return list(rows.select_related("tranche__initiative", "frozen_by", "first_lifted_by"))


def envelope_rows(*, on: date) -> list[EnvelopeRow]:
    """Return every envelope below its parent, the newest period first, with its headroom on a day."""
    children: dict[int | None, list[Envelope]] = {}
    for envelope in Envelope.objects.select_related("parent").order_by("-starts_on", "name"):
        children.setdefault(envelope.parent_id, []).append(envelope)

    def below(parent_id: int | None, depth: int) -> list[EnvelopeRow]:
        return [
            row
            for envelope in children.get(parent_id, [])
            for row in [EnvelopeRow(envelope, headroom(envelope, on=on), depth), *below(envelope.pk, depth + 1)]
        ]

    return below(None, 0)
