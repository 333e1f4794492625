"""What the pages of spend show is worked out after a delivery, and every process finds it: nobody's first look adds up heaps."""

import re
from datetime import date

import pytest
from django.core.cache import cache, caches
from django.db import connection
from django.test.utils import CaptureQueriesContext

from council.celery import Nudge
from council.schedule import SCHEDULE
from projects.attribution.services import RuleDraft, make_rule
from projects.spend.filling import fill_kept_figures
from projects.spend.kept_figures import kept_for_all, remembered
from projects.spend.models import KeptFigures
from projects.spend.reattribution import reattribute
from projects.spend.tasks import fill_figures
from projects.spend.unclaimed import coverage, unclaimed_summary
from tests.projects.spend.samples import take_in, write_focus

pytestmark = pytest.mark.django_db
TODAY = date(2026, 7, 10)
ADDS_UP = ("FROM projects_spendmonth m", "FROM projects_spendfact")


@pytest.fixture(autouse=True)
def _empty():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def deliver(tmp_path):
    return lambda *rows: take_in(write_focus(tmp_path / "a.csv", *rows), "cloud")


@pytest.fixture
def look(client, fiona, settings):
    settings.TOLLGATE_NOW = f"{TODAY}T09:00:00+00:00"
    client.force_login(fiona)

    def by_another_process(address):
        cache.clear()
        with CaptureQueriesContext(connection) as asked:
            response = client.get(address)
        adding = [query["sql"] for query in asked if any(words in query["sql"] for words in ADDS_UP)]
        return re.sub(r"[A-Za-z0-9]{64}", "token", response.content.decode()), len(adding)

    return by_another_process


def added_up(asked):
    return sum(any(words in query["sql"] for words in ADDS_UP) for query in asked)


def test_the_first_look_of_any_process_reads_what_was_worked_out_before(deliver, look):
    deliver({"EffectiveCost": "60"}, {"EffectiveCost": "40", "SubAccountId": "other"})
    cold, adding = look("/spend/unclaimed/")

    fill_kept_figures(on=TODAY)
    warm, none = look("/spend/unclaimed/")

    assert adding == 3
    assert none == 0
    assert warm == cold
    assert "$60" in warm


def test_the_page_of_rules_reads_what_was_worked_out_before(deliver, look, fraud, fiona, now):
    make_rule(draft=RuleDraft("sub_account", "sub-1", fraud), by=fiona, at=now)
    deliver({"EffectiveCost": "60"})
    cold, adding = look("/spend/rules/")

    fill_kept_figures(on=TODAY)
    warm, none = look("/spend/rules/")

    assert (adding, none) == (1, 0)
    assert warm == cold
    assert "$60" in warm


def test_a_look_keeps_nothing_for_others(deliver, look):
    deliver({"EffectiveCost": "60"})

    look("/spend/unclaimed/")

    assert not KeptFigures.objects.exists()


def test_any_day_of_the_last_month_is_answered_by_the_same_figures(deliver, look):
    deliver({"ChargePeriodStart": "2026-05-03T00:00:00Z"})
    fill_kept_figures(on=TODAY)
    cache.clear()

    with CaptureQueriesContext(connection) as asked:
        unclaimed_summary(since=date(2026, 1, 1), on=date(2026, 5, 31))
        coverage(since=date(2026, 1, 1), on=date(2026, 5, 20))

    assert added_up(asked) == 0


def test_filling_again_adds_up_nothing_until_something_was_delivered(deliver):
    deliver({"EffectiveCost": "60"})
    fill_kept_figures(on=TODAY)

    with CaptureQueriesContext(connection) as again:
        fill_kept_figures(on=TODAY)
    kept = KeptFigures.objects.count()
    deliver({"EffectiveCost": "90"})
    with CaptureQueriesContext(connection) as after:
        fill_kept_figures(on=TODAY)

    assert added_up(again) == 0
    assert added_up(after) > 0
    assert KeptFigures.objects.count() == kept, "newer figures take the place of older ones"


def test_figures_that_rest_on_something_else_are_never_read(deliver):
    with kept_for_all():
        remembered("claimed", 1, "before", lambda: "old")
    cache.clear()

    found = remembered("claimed", 1, "after", lambda: "new")

    assert found == "new"
    assert remembered("claimed", 1, "after", lambda: "never asked") == "new"


def test_figures_of_one_page_alone_are_not_kept_for_all():
    with kept_for_all():
        remembered("charges", 1, "state", lambda: 5)

    assert caches["figures"].get("charges") is None
    assert not KeptFigures.objects.exists()


def test_an_import_and_new_rules_ask_for_filling(
    deliver, fraud, fiona, now, monkeypatch, django_capture_on_commit_callbacks
):
    asked = []
    monkeypatch.setattr(Nudge, "delay", lambda task, **_: asked.append(task.name))
    with django_capture_on_commit_callbacks(execute=True):
        deliver({"EffectiveCost": "60"})
    imported = asked.count(fill_figures.name)
    make_rule(draft=RuleDraft("sub_account", "sub-1", fraud), by=fiona, at=now)
    with django_capture_on_commit_callbacks(execute=True):
        reattribute(by=fiona, at=now)

    assert imported == 1
    assert asked.count(fill_figures.name) == 2
    assert SCHEDULE["kept-figures"]["task"] == fill_figures.name


def test_the_task_may_run_twice(deliver):
    deliver({"EffectiveCost": "60"})

    fill_figures()
    kept = set(KeptFigures.objects.values_list("cache_key", "value"))
    fill_figures()

    assert kept
    assert set(KeptFigures.objects.values_list("cache_key", "value")) == kept
