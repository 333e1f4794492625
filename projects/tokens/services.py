"""Make and revoke tokens, and find whose token a call carries."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from knox.crypto import create_token_string, hash_token

from projects.audit.services import record
from projects.common.outcomes import NotPermitted, Refused, WrongState
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.presence import is_present
from projects.people.selectors import may
from projects.tokens.models import ApiToken
from projects.tokens.rules import is_seen_anew, token_blockers, why_shut

SHOWN = 8


class TokenRefused(Refused):
    """The token has no name, no use or no end."""

    code = "token_refused"


class TokenShut(Refused):
    """What was sent is no token that opens anything."""

    status = 401
    code = "token_shut"


def may_have_tokens(user: User) -> bool:
    """Say whether a person may let programs act for them: who may take data out, or takes part in an initiative."""
    takes_part = user.participations.filter(until__isnull=True)
    return user.is_active and not user.is_service and (may(user, Permission.EXPORT) or takes_part.exists())


@transaction.atomic
def make_token(*, name: str, scopes: Collection[str], days: int, by: User, at: datetime) -> tuple[ApiToken, str]:
    """Make a token of a person's own and return it with its secret, which is kept nowhere.

    Raise NotPermitted, also for a call that itself comes by token, or TokenRefused.
    """
    if not is_present() or not may_have_tokens(by):
        raise NotPermitted(
            "You may not make an API token. Who can, signed in themselves: who may export, or takes part in an initiative."
        )
    if blockers := token_blockers(name, scopes, days):
        raise TokenRefused(blockers)
    secret = create_token_string()
    token = ApiToken.objects.create(
        user=by,
        name=name.strip(),
        scopes=sorted(set(scopes)),
        digest=hash_token(secret),
        begins_with=secret[:SHOWN],
        created_at=at,
        expires_at=at + timedelta(days=days),
    )
    record(verb="api_token.made", target=token, by=by, at=at)
    return token, secret


@transaction.atomic
def revoke_token(*, token_id: int, by: User, at: datetime) -> ApiToken:
    """End a token at once. Raise NotPermitted for somebody else's, or WrongState where it is revoked already."""
    token = ApiToken.objects.select_for_update(of=("self",)).select_related("user").get(pk=token_id)
    if token.user_id != by.pk:
        raise NotPermitted(
            "You may revoke your own tokens only. An administrator ends all of a person's by ending the account."
        )
    if token.revoked_at is not None:
        raise WrongState(f"{token.name} is revoked already.")
    token.revoked_at = at
    token.save(update_fields=["revoked_at"])
    record(verb="api_token.revoked", target=token, by=by, at=at)
    return token


def find_token(secret: str, *, at: datetime) -> ApiToken:
    """Return the live token of a secret and note its use. Raise TokenShut for an unknown, ended or revoked one.

    The answer to an unknown token and to one of a person who was locked out are the same.
    """
    token = ApiToken.objects.select_related("user").filter(digest=hash_token(secret)).first()
    if token is None or not token.user.is_active or token.user.is_service:
        raise TokenShut("This is no token that opens anything. Make one on the page API tokens.")
    if why := why_shut(revoked_at=token.revoked_at, expires_at=token.expires_at, at=at):
        raise TokenShut(f"{why} Make another on the page API tokens.")
    if is_seen_anew(token.last_used_at, at):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=at)
    return token
