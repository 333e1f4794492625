"""Jobs: asked for, held, ended, cancelled, tried again; every state by every act."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from projects.audit.models import AuditEvent
from projects.common.clock import machine_now
from projects.common.outcomes import NotPermitted
from projects.jobs.models import Job
from projects.jobs.services import (
    ATTEMPTS,
    JobOver,
    cancel_job,
    end_job,
    lost_jobs,
    request_job,
    retry_job,
    take_job,
)


@pytest.fixture
def asked(fiona, now):
    return request_job(kind="import_costs", label="Import a.csv", arguments={}, by=fiona, at=now)


def held(job):
    return take_job(job_id=job.pk, worker="w1")


def ended(job, act="fail", now=None):
    held(job)
    details = {"fail": {"code": "broken", "error": "Broke."}, "succeed": {"result": {}}, "cancel": {}}[act]
    return end_job(job_id=job.pk, act=act, at=now or machine_now(), **details)


def test_a_job_is_written_down_and_recorded(asked, fiona):
    assert (asked.state, asked.attempts) == ("queued", 0)
    assert AuditEvent.objects.get(verb="job.requested").actor_id == fiona.pk


def test_a_held_job_is_held_by_one_until_its_lease_runs_out(asked):
    assert held(asked).state == "running"
    assert held(asked) is None

    Job.objects.filter(pk=asked.pk).update(lease_until=machine_now() - timedelta(seconds=1))

    assert held(asked).attempts == 2


def test_a_job_whose_holders_die_again_and_again_is_given_up(asked):
    for _ in range(ATTEMPTS):
        assert held(asked) is not None
        Job.objects.filter(pk=asked.pk).update(lease_until=machine_now() - timedelta(seconds=1))

    assert held(asked) is None
    assert Job.objects.get(pk=asked.pk).error_code == "gave_up"


def test_a_job_is_lost_when_its_holder_died_or_its_message_did(asked):
    assert lost_jobs() == []
    Job.objects.filter(pk=asked.pk).update(heartbeat_at=machine_now() - timedelta(minutes=1))
    assert lost_jobs() == [asked]
    held(asked)
    assert lost_jobs() == []
    Job.objects.filter(pk=asked.pk).update(lease_until=machine_now() - timedelta(seconds=1))
    assert lost_jobs() == [asked]


@pytest.mark.parametrize("act", ["succeed", "fail", "cancel"])
def test_an_ended_job_is_not_taken_again(asked, act):
    ended(asked, act)

    assert held(asked) is None
    assert Job.objects.get(pk=asked.pk).finished_at is not None


def test_a_waiting_job_is_cancelled_at_once_and_a_running_one_is_asked_to_stop(asked, fiona, now):
    held(asked)
    assert cancel_job(job_id=asked.pk, by=fiona, at=now).state == "running"
    assert Job.objects.get(pk=asked.pk).cancel_requested

    other = request_job(kind="import_costs", label="b", arguments={}, by=fiona, at=now)
    assert cancel_job(job_id=other.pk, by=fiona, at=now).state == "cancelled"
    with pytest.raises(JobOver):
        cancel_job(job_id=other.pk, by=fiona, at=now)


def test_a_failed_job_is_tried_again_from_the_start_and_a_good_one_is_not(asked, fiona, now):
    ended(asked, "fail")

    again = retry_job(job_id=asked.pk, by=fiona, at=now)

    assert (again.state, again.attempts, again.error, again.finished_at) == ("queued", 0, "", None)
    ended(asked, "succeed")
    with pytest.raises(JobOver):
        retry_job(job_id=asked.pk, by=fiona, at=now)


def test_only_who_asked_stops_or_repeats_a_job(asked, felix, now):
    with pytest.raises(NotPermitted):
        cancel_job(job_id=asked.pk, by=felix, at=now)
    ended(asked, "fail")
    with pytest.raises(NotPermitted):
        retry_job(job_id=asked.pk, by=felix, at=now)


@pytest.mark.parametrize(("before", "after"), [("queued", "succeeded"), ("queued", "failed"), ("succeeded", "queued")])
def test_the_database_refuses_what_the_table_does_not_have(asked, before, after):
    if before == "succeeded":
        ended(asked, "succeed")

    with pytest.raises(DatabaseError), transaction.atomic():
        connection.cursor().execute("UPDATE projects_job SET state = %s WHERE id = %s", [after, asked.pk])


@pytest.mark.parametrize(("done", "total", "percent"), [(0, None, None), (0, 10, 0), (5, 10, 50), (12, 10, 100)])
def test_percent_is_unknown_without_a_total_and_never_above_a_hundred(done, total, percent):
    assert Job(done=done, total=total).percent == percent


def test_a_job_is_seen_by_who_asked_for_it_alone(client, asked, fiona, felix):
    client.force_login(felix)
    assert client.get(f"/jobs/{asked.pk}/").status_code == 404
    client.force_login(fiona)
    assert client.get(f"/jobs/{asked.pk}/").status_code == 200
    assert client.post(f"/jobs/{asked.pk}/cancel/", HTTP_HX_REQUEST="true").status_code == 200
    assert Job.objects.get(pk=asked.pk).state == "cancelled"
