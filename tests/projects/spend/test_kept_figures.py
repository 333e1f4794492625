"""What nobody owns is worked out once over all heaps, and anew as soon as anything it rests on changes."""

from datetime import date

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects.attribution.services import RuleDraft, make_rule
from projects.sources.models import CostGroup, CostKey, Source
from projects.sources.services import change_role
from projects.spend import unclaimed
from projects.spend.reattribution import reattribute
from projects.spend.unclaimed import coverage, unclaimed_summary
from projects.spend.verification import rebuild_rollups
from tests.harness.plans import rows_touched
from tests.projects.spend.samples import take_in, write_focus

pytestmark = pytest.mark.django_db
WHEN = {"since": date(2026, 1, 1), "on": date(2026, 6, 10)}


@pytest.fixture(autouse=True)
def _empty():
    cache.clear()


@pytest.fixture
def deliver(tmp_path):
    return lambda *rows: take_in(write_focus(tmp_path / "a.csv", *rows), "cloud")


def figures():
    heaps = [(heap.service, int(heap.effective_cost)) for cause in unclaimed_summary(**WHEN) for heap in cause.heaps]
    return heaps, [(line.currency, int(line.claimed), int(line.total)) for line in coverage(**WHEN)]


def test_a_second_look_adds_up_no_month_and_says_the_same(deliver):
    deliver({"EffectiveCost": "60"}, {"EffectiveCost": "40", "SubAccountId": "other"})
    first = figures()

    with CaptureQueriesContext(connection) as asked:
        again = figures()

    assert first == again == ([("Bedrock", 60), ("Bedrock", 40)], [("USD", 0, 100)])
    assert not [query for query in asked if "FROM projects_spendmonth m" in query["sql"]]


def test_whatever_they_rest_on_asks_for_them_anew(fraud, deliver, fiona, now):
    deliver({"EffectiveCost": "60"}, {"EffectiveCost": "40", "SubAccountId": "other"})
    seen = [figures()]

    make_rule(draft=RuleDraft("sub_account", "other", fraud), by=fiona, at=now)
    reattribute(by=fiona, at=now)
    seen.append(figures())
    deliver({"EffectiveCost": "90"}, {"EffectiveCost": "40", "SubAccountId": "other"})
    seen.append(figures())
    with connection.cursor() as cursor:
        cursor.execute("UPDATE projects_spendmonth SET effective_cost = 1 WHERE initiative_id IS NULL")
    rebuild_rollups()
    seen.append(figures())
    change_role(source_id=Source.objects.get().pk, role="detail", by=fiona, at=now)
    seen.append(figures())

    assert seen == [
        ([("Bedrock", 60), ("Bedrock", 40)], [("USD", 0, 100)]),
        ([("Bedrock", 60)], [("USD", 40, 100)]),
        ([("Bedrock", 90)], [("USD", 40, 130)]),
        ([("Bedrock", 90)], [("USD", 40, 130)]),
        ([], []),
    ]


def test_other_months_are_other_figures(deliver):
    deliver({"EffectiveCost": "60"})

    assert figures() == ([("Bedrock", 60)], [("USD", 0, 60)])
    assert unclaimed_summary(since=date(2026, 6, 1), on=date(2026, 6, 10)) == []
    assert unclaimed_summary(since=date(2026, 1, 1), on=date(2026, 4, 30)) == []


def test_names_are_looked_up_and_not_remembered(deliver, monkeypatch):
    remembered = []
    monkeypatch.setattr(cache, "set", lambda name, known, seconds: remembered.append(known))
    deliver({"BillingAccountId": "anna@example.com", "ServiceName": "Bedrock"})

    (cause,) = unclaimed_summary(**WHEN)

    assert (cause.heaps[0].billing_account, cause.heaps[0].service) == ("anna@example.com", "Bedrock")
    assert remembered
    assert "anna" not in repr(remembered)
    assert "Bedrock" not in repr(remembered)


def test_whether_an_account_is_a_key_is_known_without_reading_all_keys_of_a_heap(deliver):
    deliver({"BillingAccountId": "sk-1"})
    key, group = CostKey.objects.get(), CostGroup.objects.get()
    make = "INSERT INTO projects_costkey (source_id, digest, group_id, api_key_id, tag_index) "
    with connection.cursor() as cursor:
        cursor.execute(
            make + "SELECT %s, gen_random_uuid(), %s, NULL, '{}' FROM generate_series(1, 3000)",
            [key.source_id, group.pk],
        )
        cursor.execute(
            make + "SELECT %s, gen_random_uuid(), %s, 'sk-' || n, '{}' FROM generate_series(2, 300) n",
            [key.source_id, group.pk],
        )
        cursor.execute("ANALYZE projects_costkey")
    bound = {"groups": [group.pk], "billing": [None], "sub": [None]}

    touched = rows_touched(unclaimed._NAMES, bound, relation="projects_costkey")

    assert touched < 50
    assert not unclaimed_summary(**WHEN)[0].heaps[0].is_key
    with connection.cursor() as cursor:
        cursor.execute(make + "VALUES (%s, gen_random_uuid(), %s, 'sk-1', '{}')", [key.source_id, group.pk])
    assert unclaimed_summary(**WHEN)[0].heaps[0].is_key
