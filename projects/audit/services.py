"""Record an act, in the transaction of the act."""

import hashlib
import json
from collections.abc import Sequence
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
    _require_lawful(verb)
    stream = stream or _stream_of(target)
    return _chained([(stream, target, data or {})], verb=verb, by=by, at=at)[0]


def record_many(
    *, verb: str, targets: Sequence[tuple[models.Model, dict[str, Any]]], by: User | None, at: datetime
) -> list[AuditEvent]:
    """Add one event with its data to each target's own stream, set-based; targets of one stream chain in order."""
    _require_lawful(verb)
    acts = [(_stream_of(target), target, data) for target, data in targets]
    return _chained(acts, verb=verb, by=by, at=at) if acts else []


def _require_lawful(verb: str) -> None:
    if verb not in VERBS:
        raise UnknownVerb(verb)
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("An act is recorded inside its own transaction.")


def _stream_of(target: models.Model) -> str:
    return str(getattr(target, "audit_stream", "") or f"{target._meta.label_lower}:{target.pk}")


def _chained(
    acts: Sequence[tuple[str, models.Model, dict[str, Any]]], *, verb: str, by: User | None, at: datetime
) -> list[AuditEvent]:
    names = sorted({stream for stream, _, _ in acts})
    AuditHead.objects.bulk_create(
        [AuditHead(stream=stream, sequence=0, hash=GENESIS) for stream in names], ignore_conflicts=True
    )
    heads = {head.stream: head for head in AuditHead.objects.select_for_update().filter(pk__in=names).order_by("pk")}
    events = []
    for stream, target, data in acts:
        head = heads[stream]
        event = _event(head, target, data, verb=verb, by=by, at=at)
        head.sequence, head.hash = event.sequence, event.hash
        events.append(event)
    AuditEvent.objects.bulk_create(events)
    AuditHead.objects.bulk_create(
        heads.values(), update_conflicts=True, update_fields=["sequence", "hash"], unique_fields=["stream"]
    )
    return events


def _event(
    head: AuditHead, target: models.Model, data: dict[str, Any], *, verb: str, by: User | None, at: datetime
) -> AuditEvent:
    event = AuditEvent(
        stream=head.stream,
        sequence=head.sequence + 1,
        verb=verb,
        actor_id=by.pk if by else None,
        actor_name=str(by) if by else "Tollgate",
        target_type=target._meta.label_lower,
        target_id=str(target.pk),
        target_label=str(target)[:300],
        data=_plain(data),
        image=_plain(_image(target)),
        at=at,
        previous_hash=head.hash,
    )
    event.hash = event_hash(event)
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
