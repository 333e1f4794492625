"""Coverage of all spend is worked out once, shown where people look at spend, and anew as soon as anything it rests on changes."""

from datetime import date

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects.attribution.models import TaggingKey
from projects.attribution.schema import KeyDraft, retire_key, set_key
from projects.attribution.services import RuleDraft, make_rule
from projects.sources.models import Source
from projects.sources.services import change_role
from projects.spend.kept_coverage import kept_coverage
from projects.spend.reattribution import reattribute
from tests.projects.spend.samples import take_in, write_focus
from tests.projects.spend.test_coverage import ON, row, whole

pytestmark = pytest.mark.django_db
PARTIAL = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _empty():
    cache.clear()


@pytest.fixture
def deliver(tmp_path):
    return lambda *rows: take_in(write_focus(tmp_path / "a.csv", *rows), "cloud")


def figures(on=ON):
    return [(line.currency, line.covered, line.total) for line in kept_coverage(on=on)]


def scans(on=ON):
    with CaptureQueriesContext(connection) as asked:
        kept_coverage(on=on)
    return sum("FROM projects_spendfact" in query["sql"] for query in asked)


def test_a_second_look_reads_no_charge_and_says_the_same(fraud, deliver):
    deliver(row(60, whole(fraud)), row(40, SubAccountId="other"))

    first, again = scans(), scans()

    assert (first, again) == (1, 0)
    assert figures() == [("USD", 60, 100)]


def test_whatever_it_rests_on_asks_for_it_anew(fraud, deliver, fiona, now):
    deliver(row(60, whole(fraud)), row(40, '{"env": "prod", "cost-center": "cc-1"}', SubAccountId="other"))
    seen = [figures()]

    make_rule(draft=RuleDraft("sub_account", "other", fraud), by=fiona, at=now)
    reattribute(by=fiona, at=now)
    seen.append(figures())
    key = set_key(draft=KeyDraft("Team"), by=fiona, at=now)
    seen.append(figures())
    retire_key(key_id=key.pk, by=fiona, at=now)
    seen.append(figures())
    deliver(row(60, whole(fraud)), row(140, SubAccountId="other"))
    seen.append(figures())

    assert [sums for ((_, *sums),) in seen] == [[60, 100], [100, 100], [0, 100], [100, 100], [60, 200]]
    change_role(source_id=Source.objects.get().pk, role="detail", by=fiona, at=now)
    assert figures() == []


def test_another_month_is_another_figure(fraud, deliver):
    deliver(row(60, whole(fraud)))

    assert figures() == [("USD", 60, 60)]
    assert figures(on=date(2026, 9, 20)) == []


def test_the_explorer_asks_for_the_line_and_the_line_says_it(client, carol, fraud, deliver, settings):
    settings.TOLLGATE_NOW = f"{ON}T09:00:00+00:00"
    deliver(row(60, whole(fraud)), row(40, SubAccountId="other"))
    client.force_login(carol)

    page = client.get("/spend/").content.decode()
    line = client.get("/spend/coverage/", headers=PARTIAL).content.decode()

    assert 'hx-get="/spend/coverage/"' in page
    assert "Tags, last 30 final days:" in line
    assert '<span class="is-warn">60.0%</span> of $100 carries every' in line
    assert "the target is 95.0%" in line
    assert client.get("/spend/coverage/").url == "/spend/rules/tags/", "without script the link leads there"


def test_without_a_mandatory_key_the_line_says_that_nothing_is_measured(client, carol, fraud, deliver, fiona, now):
    deliver(row(60, whole(fraud)))
    for key in TaggingKey.objects.filter(retired_at__isnull=True):
        retire_key(key_id=key.pk, by=fiona, at=now)
    client.force_login(carol)

    assert "No key is mandatory" in client.get("/spend/coverage/", headers=PARTIAL).content.decode()


def test_a_stranger_finds_no_coverage(client, max_the_stranger):
    assert client.get("/spend/coverage/").status_code == 302
    client.force_login(max_the_stranger)
    assert client.get("/spend/coverage/", headers=PARTIAL).status_code == 404
