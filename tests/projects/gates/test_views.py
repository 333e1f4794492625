import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from projects.gates.models import GateRequest
from projects.people.models import User
from tests.factories.gates import cast, concept, drafted, in_review, on_agenda, ready, sendable

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(settings, tmp_path):
    settings.TOLLGATE_NOW = "2026-11-16T09:00:00Z"
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def people():
    return cast()


def seen(client, user, path, **options):
    client.force_login(user)
    return client.get(path, **options)


def sent(client, user, path, data=None, **options):
    client.force_login(user)
    return client.post(path, data or {}, **options)


PAGES = (
    "",
    "check/",
    "ask/",
    "value/",
    "estimate/",
    "spend/",
    "signals/",
    "anomalies/",
    "optimisation/",
    "risk/",
    "proofs/",
    "ownership/",
    "sent/",
)


@pytest.mark.parametrize("page", PAGES)
def test_nobody_reads_a_request_unsigned(client, people, page):
    gate = drafted(people)

    answer = client.get(f"/requests/{gate.key}/{page}")

    assert answer.status_code == 302
    assert "/login/" in answer["Location"]


@pytest.mark.parametrize("page", PAGES)
def test_stranger_finds_no_request(client, people, page):
    gate = drafted(people)

    assert seen(client, people.max, f"/requests/{gate.key}/{page}").status_code == 404
    assert seen(client, people.max, f"/requests/GR-9999/{page}").status_code == 404


@pytest.mark.parametrize("page", ["check/", "ask/", "proofs/"])
def test_reader_may_not_write_a_request(client, people, page):
    gate = drafted(people)

    assert seen(client, people.reader, f"/requests/{gate.key}/{page}").status_code == 403
    assert sent(client, people.reader, f"/requests/{gate.key}/{page.replace('check', 'submit')}").status_code == 403


@pytest.mark.parametrize("page", PAGES)
def test_owner_reads_every_page_of_a_draft(client, people, page):
    gate = drafted(people)

    assert seen(client, people.olga, f"/requests/{gate.key}/{page}").status_code == 200


def test_reader_reads_the_whole_request(client, people):
    gate = in_review(people)

    answer = seen(client, people.reader, f"/requests/{gate.key}/")

    assert "Five required inputs" in answer.content.decode()
    assert "Withdraw" not in answer.content.decode()


def test_list_shows_own_drafts_then_initiatives_then_what_others_ask(client, people):
    gate = drafted(people)
    concept(people, "Invoice matching")

    own = seen(client, people.olga, "/requests/").content.decode()
    other = seen(client, people.reader, "/requests/").content.decode()

    assert own.index(gate.key) < own.index("Invoice matching")
    assert gate.key not in other  # a draft is its owner's until it is sent


def test_list_asks_the_same_number_of_queries_for_any_number_of_rows(client, people, django_assert_max_num_queries):
    for number in range(3):
        drafted(people, concept(people, f"Initiative {number}"))
    client.force_login(people.olga)
    client.get("/requests/")

    with django_assert_max_num_queries(14) as few:
        client.get("/requests/")
    for number in range(3, 9):
        drafted(people, concept(people, f"Initiative {number}"))
    with django_assert_max_num_queries(len(few)):
        client.get("/requests/")


def test_draft_begins_from_the_initiative(client, people):
    initiative = concept(people)

    page = seen(client, people.olga, f"/requests/new/?initiative={initiative.key}")
    answer = sent(client, people.olga, "/requests/new/", {"initiative": initiative.key, "kind": "advance"})

    assert page.status_code == 200
    assert answer["Location"] == "/requests/GR-0001/"


@pytest.mark.parametrize("kind", ["", "everything"])
def test_draft_needs_a_kind(client, people, kind):
    initiative = concept(people)

    answer = sent(client, people.olga, "/requests/new/", {"initiative": initiative.key, "kind": kind})

    assert answer.status_code == 422
    assert not GateRequest.objects.exists()


def test_second_draft_answers_wrong_state(client, people):
    gate = drafted(people)

    answer = sent(client, people.olga, "/requests/new/", {"initiative": gate.initiative.key, "kind": "stay"})

    assert answer.status_code == 409
    assert gate.key in answer.content.decode()


ASK = {
    "version": "0",
    "milestone_name": "Error below 9%",
    "milestone_test": "Twelve branches report it.",
    "due_day": "26",
    "due_month": "3",
    "due_year": "2027",
    "needs_money": "yes",
    "minimum": "90,000",
    "ask": "$130k",
    "maximum": "150000",
    "model_api": "30,000",
    "platform": "100,000",
    "ends_day": "31",
    "ends_month": "3",
    "ends_year": "2027",
    "assumption": "Branches use it.",
    "if_refused": "We stop.",
}


