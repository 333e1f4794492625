"""What every page of a pack stands on: the meeting as it was frozen."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from council.decisions.selectors import policy_of_meeting
from council.meetings.models import AgendaItem, ItemState, Meeting
from council.portfolio.rules import Line
from council.portfolio.selectors import company_envelope, lines
from projects.audit.models import AuditEvent
from projects.funding.models import Envelope
from projects.limits.rules import Policy
from projects.limits.selectors import policy_on
from projects.people.models import Organisation, User


@dataclass(frozen=True)
class Basis:
    """One meeting at its freeze. ``items`` are those of the copy; ``agenda`` counts those of the meeting."""

    meeting: Meeting
    organisation: Organisation
    policy: Policy
    frozen_at: datetime
    items: tuple[AgendaItem, ...]
    agenda: int
    left_out: tuple[int, ...]
    hidden: frozenset[int]
    lines: tuple[Line, ...]
    envelope: tuple[Envelope, Decimal, Decimal] | None
    heads: list[dict[str, str]]

    @property
    def on(self) -> date:
        """Return the day at whose end figures were taken."""
        return self.frozen_at.date()

    @property
    def currency(self) -> str:
        """Return the organisation's currency."""
        return self.organisation.currency

    def line(self, initiative_id: int) -> Line:
        """Return an initiative's line of the portfolio."""
        return next(line for line in self.lines if line.pk == initiative_id)

    def local(self, moment: datetime) -> datetime:
        """Return a moment in the organisation's time zone."""
        return moment.astimezone(ZoneInfo(self.organisation.time_zone))


def basis_of(meeting: Meeting, *, reader: User, left_out: list[int]) -> Basis:
    """Gather what the pages of a frozen meeting share; items that the reader does not get are left out of it."""
    assert meeting.frozen_at is not None
    on = meeting.frozen_at.date()
    organisation = Organisation.objects.first() or Organisation(name="Organisation")
    rows = list(_items(meeting))
    policy = policy_of_meeting(rows[0], meeting.frozen_at) if rows else policy_on(on)
    shown = tuple(item for item in rows if item.number not in left_out)
    hidden = frozenset(item.initiative_id for item in rows if item.number in left_out)
    return Basis(
        meeting=meeting,
        organisation=organisation,
        policy=policy,
        frozen_at=meeting.frozen_at,
        items=shown,
        agenda=len(rows),
        left_out=tuple(left_out),
        hidden=hidden - {item.initiative_id for item in shown},
        lines=tuple(lines(reader, on=on, policy=policy)),
        envelope=company_envelope(on=on, currency=organisation.currency),
        heads=_heads(meeting, shown),
    )


def _items(meeting: Meeting) -> list[AgendaItem]:
    rows = meeting.items.exclude(state=ItemState.POSTPONED).order_by("number")
    related = ("initiative__business_owner", "initiative__sponsor", "initiative__team__parent")
    return list(rows.select_related("meeting", "gate_request", "escalation", *related))


def _heads(meeting: Meeting, items: tuple[AgendaItem, ...]) -> list[dict[str, str]]:
    """Return the last event of the meeting's and of each item's stream when the freeze was recorded."""
    streams = [meeting.audit_stream, *dict.fromkeys(item.initiative.audit_stream for item in items)]
    freeze = AuditEvent.objects.filter(stream=meeting.audit_stream, verb="meeting.frozen").order_by("-pk").first()
    if freeze is None:
        return []
    events = AuditEvent.objects.filter(stream__in=streams, pk__lte=freeze.pk).order_by("stream", "-sequence")
    found = {event.stream: event for event in events.distinct("stream")}
    return [
        {"stream": f"{name}, event {found[name].sequence}", "hash": found[name].hash}
        for name in streams
        if name in found
    ]
