"""Keep the tagging schema: the keys that every charge must carry."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from projects.attribution.models import Carrier, TaggingKey
from projects.audit.services import record
from projects.common.outcomes import Blocker, Refused, WrongState
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import require
from projects.sources.models import Source
from projects.sources.tags import comparable_key


class KeyRefused(Refused):
    """A mandatory key that nothing could carry."""

    code = "tagging_key_refused"


@dataclass(frozen=True)
class KeyDraft:
    """A mandatory key: its title, which is also the tag's key, what else carries it, its values, and who is exempt."""

    title: str
    carrier: str = Carrier.TAG
    allowed: Sequence[str] = ()
    exempt: Sequence[Source] = ()
    other_keys: Sequence[str] = ()


@transaction.atomic
def set_key(*, draft: KeyDraft, by: User, at: datetime) -> TaggingKey:
    """Make a key mandatory, or change what it asks. Raise NotPermitted or KeyRefused."""
    require(by, Permission.KEEP_ATTRIBUTION)
    require(by, Permission.APPROVE_ATTRIBUTION)
    tag_key = comparable_key(draft.title)
    if not tag_key or draft.carrier not in Carrier.values:
        raise KeyRefused([Blocker("tagging_key", "Name the key, and what carries it.")])
    key = TaggingKey.objects.select_for_update().filter(tag_key=tag_key, retired_at__isnull=True).first()
    key = key or TaggingKey(tag_key=tag_key)
    key.title, key.carrier, key.set_by, key.set_at = draft.title.strip(), draft.carrier, by, at
    key.allowed = sorted({value.strip().lower() for value in draft.allowed if value.strip()})
    key.other_keys = sorted({comparable_key(other) for other in draft.other_keys} - {"", tag_key})
    key.save()
    key.exempt.set(draft.exempt)
    record(verb="tagging_key.set", target=key, by=by, at=at, data={"exempt": [source.name for source in draft.exempt]})
    return key


@transaction.atomic
def retire_key(*, key_id: int, by: User, at: datetime) -> TaggingKey:
    """Ask for a key no longer. Raise NotPermitted or WrongState."""
    require(by, Permission.KEEP_ATTRIBUTION)
    require(by, Permission.APPROVE_ATTRIBUTION)
    key = TaggingKey.objects.select_for_update().get(pk=key_id)
    if key.retired_at is not None:
        raise WrongState(f"{key.title} is not mandatory any more.")
    key.retired_by, key.retired_at = by, at
    key.save(update_fields=["retired_by", "retired_at"])
    record(verb="tagging_key.retired", target=key, by=by, at=at)
    return key
