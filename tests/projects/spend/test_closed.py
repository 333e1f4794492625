"""A delivery that would change closed months is refused with every place counted and the first fifty shown."""

import json
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from projects.common.clock import now as clock
from projects.jobs.models import Job
from projects.jobs.services import end_job, retry_job, take_job
from projects.people.services import import_service
from projects.sources.models import ClosedPeriod
from projects.sources.services import close_period
from projects.spend.closed import PeriodClosed, closed_months
from projects.spend.services import CostFile, import_costs
from tests.projects.spend.samples import run, take_in, totals, write_focus
from tests.projects.spend.uploads import perform, send

pytestmark = pytest.mark.django_db
JUNE = {
    "BillingPeriodStart": "2026-06-01T00:00:00Z",
    "BillingPeriodEnd": "2026-07-01T00:00:00Z",
    "ChargePeriodStart": "2026-06-03T00:00:00Z",
    "ChargePeriodEnd": "2026-06-04T00:00:00Z",
}


@pytest.fixture
def closed(fiona, now):
    for month in (date(2026, 5, 1), date(2026, 6, 1)):
        ClosedPeriod.objects.create(month=month, closed_by=fiona, closed_at=now)


def refused(path):
    with pytest.raises(PeriodClosed) as found:
        import_costs(file=CostFile(path, path.name, "cloud"), by=import_service(), at=clock())
    return found.value


def charges(count, **more):
    return [{"ResourceId": f"arn:{number:04}", **more} for number in range(count)]


@pytest.mark.parametrize(("rows", "shown"), [(1, 1), (49, 49), (50, 50), (51, 50), (130, 50)])
def test_every_place_is_counted_and_the_first_fifty_are_listed(closed, tmp_path, rows, shown):
    found = refused(write_focus(tmp_path / "a.csv", *charges(rows)))

    assert found.differences.places == rows
    assert len(found.differences.first) == shown
    assert [(line.month, line.places, line.costs.effective_after) for line in found.differences.sums] == [
        (date(2026, 5, 1), rows, rows)
    ]
    assert totals()[1] == {}


def test_the_command_answers_with_the_same_figures(closed, tmp_path):
    code, answer = run("import_costs", write_focus(tmp_path / "a.csv", *charges(51)), "--source", "cloud")

    assert (code, answer["error"]["code"]) == (2, "period_closed")
    found = answer["error"]["closed"]
    assert (found["places"], len(found["first"])) == (51, 50)
    assert [(line["month"], line["effective_before"], line["effective_after"]) for line in found["months"]] == [
        ("2026-05-01", "0", "51")
    ]


def test_places_of_all_accounts_and_months_are_counted_with_their_money_by_currency(closed, fiona, tmp_path):
    ClosedPeriod.objects.all().delete()
    take_in(
        write_focus(
            tmp_path / "a.csv",
            {"EffectiveCost": "10", "BilledCost": "9"},
            {"EffectiveCost": "2", "ResourceId": "gone"},
            {"EffectiveCost": "4", "BillingAccountId": "222", "BillingCurrency": "EUR"},
            {"EffectiveCost": "7", **JUNE},
        ),
        "cloud",
    )
    for month in (date(2026, 5, 1), date(2026, 6, 1)):
        close_period(month=month, by=fiona, at=clock())

    found = refused(
        write_focus(
            tmp_path / "b.csv",
            {"EffectiveCost": "10.000000000000000001", "BilledCost": "9"},
            {"EffectiveCost": "5", "BillingAccountId": "222", "BillingCurrency": "EUR"},
            {"EffectiveCost": "7", **JUNE},
            {"EffectiveCost": "-3", "ResourceId": "new", **JUNE},
        )
    )

    assert [
        (f"{line.month:%Y-%m}", line.currency, line.places, *vars(line.costs).values())
        for line in found.differences.sums
    ] == [
        ("2026-05", "EUR", 1, 4, 5, 1, 1),
        ("2026-05", "USD", 2, 12, Decimal("10.000000000000000001"), 10, 9),
        ("2026-06", "USD", 1, 0, -3, 0, 1),
    ]
    assert [(place.account, place.day, place.currency) for place in found.differences.first] == [
        ("111", date(2026, 5, 3), "USD"),
        ("111", date(2026, 5, 3), "USD"),
        ("222", date(2026, 5, 3), "EUR"),
        ("111", date(2026, 6, 3), "USD"),
    ]
    words = str(found)
    assert "May 2026 is closed, by Fiona" in words
    assert "; June 2026 is closed, by Fiona" in words
    assert "would change them in 4 places, whose effective cost goes from 4.00 to 5.00 EUR and from 12.00 to " in words
    assert "; and 1 more. Have the months opened again first, or deliver corrections in an open one." in words


