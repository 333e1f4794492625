"""What holds for every call: tokens, uses, problem documents, lists by key, calls sent twice."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.db import connection
from drf_spectacular.validation import validate_schema

from projects.interface.authentication import CallsOfAPerson
from projects.interface.models import KeptAnswer
from projects.interface.services import forget_answers, lock_number
from projects.quality.models import QualityReading
from projects.quality.services import record_quality_reading, set_quality_gate
from tests.factories.tokens import caller, send

READING = {"day": "2026-11-18", "value": "94.5", "source": "Holdout run 513"}


@pytest.fixture(autouse=True)
def _clock(settings, now):
    settings.TOLLGATE_NOW = now.isoformat()
    cache.clear()


@pytest.fixture
def gate(fraud, olga, now):
    return set_quality_gate(
        initiative_id=fraud.pk,
        kind="quality",
        metric="Precision",
        unit="%",
        threshold=Decimal(92),
        direction="at_least",
        cadence_days=30,
        by=olga,
        at=now,
    )


@pytest.fixture
def url(fraud, gate):
    return f"/api/v1/initiatives/{fraud.key}/quality-metrics/{gate.pk}/readings"


def problem(answer, status, code):
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert (body["status"], body["code"]) == (status, code)
    assert body["blockers"][0]["message"]
    return body


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer " + "0" * 64, "Bearer a b", "Bearer ä", "Basic b2xnYTpw"])
def test_a_call_without_a_live_token_is_401(client, url, header):
    answer = client.get(url, headers={"Authorization": header} if header else {})

    problem(answer, 401, "token_shut" if header.endswith("0" * 64) else "not_authenticated")
    assert answer["WWW-Authenticate"] == "Bearer"


def test_a_signed_in_page_is_no_token(client, url, olga):
    client.force_login(olga)

    problem(client.get(url), 401, "not_authenticated")


def test_a_token_does_only_what_it_is_for(url, olga):
    reader, writer = caller(olga, "read"), caller(olga, "readings")

    assert reader.get(url).status_code == 200
    assert "Enter readings" in problem(send(reader, url, READING), 403, "not_permitted")["detail"]
    assert send(writer, url, READING).status_code == 201
    problem(writer.get(url), 403, "not_permitted")


def test_a_stranger_and_a_key_of_nobody_are_answered_alike(fraud, url, max_the_stranger, olga, now):
    from tests.factories.initiatives import initiative

    other = initiative(max_the_stranger, "concept")
    stranger = caller(max_the_stranger)

    hidden = problem(stranger.get(url), 404, "not_found")

    assert hidden == problem(stranger.get(f"/api/v1/initiatives/{fraud.key}"), 404, "not_found")
    assert hidden == problem(stranger.get("/api/v1/initiatives/AI-999"), 404, "not_found")
    assert [row["key"] for row in stranger.get("/api/v1/initiatives").json()["items"]] == [other.key]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("{", 400, "unreadable"),
        ('{"day": "2026-11-18", "value": NaN, "source": "x"}', 400, "unreadable"),
        ("[" * 100_000, 400, "unreadable"),
        ("[]", 422, "invalid"),
        ('{"day": "2026-11-18", "value": "1", "source": "x", "is_imported": true}', 422, "invalid"),
        ('{"day": "9999-01-01", "value": "1", "source": "x"}', 422, "invalid"),
        ('{"day": "2026-11-20", "value": "1", "source": "x"}', 422, "quality_refused"),
        ('{"day": "2026-11-18", "value": "1E+5", "source": "x"}', 422, "invalid"),
        ('{"day": "2026-11-18", "value": "NaN", "source": "x"}', 422, "invalid"),
        ('{"day": "2026-11-18", "value": "٣", "source": "x"}', 422, "invalid"),
        ('{"day": "2026-11-18", "value": true, "source": "x"}', 422, "invalid"),
        ('{"day": "2026-11-18", "value": "1", "source": "\\u0000"}', 422, "quality_refused"),
        ('{"day": "2026-11-18", "value": "1", "source": "\\ud800"}', 422, "quality_refused"),
        ('{"day": "2026-11-18", "value": "1", "source": "' + "x" * 1_000_000 + '"}', 413, "body_too_large"),
    ],
)
def test_what_cannot_be_read_is_named_and_keeps_nothing(url, olga, body, status, code):
    problem(send(caller(olga), url, body), status, code)

    assert not QualityReading.objects.exists()


def test_other_methods_kinds_and_addresses_are_problems_too(url, olga):
    client = caller(olga)

    problem(client.delete(url), 405, "method_not_allowed")
    problem(client.post(url, "value=1", content_type="text/csv"), 415, "not_json")
    problem(client.get("/api/v1/votes"), 404, "not_found")
    problem(client.post("/api/v1/votes"), 404, "not_found")


def test_a_figure_stays_exact(url, olga):
    answer = send(caller(olga), url, '{"day": "2026-11-18", "value": 0.1, "source": "Holdout"}')

    assert answer.json()["value"] == "0.1"
    assert QualityReading.objects.get().value == Decimal("0.1")


def test_the_same_key_does_the_act_once(url, olga):
    client = caller(olga)

    first = send(client, url, READING, **{"Idempotency-Key": "run-513"})
    second = send(client, url, READING, **{"Idempotency-Key": "run-513"})

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert second["Idempotency-Replayed"] == "true"
    assert QualityReading.objects.count() == 1


def test_without_a_key_the_same_call_is_another_act(url, olga):
    client = caller(olga)

    send(client, url, READING)
    send(client, url, READING)

    assert QualityReading.objects.count() == 2


def test_a_key_belongs_to_one_call_of_one_person(url, olga, fiona):
    key = {"Idempotency-Key": "run-513"}
    send(caller(olga), url, READING, **key)

    problem(send(caller(olga), url, READING | {"value": "95"}, **key), 422, "idempotency_key_refused")
    problem(send(caller(olga), url, READING, **{"Idempotency-Key": "x" * 201}), 422, "idempotency_key_refused")
    assert send(caller(fiona), url, READING, **key).json()["is_imported"] is True


def test_a_refused_call_keeps_no_answer_and_may_be_mended(url, olga):
    key = {"Idempotency-Key": "run-513"}
    problem(send(caller(olga), url, READING | {"day": "2026-11-20"}, **key), 422, "quality_refused")

    assert send(caller(olga), url, READING, **key).status_code == 201


def test_a_call_in_flight_is_409(url, olga):
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [lock_number(olga.pk, "run-513")])
        problem(send(caller(olga), url, READING, **{"Idempotency-Key": "run-513"}), 409, "call_in_flight")
    finally:
        other.close()


def test_answers_are_forgotten_after_a_week(url, olga, now):
    send(caller(olga), url, READING, **{"Idempotency-Key": "run-513"})

    assert forget_answers(at=now + timedelta(days=7)) == 0
    assert forget_answers(at=now + timedelta(days=7, seconds=1)) == 1
    assert not KeptAnswer.objects.exists()


def test_a_list_goes_on_after_its_last_row(url, gate, olga, now):
    for day in range(1, 6):
        record_quality_reading(
            gate_id=gate.pk, value=Decimal(day), read_on=now.date().replace(day=day), source="Run", by=olga, at=now
        )
    client, pages, following = caller(olga), [], f"{url}?limit=2"

    while following:
        body = client.get(following).json()
        pages.append([row["value"] for row in body["items"]])
        following = body["next"]

    assert pages == [["1", "2"], ["3", "4"], ["5"]]


@pytest.mark.parametrize("query", ["after=x", "after=-1", "after=" + "9" * 19, "limit=0", "limit=201", "after=%D9%A3"])
def test_a_forged_place_is_refused(url, olga, query):
    problem(caller(olga).get(f"{url}?{query}"), 422, "page_refused")


def test_a_list_asks_the_same_however_long(url, gate, olga, now, django_assert_num_queries):
    client, counts = caller(olga), []
    client.get(url)
    for rows in (1, 30):
        for _ in range(rows):
            record_quality_reading(gate_id=gate.pk, value=Decimal(1), read_on=now.date(), source="Run", by=olga, at=now)
        with django_assert_num_queries(6) as asked:
            client.get(url)
        counts.append(len(asked))

    assert counts[0] == counts[1]


def test_a_program_that_calls_too_often_is_held_back(url, olga, monkeypatch):
    monkeypatch.setattr(CallsOfAPerson, "rate", "2/min")
    client = caller(olga)
    client.get(url)
    client.get(url)

    answer = client.get(url)

    problem(answer, 429, "too_many_calls")
    assert 1 <= int(answer["Retry-After"]) <= 60


def test_a_locked_out_person_is_shut_out_at_once(url, olga):
    client = caller(olga)
    olga.is_active = False
    olga.save()

    problem(client.get(url), 401, "token_shut")


def test_the_schema_is_openapi_3_1_and_names_every_call(client):
    answer = client.get("/api/v1/schema")

    schema = answer.json()
    validate_schema(schema)
    assert schema["openapi"] == "3.1.1"
    assert schema["components"]["securitySchemes"] == {"token": {"type": "http", "scheme": "bearer"}}
    writes = {path for path, acts in schema["paths"].items() if "post" in acts}
    assert writes == {
        "/api/v1/initiatives/{key}/quality-metrics/{gate_id}/readings",
        "/api/v1/initiatives/{key}/quality-readings",
        "/api/v1/initiatives/{key}/kpis/{card_id}/readings",
        "/api/v1/initiatives/{key}/kpi-readings",
    }
    for path, acts in schema["paths"].items():
        for act in acts.values():
            if not path.endswith("schema"):
                assert act["responses"]["404"]["content"].keys() == {"application/problem+json"}
