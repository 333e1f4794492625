"""A worker that dies in the middle of an import: nothing is half there, and the job goes on or can be tried again."""

from datetime import UTC, date, datetime, timedelta

import pytest

from projects.jobs.models import Job
from projects.jobs.services import request_job, take_up_lost_jobs
from projects.people.roles import Role
from projects.sources.holding import hold
from projects.sources.models import Delivery
from projects.spend.models import SpendDay, SpendFact
from tests.factories.people import person
from tests.harness.worker import wait_until

AT = datetime(2026, 11, 19, 9, tzinfo=UTC)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
ROWS = 150_000
HEADER = (
    "BilledCost,EffectiveCost,BillingCurrency,BillingAccountId,BillingPeriodStart,BillingPeriodEnd,"
    "ChargePeriodStart,ChargePeriodEnd,ChargeCategory,ServiceName,ServiceCategory,ProviderName\n"
)


def lines():
    """Yield a month of many small charges."""
    yield HEADER.encode()
    first = date(2026, 10, 1)
    for start in range(0, ROWS, 5000):
        rows = []
        for number in range(start, start + 5000):
            day = first + timedelta(days=number % 31)
            rows.append(
                f"0.01,0.01,USD,a-1,2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,{day}T00:00:00Z,"
                f"{day + timedelta(days=1)}T00:00:00Z,Usage,Service {number % 900},Compute,Provider\n"
            )
        yield "".join(rows).encode()


def nothing_is_there():
    return not (Delivery.objects.exists() or SpendFact.objects.exists() or SpendDay.objects.exists())


@pytest.fixture
def asked(transactional_db):
    finance = person("fay", Role.FINANCE)
    held = hold(chunks=lines(), name="october.csv", source="cloud", said={}, by=finance)
    return lambda: request_job(
        kind="import_costs",
        label="Import october.csv",
        arguments={"token": held.token, "same_content": False},
        by=finance,
        at=AT,
    )


def test_an_import_whose_worker_is_killed_leaves_nothing_and_is_taken_up_again(asked, start_worker):
    worker = start_worker()
    job = asked()
    wait_until(lambda: Job.objects.get(pk=job.pk).step == "Loading rows", seconds=60, what="the first rows")

    worker.kill()

    assert Job.objects.get(pk=job.pk).state == "running"
    wait_until(nothing_is_there, seconds=90, what="the transaction to end")
    Job.objects.filter(pk=job.pk).update(lease_until=LONG_AGO)
    start_worker()
    take_up_lost_jobs()
    wait_until(lambda: Job.objects.get(pk=job.pk).is_over, seconds=120, what="the import")
    again = Job.objects.get(pk=job.pk)
    assert (again.state, again.attempts) == ("succeeded", 2)
    assert Delivery.objects.get().accepted == ROWS
    assert SpendFact.objects.count() == ROWS


def test_a_job_that_failed_says_why_and_is_tried_again_by_its_button(transactional_db, client, celery_worker_process):
    finance = person("fay", Role.FINANCE)
    arguments = {"token": "0" * 32, "same_content": False}
    job = request_job(kind="import_costs", label="Import lost.csv", arguments=arguments, by=finance, at=AT)
    wait_until(lambda: Job.objects.get(pk=job.pk).is_over, seconds=60, what="the end")
    client.force_login(finance)

    page = client.get(f"/jobs/{job.pk}/").content.decode()
    answer = client.post(f"/jobs/{job.pk}/retry/")

    assert "no longer there" in page
    assert "Try again" in page
    assert answer.status_code == 302
    wait_until(lambda: Job.objects.get(pk=job.pk).is_over, seconds=60, what="the second end")
    assert Job.objects.get(pk=job.pk).error_code == "file_gone"