def test_ask_is_saved_from_the_ways_people_write_money(client, people):
    gate = drafted(people)

    answer = sent(client, people.olga, f"/requests/{gate.key}/ask/", ASK)

    gate = GateRequest.objects.get(pk=gate.pk)
    assert answer.status_code == 302
    assert (gate.minimum, gate.ask, gate.maximum) == (90_000, 130_000, 150_000)
    assert gate.layers == {"model_api": "30000", "platform": "100000"}
    assert gate.milestone_due_on.isoformat() == "2027-03-26"


def test_money_for_harness_lines_is_a_part_of_the_ask(client, people):
    gate = drafted(people)

    sent(client, people.olga, f"/requests/{gate.key}/ask/", {**ASK, "platform": "60,000", "harness": "40,000"})

    gate = GateRequest.objects.get(pk=gate.pk)
    assert gate.layers == {"model_api": "30000", "platform": "60000", "harness": "40000"}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"platform": "88,000"}, "The cost layers add up to 118,000. They must add up to the amount, 130,000"),
        ({"due_year": "2026"}, "The due date must be after today"),
        ({"due_day": "31", "due_month": "2"}, "There is no such date"),
        ({"due_year": "9999"}, "The year must lie between 2000 and 2100"),
        ({"due_year": "0"}, "There is no such date"),
        ({"minimum": "0"}, "The minimum must be above zero"),
        ({"minimum": "140000"}, "The amount must be at least the minimum"),
        ({"maximum": "1"}, "The maximum must be at least the amount"),
        ({"ask": "-5"}, "Write the amount in figures"),
        ({"ask": "NaN"}, "Write the amount in figures"),
        ({"ask": "1e400"}, "Write the amount in figures"),
        ({"ask": "１３０"}, "Write the amount in figures"),
        ({"ask": "99999999999999"}, "more than any initiative costs"),
        ({"milestone_name": ""}, "Name the milestone"),
        ({"milestone_name": "x" * 201}, "at most 200 characters"),
        ({"ends_year": "2026", "ends_month": "12"}, "The money must last at least until the milestone is due"),
    ],
)
def test_wrong_ask_is_named_and_kept_as_typed(client, people, changes, words):
    gate = drafted(people)

    answer = sent(client, people.olga, f"/requests/{gate.key}/ask/", {**ASK, **changes})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    assert "<title>Error:" in page
    assert GateRequest.objects.get(pk=gate.pk).ask is None
    again = seen(client, people.olga, f"/requests/{gate.key}/ask/").content.decode()
    assert "Twelve branches report it." in again


def autosave(client, user, gate, data, section="ask"):
    return sent(
        client, user, f"/requests/{gate.key}/{section}/", data, headers={"X-Autosave": "1", "HX-Request": "true"}
    )


def test_draft_saves_itself_unfinished_and_counts_its_versions(client, people):
    gate = drafted(people)

    first = autosave(client, people.olga, gate, {"version": "0", "milestone_name": "Err"})
    second = autosave(client, people.olga, gate, {"version": first["X-Version"], "milestone_name": "Error below"})

    assert (first["X-Version"], second["X-Version"]) == ("1", "2")
    assert "Saved 09:00" in second.content.decode()
    assert "Error below" in seen(client, people.olga, f"/requests/{gate.key}/ask/").content.decode()
    assert "In progress" in seen(client, people.olga, f"/requests/{gate.key}/").content.decode()


def test_second_writer_sees_what_changed_and_loses_nothing(client, people):
    gate = drafted(people)
    autosave(client, people.olga, gate, {"version": "0", "top_risks": "Olga's risk"}, "risk")

    late = autosave(client, people.tom, gate, {"version": "0", "top_risks": "Tom's risk"}, "risk")
    page = sent(client, people.tom, f"/requests/{gate.key}/risk/", {"version": "0", "top_risks": "Tom's risk"})
    kept = sent(client, people.tom, f"/requests/{gate.key}/risk/keep/", {"top_risks": "yours"})

    assert late.status_code == 409
    assert "Olga changed this section meanwhile" in late.content.decode()
    assert page.status_code == 409
    assert "Olga&#x27;s risk" in page.content.decode()
    assert "Tom&#x27;s risk" in page.content.decode()
    assert kept.status_code == 302
    assert gate.sections.get().answers["top_risks"] == "Tom's risk"


def test_markup_and_direction_characters_do_no_harm(client, people):
    gate = drafted(people)
    hostile = "<script>alert(1)</script>\u202e{{7*7}} hx-on 🚀"

    sent(client, people.olga, f"/requests/{gate.key}/risk/", {"version": "0", "top_risks": hostile})

    page = seen(client, people.olga, f"/requests/{gate.key}/check/").content.decode()
    assert "<script>alert" not in page
    assert "{{7*7}} hx-on 🚀" in page
    assert "\u202e" not in GateRequest.objects.get(pk=gate.pk).top_risks


