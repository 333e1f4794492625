from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from projects.audit.models import AuditEvent
from projects.common.outcomes import NotPermitted, WrongState
from projects.initiatives.services import invite_contributor
from projects.people.permissions import NEEDS_PRESENCE, Permission
from projects.people.presence import called_by_token
from projects.people.roles import Role
from projects.people.selectors import may, require
from projects.tokens.models import ApiToken
from projects.tokens.services import TokenRefused, TokenShut, find_token, make_token, may_have_tokens, revoke_token
from tests.factories.people import person


def make(by, at, **changes):
    return make_token(**{"name": "Nightly job", "scopes": ["read"], "days": 30} | changes, by=by, at=at)


def test_a_token_is_kept_as_a_digest_and_finds_its_person(olga, now):
    token, secret = make(olga, now)

    found = find_token(secret, at=now)

    assert found == token
    assert found.user == olga
    assert secret not in str(ApiToken.objects.values().get())
    assert AuditEvent.objects.filter(verb="api_token.made", actor_id=olga.pk).exists()


def test_its_last_use_is_noted(olga, now):
    token, secret = make(olga, now)

    find_token(secret, at=now + timedelta(days=1))

    assert ApiToken.objects.get(pk=token.pk).last_used_at == now + timedelta(days=1)


@pytest.mark.parametrize("how", ["revoked", "ended", "locked out", "unknown"])
def test_a_shut_token_finds_nobody(olga, now, how):
    token, secret = make(olga, now)
    at = now + timedelta(days=30) if how == "ended" else now
    if how == "revoked":
        revoke_token(token_id=token.pk, by=olga, at=now)
    if how == "locked out":
        olga.is_active = False
        olga.save()

    with pytest.raises(TokenShut):
        find_token("0" * 64 if how == "unknown" else secret, at=at)


def test_nobody_revokes_the_token_of_another_and_none_is_revoked_twice(olga, fiona, now):
    token, _ = make(olga, now)

    with pytest.raises(NotPermitted):
        revoke_token(token_id=token.pk, by=fiona, at=now)
    revoke_token(token_id=token.pk, by=olga, at=now)
    with pytest.raises(WrongState):
        revoke_token(token_id=token.pk, by=olga, at=now)


def test_who_may_neither_export_nor_takes_part_has_no_tokens(fraud, olga, max_the_stranger, now):
    ada = person("ada", Role.ADMINISTRATOR)
    assert not may_have_tokens(ada)
    with pytest.raises(NotPermitted):
        make(max_the_stranger, now)

    invite_contributor(initiative_id=fraud.pk, user=max_the_stranger, by=olga, at=now)

    assert may_have_tokens(max_the_stranger)


def test_a_token_makes_no_token_and_a_bad_one_is_refused_whole(olga, now):
    with called_by_token(), pytest.raises(NotPermitted):
        make(olga, now)
    with pytest.raises(TokenRefused):
        make(olga, now, scopes=[])

    assert not ApiToken.objects.exists()


def test_what_a_token_was_made_for_never_changes_and_it_is_never_deleted(olga, now):
    token, _ = make(olga, now)

    for change in ({"scopes": ["read", "readings"]}, {"expires_at": now + timedelta(days=900)}):
        with pytest.raises(DatabaseError), transaction.atomic():
            ApiToken.objects.filter(pk=token.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        token.delete()


def test_a_token_carries_no_act_that_needs_its_person(carol):
    assert {Permission.VOTE, Permission.SIGN_LIST, Permission.WAIVE, Permission.APPROVE_POLICY} <= NEEDS_PRESENCE
    held = {permission for permission in NEEDS_PRESENCE if may(carol, permission)}

    with called_by_token():
        left = {permission for permission in held if may(carol, permission)}
        with pytest.raises(NotPermitted, match="needs you in person"):
            require(carol, Permission.VOTE)

    assert {Permission.VOTE, Permission.SIGN_LIST, Permission.WAIVE, Permission.APPROVE_POLICY} <= held
    assert not left
    require(carol, Permission.VOTE)
