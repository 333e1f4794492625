import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects.gates.models import Criterion, GateTemplate
from projects.gates.template_services import draft_template
from projects.people.roles import Role
from tests.factories.gates import AT, cast, concept, drafted, ready
from tests.factories.people import person

pytestmark = pytest.mark.django_db
TYPED = {
    "revision": "0",
    "gate": "concept",
    "code": "exit_test",
    "text": "Say when you would stop",
    "must": "must",
    "proof": "e",
    "waiver": "council",
}


@pytest.fixture(autouse=True)
def clock(settings):
    settings.TOLLGATE_NOW = "2026-11-16T09:00:00Z"


@pytest.fixture
def people():
    return cast()


@pytest.fixture
def ada(people):
    return person("ada", Role.ADMINISTRATOR)


@pytest.fixture
def draft(ada):
    return draft_template(reason="Fewer surprises.", by=ada, at=AT)


@pytest.fixture
def as_ada(client, ada):
    client.force_login(ada)
    return client


PAGES = ("", "2/", "2/criteria/new/")


@pytest.mark.parametrize("page", PAGES)
def test_nobody_reads_templates_unsigned(client, draft, page):
    answer = client.get(f"/setup/templates/{page}")

    assert answer.status_code == 302
    assert "/login/" in answer["Location"]


def test_everybody_reads_what_gates_ask_and_only_administrators_change_it(client, draft, people):
    client.force_login(people.olga)

    assert "Version 1 is in force" in client.get("/setup/templates/").content.decode()
    page = client.get("/setup/templates/2/").content.decode()
    assert "Dry run" in page
    assert "Add a criterion" not in page
    assert client.get("/setup/templates/2/criteria/new/").status_code == 403
    assert client.post("/setup/templates/draft/").status_code == 403
    assert client.post("/setup/templates/2/criteria/new/", TYPED).status_code == 403
    assert client.post("/setup/templates/2/discard/").status_code == 403
    assert client.get("/setup/templates/99/").status_code == 404


def test_administrator_drafts_from_the_list(as_ada):
    answer = as_ada.post("/setup/templates/draft/", follow=True)

    assert "Draft 2 begun" in answer.content.decode()
    assert as_ada.post("/setup/templates/draft/").status_code == 409


def test_criterion_is_added_with_its_condition_and_shown_as_new(as_ada, draft):
    answer = as_ada.post(
        "/setup/templates/2/criteria/new/", {**TYPED, "if_autonomy": ["supervised", "autonomous"]}, follow=True
    )

    page = answer.content.decode()
    assert "Autonomy is Supervised or Autonomous agent" in page
    assert "New</span>" in page
    assert "1 change against version 1" in page
    assert Criterion.objects.get(code="exit_test").condition == {"autonomy": ["supervised", "autonomous"]}


def test_line_shows_as_it_stands_and_is_changed_and_removed(as_ada, draft):
    row = draft.criteria.get(gate="concept", code="estimate")
    page = as_ada.get(f"/setup/templates/2/criteria/{row.pk}/").content.decode()
    assert "Cost estimate low, likely and high" in page

    changed = {**TYPED, "code": "estimate", "proof": "c", "check_name": "estimate", "text": "An estimate"}
    assert "Changed" in as_ada.post(f"/setup/templates/2/criteria/{row.pk}/", changed, follow=True).content.decode()
    answer = as_ada.post(f"/setup/templates/2/criteria/{row.pk}/remove/", {"revision": "1"}, follow=True)

    assert "is no longer in draft 2" in answer.content.decode()
    assert "Removed" in answer.content.decode()
    assert as_ada.get(f"/setup/templates/2/criteria/{row.pk}/").status_code == 404


BAD = [
    ("text", ""),
    ("text", "x" * 501),
    ("code", ""),
    ("code", "Ünïcode"),
    ("code", "a" * 41),
    ("code", "<b>"),
    ("gate", "launchpad"),
    ("proof", "oath"),
    ("must", ""),
    ("waiver", "everybody"),
    ("freshness_days", "-1"),
    ("freshness_days", "0"),
    ("freshness_days", "9999"),
    ("freshness_days", "٣"),
    ("freshness_days", "1e3"),
    ("check_name", "horoscope"),
    ("topic", "astrology"),
    ("if_autonomy", "telepathic"),
    ("revision", "abc"),
    ("revision", "9" * 40),
]