def test_ownership_and_estimate_reach_the_initiative(client, people):
    gate = drafted(people, concept(people, technical_owner=None))
    owners = {
        "version": "0",
        "technical_owner": people.tom.pk,
        "budget_owner": people.olga.pk,
        "fallback_provider": "B",
    }
    costs = {"version": "0", "shortlist": "openai:gpt-4.1-mini\nopenai:gpt-4.1-nano", "model_usage_likely": "9000"}

    sent(client, people.olga, f"/requests/{gate.key}/ownership/", owners)
    answer = sent(client, people.olga, f"/requests/{gate.key}/estimate/", costs)

    initiative = GateRequest.objects.get(pk=gate.pk).initiative
    assert answer.status_code == 302
    assert initiative.technical_owner == people.tom
    assert initiative.shortlist == ["openai:gpt-4.1-mini", "openai:gpt-4.1-nano"]
    assert initiative.estimates.get().likely == 9000


def test_incomplete_request_is_not_sent_and_says_what_is_missing(client, people):
    gate = drafted(people)

    answer = sent(client, people.olga, f"/requests/{gate.key}/submit/")

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Make the cost estimate." in page
    assert "Owed by Olga" in page


def test_whole_request_is_sent(client, people):
    gate = sendable(people)

    answer = sent(client, people.olga, f"/requests/{gate.key}/submit/")

    assert answer["Location"] == f"/requests/{gate.key}/sent/"
    assert seen(client, people.olga, answer["Location"]).status_code == 200
    assert GateRequest.objects.get(pk=gate.pk).state == "expert_review"


def test_sending_twice_answers_wrong_state(client, people):
    gate = in_review(people)

    assert sent(client, people.olga, f"/requests/{gate.key}/submit/").status_code == 409


def test_extra_fields_change_nothing(client, people):
    gate = drafted(people)
    forged = {"version": "0", "top_risks": "Some", "state": "ready", "outcome": "go", "ask": "5", "is_admin": "1"}

    sent(client, people.olga, f"/requests/{gate.key}/risk/", forged)

    gate = GateRequest.objects.get(pk=gate.pk)
    assert (gate.state, gate.ask, gate.top_risks) == ("draft", None, "Some")
    assert not User.objects.get(pk=people.olga.pk).is_superuser


def upload(client, user, gate, name, content, about="alternatives"):
    file = SimpleUploadedFile(name, content, content_type="text/html")
    return sent(client, user, f"/requests/{gate.key}/evidence/", {"about": about, "file": file}, follow=True)


def test_evidence_is_served_as_attachment_to_those_who_may_see(client, people):
    gate = drafted(people)

    upload(client, people.olga, gate, "../../plan\u202e.pdf", b"%PDF-1.7 plan")
    file = gate.files.get()
    answer = seen(client, people.reader, f"/requests/{gate.key}/files/{file.pk}/")

    assert file.name == "plan.pdf"
    assert answer["Content-Disposition"] == 'attachment; filename="plan.pdf"'
    assert answer["Content-Type"] == "application/pdf"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert b"".join(answer.streaming_content) == b"%PDF-1.7 plan"
    assert seen(client, people.max, f"/requests/{gate.key}/files/{file.pk}/").status_code == 404


def test_file_of_another_request_is_not_found(client, people):
    gate = drafted(people)
    other = drafted(people, concept(people, "Other"))
    upload(client, people.olga, gate, "plan.pdf", b"%PDF-1.7 plan")

    assert seen(client, people.olga, f"/requests/{other.key}/files/{gate.files.get().pk}/").status_code == 404


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.pdf", b""),
        ("page.pdf", b"<html><script>x</script></html>"),
        ("bin.txt", b"\x00\x01"),
        ("a.zip", b"PK\x03\x04"),
    ],
)
def test_unfit_evidence_is_refused_with_its_name(client, people, name, content):
    gate = drafted(people)

    answer = upload(client, people.olga, gate, name, content)

    assert not gate.files.exists()
    assert "Choose" in answer.content.decode() or name in answer.content.decode()


def test_withdrawing_leads_back_to_the_list(client, people):
    gate = drafted(people)

    answer = sent(client, people.olga, f"/requests/{gate.key}/withdraw/", {"reason": "No need."})

    assert answer["Location"] == "/requests/"
    assert GateRequest.objects.get(pk=gate.pk).reason == "No need."


@pytest.mark.parametrize("make", [ready, on_agenda])
def test_request_beyond_the_owner_cannot_be_edited(client, people, make):
    gate = make(people)

    assert seen(client, people.olga, f"/requests/{gate.key}/ask/").status_code == 302
    assert sent(client, people.olga, f"/requests/{gate.key}/ask/", ASK).status_code == 409
