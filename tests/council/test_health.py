import pytest
from django.db import connection


@pytest.mark.django_db
def test_web_is_well_while_the_database_answers(client):
    answer = client.get("/health/web/")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db(transaction=True)
def test_web_fails_without_a_database(client, monkeypatch):
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "PASSWORD", "wrong")

    answer = client.get("/health/web/")
    connection.close()

    assert (answer.status_code, answer.json()) == (503, {"status": "failing"})


@pytest.mark.parametrize("process", ["worker", "scheduler"])
@pytest.mark.django_db
def test_process_that_does_not_run_is_failing(client, process, broker):
    from council.celery import app

    with app.connection_for_write() as messages:
        messages.default_channel.client.delete("redbeat::lock")

    assert client.get(f"/health/{process}/").status_code == 503


def test_worker_is_well_while_it_answers(client, celery_worker_process):
    assert client.get("/health/worker/").status_code == 200


@pytest.mark.django_db
def test_health_cannot_be_posted_to(client):
    assert client.post("/health/web/").status_code == 405
