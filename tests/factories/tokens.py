"""Tokens, and a client that sends one."""

from datetime import UTC, datetime

from django.test import Client

from projects.tokens.services import make_token

AT = datetime(2026, 11, 19, 9, tzinfo=UTC)


def caller(person, *scopes, at=AT):
    """Return a client that calls in a person's name, for reading and entering readings unless told."""
    _, secret = make_token(name="Nightly job", scopes=scopes or ("read", "readings"), days=30, by=person, at=at)
    return Client(headers={"Authorization": f"Bearer {secret}"})


def send(client, url, body, **headers):
    """Post JSON."""
    return client.post(url, body, content_type="application/json", headers=headers)
