"""Read and verify the record."""

from collections.abc import Collection
from datetime import datetime

from projects.audit.models import AuditEvent, AuditHead
from projects.audit.services import GENESIS, event_hash


def first_break(stream: str) -> int | None:
    """Return the first sequence of a stream whose link or hash is wrong or missing, or None when it is whole."""
    previous, expected = GENESIS, 1
    for event in AuditEvent.objects.filter(stream=stream).order_by("sequence").iterator():
        if event.sequence != expected or event.previous_hash != previous or event.hash != event_hash(event):
            return expected
        previous, expected = event.hash, expected + 1
    head = AuditHead.objects.filter(stream=stream).first()
    if head and (head.sequence, head.hash) != (expected - 1, previous):
        return expected
    return None


def fields_edited(stream: str, names: Collection[str]) -> dict[str, datetime]:
    """Return when each of some fields of an initiative was edited last; fields that nobody edited are absent."""
    rows = AuditEvent.objects.filter(stream=stream, verb="initiative.edited", data__after__has_any_keys=list(names))
    found: dict[str, datetime] = {}
    for data, at in rows.order_by("sequence").values_list("data", "at"):
        found |= {name: at for name in names if name in data["after"]}
    return found
