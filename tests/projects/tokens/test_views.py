import re

import pytest
from django.urls import reverse

from projects.tokens.models import ApiToken
from projects.tokens.services import find_token, make_token

FORM = {"name": "Nightly job", "scopes": ["readings"], "days": "90"}


@pytest.fixture(autouse=True)
def _clock(settings, now):
    settings.TOLLGATE_NOW = now.isoformat()


def test_anonymous_signs_in(client):
    assert client.get(reverse("projects:tokens")).status_code == 302


def test_a_person_makes_a_token_that_is_shown_once(client, olga, now):
    client.force_login(olga)
    url = reverse("projects:tokens")
    assert "No token yet" in client.get(url).content.decode()

    answer = client.post(url, FORM)

    secret = re.search(r'value="([0-9a-f]{64})"', answer.content.decode())[1]
    assert answer.status_code == 201
    assert "no-store" in answer["Cache-Control"]
    assert find_token(secret, at=now).scopes == ["read", "readings"]
    again = client.get(url).content.decode()
    assert secret not in again
    assert secret[:8] in again


@pytest.mark.parametrize("change", [{"name": ""}, {"scopes": []}, {"scopes": ["vote"]}, {"days": "4000"}])
def test_a_bad_form_makes_nothing(client, olga, change):
    client.force_login(olga)

    assert client.post(reverse("projects:tokens"), FORM | change).status_code == 422
    assert not ApiToken.objects.exists()


def test_who_may_have_none_is_offered_none(client, max_the_stranger):
    client.force_login(max_the_stranger)
    url = reverse("projects:tokens")

    assert "Make the token" not in client.get(url).content.decode()
    assert client.post(url, FORM).status_code == 403


def test_a_person_revokes_their_own_and_finds_nobody_elses(client, olga, fiona, now):
    token, _ = make_token(name="Nightly job", scopes=["read"], days=9, by=olga, at=now)
    url = reverse("projects:token-revoke", args=[token.pk])
    client.force_login(fiona)
    assert client.post(url).status_code == 404
    client.force_login(olga)

    shown = client.post(url, follow=True).content.decode()

    assert "Nightly job opens nothing any more." in shown
    assert "This token was revoked." in shown


def test_the_page_asks_the_same_however_many_tokens(client, olga, now, django_assert_max_num_queries):
    client.force_login(olga)
    for number in range(6):
        make_token(name=f"Job {number}", scopes=["read"], days=9, by=olga, at=now)

    with django_assert_max_num_queries(20):
        assert client.get(reverse("projects:tokens")).content.decode().count("Job ") >= 6