@pytest.mark.parametrize(("name", "typed"), BAD)
def test_bad_input_comes_back_with_what_was_typed(as_ada, draft, name, typed):
    answer = as_ada.post("/setup/templates/2/criteria/new/", {**TYPED, "text": "Keep me", name: typed})

    assert answer.status_code == 422
    assert name == "text" or "Keep me" in answer.content.decode()
    assert not Criterion.objects.filter(template=draft, code="exit_test").exists()


def test_markup_is_shown_as_text_and_hidden_characters_are_dropped(as_ada, draft):
    nasty = "<script>alert(1)</script> \u202eevil\u202c \x07 🙂"
    page = as_ada.post("/setup/templates/2/criteria/new/", {**TYPED, "text": nasty}, follow=True).content.decode()

    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert Criterion.objects.get(code="exit_test").text == "<script>alert(1)</script> evil  🙂"


def test_second_writer_keeps_the_words_and_sees_what_stands(client, as_ada, draft):
    row = draft.criteria.get(gate="concept", code="risk_scan")
    path = f"/setup/templates/2/criteria/{row.pk}/"
    judged = {**TYPED, "code": "risk_scan", "proof": "j", "topic": "security"}
    as_ada.post(path, {**judged, "text": "First words"})

    answer = as_ada.post(path, {**judged, "text": "Second words"})

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Second words" in page
    assert "First words" in page
    assert 'name="revision" value="1"' in page
    assert as_ada.post(path, {**judged, "text": "Second words", "revision": "1"}).status_code == 302


def test_double_submit_adds_one_line(as_ada, draft):
    first = as_ada.post("/setup/templates/2/criteria/new/", TYPED)
    second = as_ada.post("/setup/templates/2/criteria/new/", TYPED)

    assert (first.status_code, second.status_code) == (302, 409)
    assert Criterion.objects.filter(code="exit_test").count() == 1


def test_dry_run_names_requests_and_reasons(as_ada, draft, people):
    gate = ready(people)
    as_ada.post("/setup/templates/2/criteria/new/", TYPED)

    page = as_ada.get("/setup/templates/2/").content.decode()

    assert "1 request would lose readiness" in page
    assert gate.key in page
    assert "“Say when you would stop”" in page


def test_second_person_approves_from_a_day_and_the_drafter_is_not_offered_it(client, as_ada, draft, people):
    assert "Approve version 2" not in as_ada.get("/setup/templates/2/").content.decode()
    client.force_login(person("abe", Role.ADMINISTRATOR))
    assert "Approve version 2" in client.get("/setup/templates/2/").content.decode()
    day = {"revision": "0", "from_day": "1", "from_month": "12", "from_year": "2026"}

    answer = client.post("/setup/templates/2/approve/", day, follow=True)

    assert "Version 2 is approved." in answer.content.decode()
    assert str(GateTemplate.objects.get(version=2).effective_on) == "2026-12-01"
    assert "Approved, binds later" in client.get("/setup/templates/").content.decode()


@pytest.mark.parametrize(
    "day", [("", "", ""), ("31", "2", "2027"), ("1", "1", "0"), ("1", "1", "9999"), ("15", "11", "2026")]
)
def test_day_that_cannot_be_is_refused(client, draft, day):
    client.force_login(person("abe", Role.ADMINISTRATOR))
    typed = dict(zip(("from_day", "from_month", "from_year"), day, strict=True))

    answer = client.post("/setup/templates/2/approve/", {"revision": "0", **typed})

    assert answer.status_code == 422
    assert GateTemplate.objects.get(version=2).state == "draft"


def test_reason_is_kept_and_an_unknown_act_is_not_found(as_ada, draft):
    as_ada.post("/setup/templates/2/explain/", {"revision": "0", "reason": "Because of the audit."})

    assert GateTemplate.objects.get(version=2).reason == "Because of the audit."
    refused = as_ada.post("/setup/templates/2/explain/", {"revision": "0", "reason": "Too late."})
    assert refused.status_code == 409
    assert "Too late." in refused.content.decode()
    assert as_ada.post("/setup/templates/2/explode/").status_code == 404


def test_draft_asks_as_often_for_many_requests_as_for_one(as_ada, draft, people):
    as_ada.post("/setup/templates/2/criteria/new/", TYPED)
    drafted(people)
    as_ada.get("/setup/templates/2/")

    with CaptureQueriesContext(connection) as few:
        as_ada.get("/setup/templates/2/")
    for number in range(3):
        drafted(people, concept(people, f"Initiative {number}"))
    with CaptureQueriesContext(connection) as many:
        as_ada.get("/setup/templates/2/")

    assert len(few) == len(many)
