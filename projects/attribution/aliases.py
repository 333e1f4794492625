"""Keep the other names that tags use for a value: "claims-prod" may mean "claims"."""

from datetime import datetime

from django.db import transaction

from projects.attribution.models import TagAlias
from projects.audit.services import record
from projects.common.outcomes import Blocker, Refused, WrongState
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import require
from projects.sources.tags import comparable_key


class AliasRefused(Refused):
    """Another name that would name nothing."""

    code = "tag_alias_refused"


@transaction.atomic
def add_alias(*, alias: str, value: str, tag_key: str = "", by: User, at: datetime) -> TagAlias:
    """Let a tag's value count as another, under one key or under any. Raise NotPermitted or AliasRefused."""
    require(by, Permission.KEEP_ATTRIBUTION)
    require(by, Permission.APPROVE_ATTRIBUTION)
    alias, value, key = alias.strip(), value.strip(), comparable_key(tag_key)
    if not alias or not value or alias == value:
        raise AliasRefused(
            [Blocker("alias_empty", "Give two different names, the one in the tag and the one it means.")]
        )
    if standing := TagAlias.objects.filter(alias=alias, tag_key=key, retired_at__isnull=True).first():
        raise AliasRefused(
            [Blocker("alias_taken", f"{standing.alias} means {standing.value} already. End that first.")]
        )
    made = TagAlias.objects.create(tag_key=key, alias=alias, value=value, made_by=by, made_at=at)
    record(verb="tag_alias.made", target=made, by=by, at=at)
    return made


@transaction.atomic
def retire_alias(*, alias_id: int, by: User, at: datetime) -> TagAlias:
    """Let a value mean itself again. Raise NotPermitted or WrongState."""
    require(by, Permission.KEEP_ATTRIBUTION)
    require(by, Permission.APPROVE_ATTRIBUTION)
    made = TagAlias.objects.select_for_update().get(pk=alias_id)
    if made.retired_at is not None:
        raise WrongState(f"{made.alias} means itself again already.")
    made.retired_by, made.retired_at = by, at
    made.save(update_fields=["retired_by", "retired_at"])
    record(verb="tag_alias.retired", target=made, by=by, at=at)
    return made
