"""The page of a job says what its worker does, and never more than was heard of it."""

import re
from datetime import timedelta

import pytest

from projects.common.clock import machine_now
from projects.jobs.models import Job
from projects.jobs.services import KINDS, cancel_job, end_job, request_job, take_job


@pytest.fixture
def asked(fiona, now):
    return request_job(kind="import_costs", label="Import a.csv", arguments={}, by=fiona, at=now)


@pytest.fixture
def page(client, fiona, asked):
    client.force_login(fiona)
    return lambda: client.get(f"/jobs/{asked.pk}/").content.decode()


def heard(job, *, seconds_ago, **more):
    at = machine_now() - timedelta(seconds=seconds_ago)
    Job.objects.filter(pk=job.pk).update(heartbeat_at=at, step_started_at=at - timedelta(seconds=10), **more)


def test_a_job_is_nobody_elses_to_see(client, max_the_stranger, asked):
    client.force_login(max_the_stranger)

    assert client.get(f"/jobs/{asked.pk}/").status_code == 404


def test_work_that_is_heard_of_tells_rows_pace_and_time_left(asked, page):
    take_job(job_id=asked.pk, worker="w1")
    heard(asked, seconds_ago=1, step="Loading rows", rows=61579, done=20, total=100, unit="bytes")

    said = page()

    assert "Running: Loading rows, 61,579 rows, 6,157 a second, about 40 seconds left" in said
    assert "Nothing heard" not in said


def test_a_silent_worker_is_named_as_such_and_no_time_is_promised(asked, page):
    take_job(job_id=asked.pk, worker="w1")
    heard(asked, seconds_ago=40, step="Loading rows", rows=61579, done=20, total=100, unit="bytes")

    said = page()

    assert "Nothing heard from the worker for 40 seconds" in said
    assert "another takes this up from the start" in said
    assert "a second," not in said
    assert "seconds left" not in said


def test_work_that_no_worker_takes_up_says_so(asked, page):
    assert "No worker has taken this up yet" not in page()

    heard(asked, seconds_ago=40)

    assert "No worker has taken this up yet" in page()


def test_work_that_is_being_cancelled_has_no_second_cancel(asked, page, fiona, now):
    take_job(job_id=asked.pk, worker="w1")
    assert f"/jobs/{asked.pk}/cancel/" in page()

    cancel_job(job_id=asked.pk, by=fiona, at=now)

    assert "Cancelling: it stops at its next step, or is done before that." in page()
    assert f"/jobs/{asked.pk}/cancel/" not in page()


def test_cancelled_work_says_that_nothing_half_done_is_kept_and_counts_no_rows(asked, page, now):
    take_job(job_id=asked.pk, worker="w1")
    heard(asked, seconds_ago=40, rows=123158)
    end_job(job_id=asked.pk, act="cancel", at=now)

    said = page()

    assert "Nothing half-done is kept." in said
    assert "123,158" not in said
    assert "Nothing heard" not in said
    assert "Try again" in said


@pytest.mark.parametrize(
    ("kind", "way"),
    [
        ("import_costs", ["/spend/", "/spend/import/"]),
        ("reattribute", ["/spend/", "/spend/rules/"]),
        ("rule_dry_run", ["/spend/", "/spend/rules/"]),
        ("showback_pdf", ["/spend/", "/spend/showback/"]),
        ("portfolio_import", ["/portfolio/", "/portfolio/import/"]),
        ("build_pack", ["/meetings/"]),
    ],
)
def test_a_job_says_where_it_belongs_and_leads_there(client, fiona, now, kind, way):
    client.force_login(fiona)
    job = request_job(kind=kind, label="Work", arguments={}, by=fiona, at=now)

    said = client.get(f"/jobs/{job.pk}/").content.decode()

    crumbs = re.search(r'<nav class="crumb".*?</nav>', said)[0]
    current = set(re.findall(r'<a[^>]*href="([^"]+)"[^>]*aria-current="page"', said))
    assert current == {way[0]}, "the top bar marks where the work belongs"
    assert re.findall(r'href="([^"]+)"', crumbs) == way
    assert crumbs.endswith("<span>Progress</span></nav>")


def test_a_stop_that_came_too_late_says_that_what_was_done_stands(asked, fiona, now, page, client):
    take_job(job_id=asked.pk, worker="w1")
    cancel_job(job_id=asked.pk, by=fiona, at=now)
    stopping = page()
    end_job(job_id=asked.pk, act="succeed", at=now, result={"location": "/spend/"})

    assert "Cancelling: it stops at its next step, or is done before that." in stopping
    assert "It was done before it could be stopped" in page()
    panel = client.get(f"/jobs/{asked.pk}/", headers={"HX-Request": "true"})
    assert "HX-Redirect" not in panel.headers


def test_every_kind_of_job_names_where_it_belongs():
    assert [kind for kind, done in KINDS.items() if not done.under] == []


def test_a_job_of_a_kind_no_longer_known_still_has_a_page(client, fiona, now):
    client.force_login(fiona)
    job = request_job(kind="forgotten", label="Work", arguments={}, by=fiona, at=now)

    said = client.get(f"/jobs/{job.pk}/")

    assert said.status_code == 200
    assert '<nav class="crumb" aria-label="Breadcrumb"><span>Progress</span></nav>' in said.content.decode()
