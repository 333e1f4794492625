"""A dry run that is stopped, or fails, leaves a change that says so, and a way to try it again or give it up."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects.jobs.models import Job
from projects.jobs.services import Cancelled, cancel_job, end_job, retry_job, take_job
from projects.rulebook.models import RuleChange
from projects.rulebook.services import try_change
from tests.projects.spend.samples import take_in, write_focus
from tests.projects.spend.uploads import Heard, perform

pytestmark = pytest.mark.django_db
TYPED = {"kind": "sub_account", "value": "sub-1", "basis": "whole", "note": "Theirs"}


@pytest.fixture
def asked(client, fiona, fraud, tmp_path):
    take_in(write_focus(tmp_path / "a.csv", {"EffectiveCost": "10"}), "c")
    client.force_login(fiona)
    client.post("/spend/rules/new/", {**TYPED, "receivers": fraud.key})
    return Job.objects.get(kind="rule_dry_run")


def pages(client):
    change = RuleChange.objects.get()
    return [client.get(path).content.decode() for path in ("/spend/rules/", f"/spend/rules/changes/{change.pk}/")]


def test_a_change_whose_dry_run_was_cancelled_is_not_being_tried_out(asked, client, fiona, now):
    assert all("Being tried out" in page for page in pages(client))

    cancel_job(job_id=asked.pk, by=fiona, at=now)

    rules, change = pages(client)
    for page in (rules, change):
        assert "Being tried out" not in page
        assert "Dry run stopped" in page
    assert f'The dry run was cancelled; <a href="/jobs/{asked.pk}/">try it again</a> or withdraw the change.' in change
    assert "/withdraw/" in change


def test_the_page_of_a_stopped_dry_run_leads_to_its_change(asked, client, fiona, now):
    change = RuleChange.objects.get()
    link = f'<a class="btn" href="/spend/rules/changes/{change.pk}/">See what it was for</a>'
    assert link not in client.get(f"/jobs/{asked.pk}/").content.decode()

    cancel_job(job_id=asked.pk, by=fiona, at=now)

    assert link in client.get(f"/jobs/{asked.pk}/").content.decode()


def test_a_change_whose_dry_run_failed_says_so_to_another_person_too(asked, client, felix, now):
    take_job(job_id=asked.pk, worker="w")
    end_job(job_id=asked.pk, act="fail", at=now, code="broken", error="Broke.")
    client.force_login(felix)

    rules, change = pages(client)

    assert "Dry run stopped" in rules
    assert "The dry run has failed; Fiona" in change
    assert "can try it again." in change
    assert "/jobs/" not in change.split("<main")[1].split("</main")[0]


def test_a_dry_run_that_is_tried_again_is_being_tried_out_and_then_proposed(asked, client, fiona, now):
    cancel_job(job_id=asked.pk, by=fiona, at=now)

    retry_job(job_id=asked.pk, by=fiona, at=now)

    assert all("Being tried out" in page for page in pages(client))
    perform(Job.objects.get(pk=asked.pk))
    assert all("Proposed" in page and "Dry run stopped" not in page for page in pages(client))


def test_a_stop_asked_for_during_the_last_sum_is_heard_before_anything_is_proposed(asked, fiona, now):
    class Stopping(Heard):
        def step(self, name, **told):
            super().step(name, **told)
            if name == "Writing down what moves":
                raise Cancelled

    heard = Stopping()

    with pytest.raises(Cancelled):
        try_change(change_id=RuleChange.objects.get().pk, by=fiona, at=now, listener=heard)

    assert heard.steps[-1] == "Writing down what moves"
    assert len(heard.steps) > 1


def test_more_open_changes_cost_no_more_queries(asked, client, fraud):
    client.get("/spend/rules/")
    with CaptureQueriesContext(connection) as few:
        client.get("/spend/rules/")
    for number in range(4):
        client.post("/spend/rules/new/", {**TYPED, "value": f"sub-{number + 5}", "receivers": fraud.key})
    assert RuleChange.objects.count() == 5

    with CaptureQueriesContext(connection) as many:
        client.get("/spend/rules/")

    assert len(many) == len(few)