def test_an_open_month_beside_a_closed_one_is_not_named(fiona, now, tmp_path):
    close_period(month=date(2026, 5, 1), by=fiona, at=now)

    found = refused(write_focus(tmp_path / "a.csv", {"EffectiveCost": "3"}, {"EffectiveCost": "4", **JUNE}))

    assert [(line.month, line.costs.effective_after) for line in found.differences.sums] == [(date(2026, 5, 1), 3)]


def test_what_stands_already_in_a_closed_month_changes_nothing(fiona, now, tmp_path):
    take_in(write_focus(tmp_path / "a.csv", {"EffectiveCost": "3"}), "cloud")
    close_period(month=date(2026, 5, 1), by=fiona, at=now)

    answer = take_in(write_focus(tmp_path / "b.csv", {"EffectiveCost": "3"}, {"EffectiveCost": "4", **JUNE}), "cloud")

    assert answer["unchanged"] is False
    assert totals()[1]["USD"][2] == 7


def test_more_parts_cost_no_more_queries(closed, tmp_path):
    def queries(path):
        with CaptureQueriesContext(connection) as asked:
            refused(path)
        return sum("closed_difference" in query["sql"] for query in asked)

    few = queries(write_focus(tmp_path / "a.csv", {}))
    many = queries(write_focus(tmp_path / "b.csv", *({"BillingAccountId": str(number)} for number in range(9))))

    assert many == few


def test_the_page_of_the_refused_import_shows_who_closed_what_and_the_money(as_fiona, fiona, closed, tmp_path):
    held = send(as_fiona, write_focus(tmp_path / "b.csv", *charges(60, EffectiveCost="2.5", ServiceName="Beds & more")))
    as_fiona.post(f"{held.url}confirm/", {"role": "fact"})
    job = Job.objects.get()
    take_job(job_id=job.pk, worker="w")
    with pytest.raises(PeriodClosed) as found:
        perform(job)
    error = found.value
    end_job(job_id=job.pk, act="fail", at=clock(), code=error.code, error=str(error), details=error.details)

    page = as_fiona.get(reverse("projects:job", args=[job.pk])).content.decode()

    assert "May 2026" in page
    assert "Fiona" in page.split("What it would change in closed months")[1]
    assert "The first 50 of 60 places" in page
    assert page.count("Beds &amp; more<span") == 50
    assert "$150.00" in page
    assert "arn:0049" in page
    assert "arn:0050" not in page
    assert json.loads(json.dumps(error.details)) == Job.objects.get().result
    retry_job(job_id=job.pk, by=fiona, at=clock())
    assert Job.objects.get().result == {}
    assert "closed months" not in as_fiona.get(reverse("projects:job", args=[job.pk])).content.decode()


def test_a_person_named_in_an_account_is_not_written_into_the_refusal(closed, tmp_path):
    found = refused(
        write_focus(
            tmp_path / "a.csv", {"BillingAccountId": "olga@example.org", "ResourceId": "notebook/olga@example.org"}
        )
    )

    assert found.differences.first[0].account == "olga@example.org"
    assert "olga@" not in json.dumps(found.details)


def test_closed_months_are_those_of_the_days_asked_for(closed):
    assert closed_months([date(2026, 6, 30), date(2026, 5, 1), date(2026, 5, 2), date(2026, 7, 1)]) == [
        date(2026, 5, 1),
        date(2026, 6, 1),
    ]
    assert closed_months([]) == []
