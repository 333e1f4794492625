from decimal import Decimal

import pytest
from django.core.cache import cache

from projects.audit.models import AuditEvent
from projects.initiatives.services import invite_contributor
from projects.people.roles import GRANTABLE, Role
from projects.quality.models import QualityReading
from projects.quality.services import set_quality_gate
from tests.factories.people import person
from tests.factories.tokens import caller, send

READING = {"day": "2026-11-18", "value": "90.3", "source": "Holdout run 512", "evidence": "run.txt"}


@pytest.fixture(autouse=True)
def _clock(settings, now):
    settings.TOLLGATE_NOW = now.isoformat()
    cache.clear()


@pytest.fixture
def gate(fraud, olga, now):
    return put(fraud, olga, now, "Precision")


def put(fraud, by, at, metric):
    return set_quality_gate(
        initiative_id=fraud.pk,
        kind="quality",
        metric=metric,
        unit="%",
        threshold=Decimal(92),
        direction="at_least",
        cadence_days=30,
        by=by,
        at=at,
    )


@pytest.fixture
def base(fraud, gate):
    return f"/api/v1/initiatives/{fraud.key}"


def test_metrics_are_listed_with_their_threshold(base, gate, olga):
    assert caller(olga).get(f"{base}/quality-metrics").json() == {
        "items": [
            {
                "id": gate.pk,
                "metric": "Precision",
                "kind": "quality",
                "unit": "%",
                "direction": "at_least",
                "threshold": "92",
                "cadence_days": 30,
            }
        ],
        "next": None,
    }


def test_the_owner_enters_a_reading_that_proves_nothing_yet(base, gate, olga):
    answer = send(caller(olga), f"{base}/quality-metrics/{gate.pk}/readings", READING)

    body = answer.json()
    assert answer.status_code == 201
    assert (body["day"], body["value"], body["is_imported"], body["is_proven"]) == ("2026-11-18", "90.3", False, False)
    assert len(body["evidence_sha256"]) == 64
    assert AuditEvent.objects.filter(verb="quality_reading.recorded", actor_id=olga.pk).count() == 1


def test_finance_without_an_interest_enters_it_as_imported(base, gate, fiona):
    body = send(caller(fiona), f"{base}/quality-metrics/{gate.pk}/readings", READING).json()

    assert body["is_imported"] is True
    assert body["is_proven"] is True


def test_a_retired_metric_takes_no_reading(base, fraud, gate, olga, now):
    put(fraud, olga, now, "Precision")

    answer = send(caller(olga), f"{base}/quality-metrics/{gate.pk}/readings", READING)

    assert answer.status_code == 409
    assert answer.json()["code"] == "wrong_state"


def test_the_metric_of_another_initiative_is_not_found(base, gate, olga, now):
    from tests.factories.initiatives import initiative

    other = initiative(olga, "mvp")

    answer = send(caller(olga), f"/api/v1/initiatives/{other.key}/quality-metrics/{gate.pk}/readings", READING)

    assert answer.status_code == 404


def many(*changes):
    row = {"metric": "Precision", "day": "2026-11-18", "value": "90.3", "source": "Holdout run 512"}
    return {"readings": [row | change for change in changes]}


def test_many_are_kept_in_one_act_and_again_change_nothing(base, fraud, olga, now):
    put(fraud, olga, now, "Recall")
    client, body = caller(olga), many({}, {"metric": "recall", "value": 88.25})

    first = send(client, f"{base}/quality-readings", body)
    again = send(client, f"{base}/quality-readings", body)

    assert first.status_code == 201
    assert first.json() == {"new": 2, "known": 0, "is_imported": False}
    assert again.json() == {"new": 0, "known": 2, "is_imported": False}
    assert set(QualityReading.objects.values_list("value", flat=True)) == {Decimal("90.3"), Decimal("88.25")}
    assert AuditEvent.objects.filter(verb="quality_reading.delivered").count() == 1


def test_many_are_refused_whole_and_each_wrong_one_is_named(base, olga):
    client = caller(olga)

    unknown = send(client, f"{base}/quality-readings", many({}, {"metric": "Speed"}, {"day": "2026-11-20"}))
    shape = send(client, f"{base}/quality-readings", many({}, {"value": "much"}))
    none = send(client, f"{base}/quality-readings", {"readings": []})

    assert unknown.status_code == 422
    messages = [blocker["message"] for blocker in unknown.json()["blockers"]]
    assert [message[:7] for message in messages] == ["Line 2,", "Line 3,"]
    assert shape.json()["blockers"][0]["message"].startswith("readings[1].value: ")
    assert none.status_code == 422
    assert not QualityReading.objects.exists()


WRITE = {"owner": 201, "contributor": 201, "finance": 201}


@pytest.mark.parametrize("role", ["owner", "contributor", "sponsor", "stranger", *GRANTABLE, *("chair", "member")])
def test_every_role_enters_what_the_page_lets_it_enter(base, fraud, gate, olga, sam, now, role):
    who = {"owner": olga, "sponsor": sam}.get(role) or person(
        f"the-{role}", *([Role(role)] if role in (*GRANTABLE, "chair", "member") else [])
    )
    if role == "contributor":
        invite_contributor(initiative_id=fraud.pk, user=who, by=olga, at=now)
    if role in ("stranger", "administrator"):
        pytest.skip("may have no token at all: tests/projects/tokens")
    client = caller(who)

    answers = [
        send(client, f"{base}/quality-metrics/{gate.pk}/readings", READING).status_code,
        send(client, f"{base}/quality-readings", many({})).status_code,
    ]

    assert answers == [WRITE.get(role, 403)] * 2
    assert client.get(f"{base}/quality-metrics/{gate.pk}/readings").status_code == 200
