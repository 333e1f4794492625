"""Which envelope pays for an initiative, and what it still has."""

from datetime import date
from decimal import Decimal

from projects.funding.choices import EnvelopeKind
from projects.funding.models import Envelope
from projects.funding.selectors import headroom, levels
from projects.initiatives.models import Initiative


def paying_envelope(initiative: Initiative, *, on: date) -> Envelope | None:
    """Return the lowest envelope of the initiative's currency whose period holds a day; never the sandbox's."""
    rows = Envelope.objects.filter(currency=initiative.currency, starts_on__lte=on, ends_on__gt=on)
    found = list(rows.exclude(kind=EnvelopeKind.SANDBOX).select_related("parent").order_by("name"))
    return max(found, key=lambda envelope: len(levels(envelope)), default=None)


def headroom_left(initiative: Initiative, *, on: date) -> Decimal | None:
    """Return what the paying envelope and each level above it can still give; None where there is no envelope."""
    envelope = paying_envelope(initiative, on=on)
    if envelope is None:
        return None
    return min(headroom(level, on=on).left for level in levels(envelope))
