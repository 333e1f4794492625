import pytest

from projects.gates.models import GateRequest
from projects.reviews.models import Review
from tests.factories.gates import cast, in_review, reviewer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(settings):
    settings.TOLLGATE_NOW = "2026-11-16T09:00:00Z"


@pytest.fixture
def people():
    people = cast()
    people.ron = reviewer("ron", "security")
    return people


@pytest.fixture
def gate(people):
    return in_review(people)


def signed_in(client, user):
    client.force_login(user)
    return client


def test_nobody_reviews_unsigned(client, gate):
    assert client.get("/reviews/").status_code == 302
    assert client.get(f"/reviews/{gate.key}/").status_code == 302


def test_stranger_finds_no_review(client, people, gate):
    assert signed_in(client, people.max).get(f"/reviews/{gate.key}/").status_code == 404


@pytest.mark.parametrize("act", ["", "finish/", "conflict/"])
@pytest.mark.parametrize("name", ["reader", "olga"])
def test_who_was_not_asked_may_not_review(client, people, gate, name, act):
    assert signed_in(client, getattr(people, name)).post(f"/reviews/{gate.key}/{act}").status_code == 403


def test_reader_sees_who_reviews_and_nothing_they_say(client, people, gate):
    page = signed_in(client, people.reader).get(f"/reviews/{gate.key}/").content.decode()

    assert "Rita, FinOps" in page
    assert "Finish review" not in page


def test_queue_shows_what_waits_for_the_reviewer_alone(client, people, gate):
    mine = signed_in(client, people.ron).get("/reviews/").content.decode()
    nothing = signed_in(client, people.reader).get("/reviews/").content.decode()

    assert gate.key in mine
    assert "Nothing to review" in nothing


def test_queue_asks_the_same_number_of_queries_for_any_number_of_rows(
    client, people, gate, django_assert_max_num_queries
):
    from tests.factories.gates import concept

    signed_in(client, people.ron).get("/reviews/")
    with django_assert_max_num_queries(12) as few:
        client.get("/reviews/")
    for number in range(3):
        in_review(people, concept(people, f"Initiative {number}"))
    with django_assert_max_num_queries(len(few)):
        client.get("/reviews/")


def test_review_saves_itself(client, people, gate):
    data = {"topic": "security", "version": "0", "v-risk_scan": "ask", "r-risk_scan": "Which?"}

    answer = signed_in(client, people.ron).post(f"/reviews/{gate.key}/", data, headers={"X-Autosave": "1"})
    page = client.get(f"/reviews/{gate.key}/").content.decode()

    assert (answer.status_code, answer["X-Version"]) == (200, "1")
    assert "Which?" in page


def test_incomplete_review_stays_on_the_page_with_its_gaps(client, people, gate):
    answer = signed_in(client, people.ron).post(f"/reviews/{gate.key}/finish/", {"v-risk_scan": "not_met"})

    assert answer.status_code == 422
    assert "say why" in answer.content.decode()
    assert Review.objects.get(reviewer=people.ron).state == "open"


def test_finished_reviews_make_the_request_ready(client, people, gate):
    whole = {"v-risk_scan": "met", "recommendation": "ready"}

    first = signed_in(client, people.ron).post(f"/reviews/{gate.key}/finish/", whole)
    second = signed_in(client, people.rita).post(f"/reviews/{gate.key}/finish/", whole)

    assert first["Location"] == second["Location"] == "/reviews/"
    assert GateRequest.objects.get(pk=gate.pk).state == "ready"


def test_conflict_needs_its_reason(client, people, gate):
    assert signed_in(client, people.ron).post(f"/reviews/{gate.key}/conflict/", {"conflict": ""}).status_code == 422
    assert client.post(f"/reviews/{gate.key}/conflict/", {"conflict": "A friend."}).status_code == 302
