"""People in cost rows are told to no caller of the API and stand in nothing that is kept of a job, whoever asks."""

import json
from datetime import date
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.urls import reverse

from projects import api_urls
from projects.jobs.models import Job
from projects.jobs.tasks import run_job
from projects.people.roles import Role
from projects.quality.services import set_quality_gate
from projects.sources.services import close_period
from projects.tokens.services import may_have_tokens
from projects.value.services import create_kpi_card
from tests.factories.people import person
from tests.factories.tokens import caller
from tests.projects.spend.samples import take_in, write_focus
from tests.projects.spend.uploads import send
from tests.projects.trail.conftest import row

pytestmark = pytest.mark.django_db
ANN = "ann.lee@example.com"
NAMED = {"ServiceName": f"Model of {ANN}", "SubAccountId": ANN, "ResourceId": f"/users/{ANN}/key"}


@pytest.fixture(autouse=True)
def _media(settings, now, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.TOLLGATE_NOW = now.isoformat()
    cache.clear()


@pytest.fixture
def named(fraud, olga, now, tmp_path):
    """An initiative whose charges name a person wherever they can, and the ids of what the API reads of it."""
    tags = json.dumps({"initiative": fraud.key, "env": f"sandbox-{ANN}", "user": "annie"})
    take_in(write_focus(tmp_path / f"export of {ANN}.csv", row(date(2026, 5, 3), 10, Tags=tags, **NAMED)), "cloud")
    said = {"initiative_id": fraud.pk, "unit": "%", "by": olga, "at": now}
    gate = set_quality_gate(
        kind="quality", metric="Recall", threshold=Decimal(92), direction="at_least", cadence_days=30, **said
    )
    card = create_kpi_card(name="Cleared", direction="up", owner=olga, target=Decimal(70), **said)
    return {"key": fraud.key, "gate_id": gate.pk, "card_id": card.pk}


def addresses(ids):
    """Return the addresses of all that the API has."""
    routes = [route for route in api_urls.urlpatterns if route.name != "nothing"]
    return [
        reverse(f"api:{route.name}", kwargs={name: ids[name] for name in route.pattern.converters}) for route in routes
    ]


def test_no_answer_of_the_api_names_whom_cost_rows_name_whatever_the_role(named, olga):
    callers = [olga, *(one for role in Role if may_have_tokens(one := person(f"a-{role}", role)))]
    found = {}

    for one in callers:
        client = caller(one, "read")
        for address in addresses(named):
            answer = client.get(address)
            found[one.username, address] = answer.status_code
            said = answer.content.decode()
            assert not [word for word in ("ann.lee", "annie") if word in said], (one, address)

    assert len(callers) > 5
    assert {status for (_, address), status in found.items() if not address.endswith("readings")} == {200}
    assert set(found.values()) <= {200, 403, 405}


def kept_of_import(client, file, state):
    """Import a file as a page asks for it, and return all that is kept of the job."""
    held = send(client, file).url
    client.post(f"{held}confirm/", {"role": "fact"})
    job = Job.objects.latest("pk")
    run_job(job_id=job.pk)
    job = Job.objects.get(pk=job.pk)
    assert job.state == state
    return json.dumps([job.label, job.step, job.error, job.result, job.arguments], default=str)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "cells",
    [{}, {"BillingCurrency": f"USD {ANN}"}, {"EffectiveCost": f"ten by {ANN}"}],
    ids=["taken", "bad currency", "bad cost"],
)
def test_what_is_kept_of_an_import_job_names_nobody_also_when_it_fails(cells, client, fiona, tmp_path):
    client.force_login(fiona)
    file = write_focus(tmp_path / f"export of {ANN}.csv", row(date(2026, 5, 3), 1, **NAMED, **cells))

    assert "ann.lee" not in kept_of_import(client, file, "failed" if cells else "succeeded")


@pytest.mark.django_db(transaction=True)
def test_what_is_kept_of_a_job_that_a_closed_month_stopped_names_nobody(client, fiona, now, tmp_path):
    client.force_login(fiona)
    take_in(write_focus(tmp_path / "a.csv", row(date(2026, 5, 3), 1, **NAMED)), "cloud")
    close_period(month=date(2026, 5, 1), by=fiona, at=now)
    file = write_focus(tmp_path / "b.csv", row(date(2026, 5, 3), 2, **NAMED))

    kept = kept_of_import(client, file, "failed")

    assert "Model of masked@example.com on" in kept
    assert "ann.lee" not in kept
