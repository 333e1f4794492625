from datetime import UTC, datetime, timedelta

import pytest

from projects.tokens.rules import is_seen_anew, token_blockers, why_shut

AT = datetime(2026, 11, 19, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("name", "scopes", "days", "codes"),
    [
        ("Nightly job", ["read"], 1, []),
        ("Nightly job", ["read", "readings"], 366, []),
        (" ", ["read"], 30, ["token_name"]),
        ("Nightly job", [], 30, ["token_scopes"]),
        ("Nightly job", ["vote"], 30, ["token_scopes"]),
        ("Nightly job", ["read"], 0, ["token_days"]),
        ("Nightly job", ["read"], 367, ["token_days"]),
    ],
)
def test_a_token_has_a_name_known_uses_and_an_end_within_a_year(name, scopes, days, codes):
    assert [blocker.code for blocker in token_blockers(name, scopes, days)] == codes


@pytest.mark.parametrize(
    ("revoked_at", "expires_at", "words"),
    [
        (None, AT + SECOND, ""),
        (None, AT, "This token has ended."),
        (None, AT - SECOND, "This token has ended."),
        (AT, AT + SECOND, "This token was revoked."),
    ],
)
def test_a_token_is_shut_from_its_end_and_once_revoked(revoked_at, expires_at, words):
    assert why_shut(revoked_at=revoked_at, expires_at=expires_at, at=AT) == words


@pytest.mark.parametrize(
    ("last", "anew"), [(None, True), (AT - timedelta(seconds=59), False), (AT - timedelta(seconds=60), True)]
)
def test_a_use_is_written_down_once_a_minute(last, anew):
    assert is_seen_anew(last, AT) is anew
