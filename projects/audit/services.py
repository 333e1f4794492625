"""Record an act, in the transaction of the act."""

import hashlib
import json
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction

from projects.audit.models import AuditEvent, AuditHead
from projects.people.models import User
from projects.verbs import VERBS

GENESIS = "0" * 64


class UnknownVerb(Exception):
    """A verb without a sentence in verbs.py."""


def record(
    *,
    verb: str,
    target: models.Model,
    by: User | None,
    at: datetime,
    data: dict[str, Any] | None = None,
    stream: str = "",
) -> AuditEvent:
    """Add one event to a stream (default: the target's own) and chain it. Raise UnknownVerb for an unregistered verb.

    ``by`` is None for what the product does itself, such as an escalation raised by rule.
    """
    if verb not in VERBS:
        raise UnknownVerb(verb)
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("An act is recorded inside its own transaction.")
    label = target._meta.label_lower
    stream = stream or str(getattr(target, "audit_stream", "") or f"{label}:{target.pk}")
    AuditHead.objects.bulk_create([AuditHead(stream=stream, sequence=0, hash=GENESIS)], ignore_conflicts=True)
    head = AuditHead.objects.select_for_update().get(pk=stream)
    event = AuditEvent(
        stream=stream,
        sequence=head.sequence + 1,
        verb=verb,
        actor_id=by.pk if by else None,
        actor_name=str(by) if by else "Tollgate",
        target_type=label,
        target_id=str(target.pk),
        target_label=str(target)[:300],
        data=_plain(data or {}),
        image=_plain(_image(target)),
        at=at,
        previous_hash=head.hash,
    )
    event.hash = event_hash(event)
    event.save()
    AuditHead.objects.filter(pk=stream).update(sequence=event.sequence, hash=event.hash)
    return event


def event_hash(event: AuditEvent) -> str:
    """Return the SHA-256 over the previous hash and the canonical text of an event."""
    body = [
        event.previous_hash,
        event.stream,
        event.sequence,
        event.verb,
        event.actor_id,
        event.actor_name,
        event.target_type,
        event.target_id,
        event.target_label,
        event.data,
        event.image,
        event.at.isoformat(),
    ]
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True, cls=DjangoJSONEncoder)
    return hashlib.sha256(text.encode()).hexdigest()


def _image(target: models.Model) -> dict[str, Any]:
    return {field.attname: field.value_from_object(target) for field in target._meta.concrete_fields}


def _plain(data: dict[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(data, cls=DjangoJSONEncoder, default=str))
    return plain
