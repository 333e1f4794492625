import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from projects.gates.models import GateRequest
from projects.initiatives.models import Initiative
from tests.factories.gates import cast, drafted

pytestmark = pytest.mark.django_db
FIELDS = {
    "name": "Branch cash demand forecasting",
    "value_proposition": "Tills hold what <b>branches</b> need.",
    "cost_centre": "CC-3305",
    "expected_monthly_cost": "9k",
}


@pytest.fixture(autouse=True)
def clock(settings):
    settings.TOLLGATE_NOW = "2026-11-16T09:00:00Z"


@pytest.fixture
def people():
    return cast()


@pytest.fixture
def expired(client, people):
    """A browser in which Olga was signed in until her session ended."""
    client.force_login(people.olga)
    client.get("/requests/")
    Session.objects.all().delete()
    return client


def typed(people):
    return {**FIELDS, "business_owner": str(people.olga.pk)}


def test_form_sent_after_the_session_ended_comes_back_after_signing_in(expired, people):
    answer = expired.post("/initiatives/new/", {**typed(people), "password": "secret"})
    assert answer["Location"] == "/account/login/?next=%2Fkept%2F"
    expired.force_login(people.olga)

    page = expired.get("/kept/").content.decode()

    assert 'action="/initiatives/new/"' in page
    assert 'name="cost_centre" value="CC-3305"' in page
    assert "Tills hold what &lt;b&gt;branches&lt;/b&gt; need." in page
    assert "secret" not in page
    assert not Initiative.objects.exists()
    assert expired.post("/initiatives/new/", typed(people)).status_code == 302
    assert Initiative.objects.get().cost_centre == "CC-3305"


def test_somebody_else_who_signs_in_there_never_sees_it(expired, people):
    expired.post("/initiatives/new/", typed(people))
    expired.force_login(people.tom)

    assert expired.get("/kept/")["Location"] == "/"
    expired.force_login(people.olga)
    assert expired.get("/kept/")["Location"] == "/"


def test_dropped_words_are_gone(expired, people):
    expired.post("/initiatives/new/", typed(people))
    expired.force_login(people.olga)

    assert expired.post("/kept/")["Location"] == "/home/"
    assert expired.get("/kept/")["Location"] == "/"


def test_browser_that_nobody_used_keeps_nothing(people):
    stranger = Client()

    answer = stranger.post("/initiatives/new/", typed(people))

    assert answer["Location"] == "/account/login/?next=/initiatives/new/"
    assert not Session.objects.exists()


def test_forged_cookie_keeps_nothing(people):
    forger = Client()
    forger.cookies["who"] = f"{people.olga.pk}:forged"

    forger.post("/initiatives/new/", typed(people))

    assert not Session.objects.exists()


def test_more_than_a_form_holds_is_not_kept(expired, people):
    expired.post("/initiatives/new/", {**typed(people), "value_proposition": "x" * 200_001})

    assert not Session.objects.exists()


def test_draft_that_saves_itself_is_told_and_no_sign_in_page_lands_in_the_form(expired, people):
    gate = drafted(people)

    answer = expired.post(f"/requests/{gate.key}/risk/", {"top_risks": "Some"}, headers={"X-Autosave": "1"})

    assert answer.status_code == 401
    assert "You were signed out" in answer.content.decode()
    assert "<html" not in answer.content.decode()
    assert GateRequest.objects.get(pk=gate.pk).top_risks == ""


def test_fragment_that_is_asked_for_leads_the_whole_page_to_sign_in(expired, people):
    answer = expired.post("/initiatives/new/", typed(people), headers={"HX-Request": "true"})

    assert (answer.status_code, answer["HX-Redirect"]) == (401, "/account/login/?next=%2Fkept%2F")


def test_reading_unsigned_leads_to_sign_in_as_ever(expired):
    assert expired.get("/requests/")["Location"] == "/account/login/?next=/requests/"
