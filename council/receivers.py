"""This fact in projects → that sweep or service of the council. A message after commit only says "look now"."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.dispatch import receiver

from council.decisions.services import (
    decide_in_the_sandbox,
    list_for_ratification,
    record_restated,
    refuse_unratified,
)
from council.escalations.tasks import sweep_initiatives
from council.meetings.models import Meeting
from council.signals import agenda_built, meeting_adjourned
from projects import signals
from projects.gates.models import GateRequest
from projects.people.models import User
from projects.spend.missing_rates import initiatives_converted_at


def _sweep(initiative_ids: Iterable[int]) -> None:
    ids = sorted(set(initiative_ids))
    if ids:
        sweep_initiatives.delay_on_commit(initiative_ids=ids)


@receiver(signals.costs_imported)
def figures_restated(delivery: Any, at: datetime, **kwargs: Any) -> None:
    """A delivery replaced figures on which escalations stand."""
    record_restated(delivery=delivery, at=at)


@receiver(signals.costs_imported)
@receiver(signals.spend_reattributed)
def spend_moved(initiative_ids: Iterable[int], **kwargs: Any) -> None:
    """Spend of these initiatives moved."""
    _sweep(initiative_ids)


@receiver(signals.rates_changed)
def rates_moved(places: Sequence[tuple[date, str]], **kwargs: Any) -> None:
    """Spend in these months and currencies is worth something else, or known at last."""
    _sweep(initiatives_converted_at(places))


@receiver(signals.portfolio_imported)
def initiatives_came(initiative_ids: Iterable[int], **kwargs: Any) -> None:
    """Initiatives came with milestones and money of their own."""
    _sweep(initiative_ids)


@receiver(signals.tranche_released)
@receiver(signals.tranche_ended)
def money_moved(tranche: Any, **kwargs: Any) -> None:
    """Approved money moved."""
    _sweep([tranche.initiative_id])


@receiver(signals.milestone_accepted)
@receiver(signals.milestone_baselined)
def milestone_moved(milestone: Any, **kwargs: Any) -> None:
    """A milestone was accepted or given a date."""
    _sweep([milestone.initiative_id])


@receiver(signals.quality_reading_recorded)
def quality_read(initiative_id: int, **kwargs: Any) -> None:
    """A quality gate was read."""
    _sweep([initiative_id])


@receiver(signals.gate_request_delegated)
def nobody_has_to_meet(gate: GateRequest, at: datetime, **kwargs: Any) -> None:
    """A request needs no review: the sandbox's is decided at once, another waits for its two signatures or the chair."""
    decide_in_the_sandbox(gate_request_id=gate.pk, at=at)


@receiver(agenda_built)
def actions_to_ratify(meeting: Meeting, by: User, at: datetime, **kwargs: Any) -> None:
    """An agenda was built: the chair's actions since the last meeting stand on it."""
    list_for_ratification(meeting_id=meeting.pk, by=by, at=at)


@receiver(meeting_adjourned)
def actions_not_ratified(meeting: Meeting, by: User, at: datetime, **kwargs: Any) -> None:
    """A meeting ended: what it should have ratified and did not is undone."""
    refuse_unratified(meeting_id=meeting.pk, by=by, at=at)
