"""Do what a call asks for once, however often the call is sent."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from projects.common.outcomes import Conflicted, Refused
from projects.interface.models import KeptAnswer
from projects.interface.rendering import ExactRenderer
from projects.people.models import User

KEPT_FOR = timedelta(days=7)
LONGEST_KEY = 200


class KeyRefused(Refused):
    """The idempotency key is too long, or was used for another call."""

    code = "idempotency_key_refused"


class StillRunning(Conflicted):
    """The same call is being answered at this moment."""

    code = "call_in_flight"


@dataclass(frozen=True)
class Call:
    """What tells one call from another: who sends it, its key, and all that it asks for."""

    user: User
    key: str
    method: str
    path: str
    body: Any

    @property
    def fingerprint(self) -> str:
        """Return the SHA-256 of method, address and body."""
        text = json.dumps([self.method, self.path, self.body], sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Answer:
    """What a call is answered, and whether that was said before."""

    body: Any
    status: int
    is_repeated: bool = False


@transaction.atomic
def answer_once(call: Call, act: Callable[[], Any], *, status: int, at: datetime) -> Answer:
    """Do the act and keep its answer under the call's key; with a known key return the kept answer and do nothing.

    The key is kept in the act's own transaction: a refused call keeps nothing and may be sent again. Raise KeyRefused
    for a key of another call, StillRunning while the same key is being worked on.
    """
    if not call.key:
        return Answer(act(), status)
    if len(call.key) > LONGEST_KEY or not call.key.isprintable():
        raise KeyRefused(f"An idempotency key is one line of at most {LONGEST_KEY} letters.")
    if not _is_ours(call):
        raise StillRunning(f"The call with the key {call.key} is being answered. Send it again in a moment.")
    kept = KeptAnswer.objects.filter(user=call.user, key=call.key).first()
    if kept is not None:
        if kept.fingerprint != call.fingerprint:
            raise KeyRefused(f"The key {call.key} was used for another call. Give each call its own key.")
        return Answer(kept.body, kept.status, is_repeated=True)
    body = json.loads(ExactRenderer().render(act()))
    KeptAnswer.objects.create(
        user=call.user, key=call.key, fingerprint=call.fingerprint, status=status, body=body, kept_at=at
    )
    return Answer(body, status)


def _is_ours(call: Call) -> bool:
    """Take the key for this transaction, without waiting for who holds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [lock_number(call.user.pk, call.key)])
        return bool(cursor.fetchone()[0])


def lock_number(user_id: int, key: str) -> int:
    """Return the number under which the database holds a person's key while its call is answered."""
    return int.from_bytes(hashlib.sha256(f"{user_id}:{key}".encode()).digest()[:8], signed=True)


def forget_answers(*, at: datetime) -> int:
    """Delete answers that are kept for longer than a week; return how many."""
    return KeptAnswer.objects.filter(kept_at__lt=at - KEPT_FOR).delete()[0]
