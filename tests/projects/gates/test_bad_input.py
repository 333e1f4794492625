"""Every form of intake, requests and reviews against what people paste: it is refused in words or kept as text, never broken."""

import re

import pytest

from projects.gates.models import CriterionProof, GateRequest
from projects.gates.services import draft_gate_request
from projects.initiatives.models import Initiative
from projects.people.roles import Role
from projects.reviews.models import Review
from tests.factories.gates import AT, cast, concept, drafted, in_review
from tests.factories.initiatives import initiative as staged
from tests.factories.people import person

pytestmark = pytest.mark.django_db
SCRIPT = "<script>alert(1)</script>"
NASTY = {
    "empty": "",
    "spaces": " \t\n ",
    "over-long": "x" * 25_000,
    "markup": f'"><img src=x onerror=alert(1)>{SCRIPT}',
    "control": "a\x00b\x07c\x1b[31m",
    "direction": "\u202eevil\u202c \u200f\u2066x\u2069",
    "emoji": "👩🏽‍🚀🏳️‍🌈 ok",
    "negative": "-1",
    "huge": "9" * 400,
    "exponent": "1e999",
    "not a number": "NaN",
    "other digits": "٣٤５",
    "template": "{{ 7|add:7 }}{% debug %}",
    "formula": "=HYPERLINK(1)",
    "lone surrogate": "\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace"),
}


@pytest.fixture(autouse=True)
def clock(settings, tmp_path):
    settings.TOLLGATE_NOW = "2026-11-16T09:00:00Z"
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def people():
    return cast()


def names_of(page):
    """Return the names of the text fields, lists and boxes of a page's own forms."""
    found = re.findall(r'<(?:input|textarea|select)[^>]*\bname="([^"]+)"', page)
    return [name for name in dict.fromkeys(found) if name not in ("csrfmiddlewaretoken", "q", "version", "revision")]


def survives(client, path, names, extra=None):
    """Send each nasty value in all fields at once; nothing breaks and no markup comes back alive."""
    for what, value in NASTY.items():
        answer = client.post(path, {**dict.fromkeys(names, value), **(extra or {})}, follow=True)
        assert answer.status_code in (200, 403, 404, 409, 422), (path, what, answer.status_code)
        page = answer.content.decode()
        assert SCRIPT not in page, (path, what)
        assert "onerror=alert(1)>" not in page, (path, what)


SECTIONS = ("ask", "value", "estimate", "spend", "signals", "anomalies", "optimisation", "risk", "proofs", "ownership")


@pytest.mark.parametrize("section", SECTIONS)
def test_section_of_a_request_survives(client, people, section):
    gate = drafted(people)
    client.force_login(people.olga)
    path = f"/requests/{gate.key}/{section}/"
    names = names_of(client.get(path).content.decode())
    assert names

    survives(client, path, names, {"version": "0"})
    survives(client, path, names, {"version": "9" * 50})

    assert client.get(path).status_code == 200
    assert client.get(f"/requests/{gate.key}/check/").status_code == 200
    assert client.post(f"/requests/{gate.key}/submit/", {"policy_read": "9" * 400}).status_code == 422
    assert GateRequest.objects.get(pk=gate.pk).state == "draft"


@pytest.mark.parametrize("section", ["guardrails", "topics"])
def test_section_of_a_later_stage_survives(client, people, section):
    made = staged(people.olga, "scale", technical_owner=people.tom, autonomy="supervised")
    gate = draft_gate_request(initiative_id=made.pk, kind="reassessment", by=people.olga, at=AT)
    client.force_login(people.olga)
    path = f"/requests/{gate.key}/{section}/"

    survives(client, path, names_of(client.get(path).content.decode()), {"version": "0"})

    assert client.get(path).status_code == 200


def test_kpi_form_survives(client, people):
    gate = drafted(people)
    client.force_login(people.olga)
    names = ("name", "unit", "direction", "measures", "baseline", "target", "bound", "numerator_source")

    survives(client, f"/requests/{gate.key}/kpis/", names)

    assert client.get(f"/requests/{gate.key}/value/").status_code == 200


def test_register_form_and_its_look_alikes_survive(client, people):
    client.force_login(people.olga)
    names = names_of(client.get("/initiatives/new/").content.decode())

    survives(client, "/initiatives/new/", names, {"business_owner": str(people.olga.pk)})
    for value in NASTY.values():
        answer = client.get("/initiatives/new/alike/", {"name": value})
        assert answer.status_code == (422 if "\x00" in value else 200)

    assert not Initiative.objects.filter(name__contains="\u202e").exists()


def test_review_form_survives_and_gives_no_verdict(client, people):
    gate = in_review(people)
    review = gate.reviews.first()
    client.force_login(review.reviewer)
    path = f"/reviews/{gate.key}/"
    names = names_of(client.get(path).content.decode())
    assert names

    survives(client, path, names, {"version": "0", "topic": review.topic})
    survives(client, f"{path}finish/", names, {"topic": review.topic})
    survives(client, path, names, {"topic": NASTY["control"]})

    assert Review.objects.get(pk=review.pk).state == "open"


def test_waiver_withdrawal_and_evidence_survive(client, people):
    gate = drafted(people)
    client.force_login(person("carol", Role.CHAIR))
    path = f"/requests/{gate.key}/waive/"
    survives(client, path, names_of(client.get(path).content.decode()))
    client.force_login(people.olga)
    survives(client, f"/requests/{gate.key}/evidence/", ("about", "file"))
    survives(client, "/requests/new/", ("initiative", "kind"))

    assert not CriterionProof.objects.filter(state="waived").exists()
    answer = client.post(f"/requests/{gate.key}/withdraw/", {"reason": NASTY["over-long"] + NASTY["direction"]})
    assert answer.status_code == 302
    assert len(GateRequest.objects.get(pk=gate.pk).reason) <= 2000


@pytest.mark.parametrize("year", ["0", "0000", "1", "1999", "2101", "9999", "10000", "-2026"])
def test_years_outside_the_century_are_refused_in_words(client, people, year):
    gate = drafted(people)
    client.force_login(people.olga)
    typed = {"version": "0", "milestone_name": "Keep me", "due_day": "1", "due_month": "1", "due_year": year}

    answer = client.post(f"/requests/{gate.key}/ask/", typed)

    assert answer.status_code == 422
    assert "Keep me" in answer.content.decode()
    assert GateRequest.objects.get(pk=gate.pk).milestone_due_on is None


def test_addresses_with_odd_keys_are_not_found(client, people):
    client.force_login(people.olga)

    for key in ("GR-0001%00", "%F0%9F%9A%80", "..%2F..", "GR-" + "9" * 300, "%E2%80%AE"):
        for path in (f"/requests/{key}/", f"/reviews/{key}/", f"/requests/{key}/ask/"):
            assert client.get(path).status_code == 404, path


def test_the_same_draft_is_begun_once_by_two_presses(client, people):
    made = concept(people)
    client.force_login(people.olga)

    answers = [client.post("/requests/new/", {"initiative": made.key, "kind": "advance"}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 409]
    assert GateRequest.objects.count() == 1
