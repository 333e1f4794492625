from datetime import date

import pytest

from projects.gates.models import GateRequest
from projects.gates.review_rules import TOPICS
from projects.gates.services import draft_gate_request
from projects.gates.topics_form import TopicsForm, known_figures
from tests.factories.gates import AT, cast, drafted
from tests.factories.initiatives import initiative

pytestmark = pytest.mark.django_db
ALL_GOOD = {f"{code}_{part}": word for code in TOPICS for part, word in (("figure", "1%"), ("verdict", "good"))}


@pytest.fixture(autouse=True)
def clock(settings):
    settings.TOLLGATE_NOW = "2026-11-16T09:00:00Z"


@pytest.fixture
def people():
    return cast()


@pytest.fixture
def gate(people):
    made = initiative(people.olga, "scale", technical_owner=people.tom, budget_owner=people.olga)
    return draft_gate_request(initiative_id=made.pk, kind="reassessment", by=people.olga, at=AT)


def problems(gate, **typed):
    form = TopicsForm({**ALL_GOOD, **typed}, gate=gate, on=AT.date())
    form.is_valid()
    return form.problems()


def test_twelve_topics_with_figure_and_verdict_are_whole(gate):
    assert len(TOPICS) == 12
    assert problems(gate) == {}


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"caching_figure": ""}, "caching_figure"),
        ({"caching_verdict": ""}, "caching_verdict"),
        ({"caching_verdict": "splendid"}, "caching_verdict"),
        ({"caching_verdict": "watch"}, "caching_action"),
        ({"caching_verdict": "act"}, "caching_action"),
        ({"caching_figure": "x" * 201}, "caching_figure"),
        ({"caching_action": "x" * 401}, "caching_action"),
    ],
)
def test_topic_that_lacks_something_says_so(gate, typed, field):
    assert list(problems(gate, **typed)) == [field]


def test_figures_without_data_are_left_to_the_owner(gate):
    assert known_figures(gate.initiative_id, "USD", date(2026, 11, 16)) == {}


def test_owner_answers_the_topics_and_everybody_reads_them(client, people, gate):
    client.force_login(people.olga)
    path = f"/requests/{gate.key}/topics/"
    assert "Contract decisions ahead" in client.get(path).content.decode()
    assert client.post(path, {**ALL_GOOD, "version": "0", "caching_verdict": "act"}).status_code == 422

    typed = {**ALL_GOOD, "version": "1", "caching_verdict": "act", "caching_action": "Cache the manual"}
    assert client.post(path, typed).status_code == 302

    client.force_login(people.reader)
    page = client.get(f"/requests/{gate.key}/").content.decode()
    assert "Cache the manual" in page
    assert GateRequest.objects.get(pk=gate.pk).sections.get(code="topics").is_finished


def test_request_of_another_kind_has_no_topics(client, people):
    client.force_login(people.olga)

    assert client.get(f"/requests/{drafted(people).key}/topics/").status_code == 404
