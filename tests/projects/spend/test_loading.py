"""New facts can be found as soon as they count, and nobody who tends the table holds up an import."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from time import sleep

import pytest
from django.db import DataError, connection

from projects.sources import keys
from projects.sources.models import Delivery
from projects.sources.readers.interface import Limits
from projects.spend.loading import FactLoader
from tests.projects.spend.samples import take_in, totals, write_focus

pytestmark = pytest.mark.django_db
MAY = "projects_spendfact_202605"


def sum_up_what_is_new():
    """Sum up the pages of May that nobody has summed up yet, and return how many ranges they were."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT projects_summarise_facts('2026-05-01')")
        return cursor.fetchone()[0]


def test_an_import_sums_up_the_pages_that_it_filled(tmp_path, monkeypatch):
    take_in(write_focus(tmp_path / "a.csv", *[{"ResourceId": "a"}] * 3000), "first")

    assert sum_up_what_is_new() == 0

    monkeypatch.setattr("projects.spend.services.make_findable", lambda months: None)
    take_in(write_focus(tmp_path / "b.csv", *[{"ResourceId": "b"}] * 3000), "second")

    assert sum_up_what_is_new() > 0


@pytest.mark.django_db(transaction=True)
def test_an_import_does_not_wait_for_whoever_vacuums_the_table(tmp_path):
    take_in(write_focus(tmp_path / "a.csv", *[{"EffectiveCost": "1"}] * 3), "first")
    tending = connection.copy()
    with tending.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute(f"LOCK TABLE {MAY} IN SHARE UPDATE EXCLUSIVE MODE")

        take_in(write_focus(tmp_path / "b.csv", *[{"EffectiveCost": "2"}] * 3), "second")

        cursor.execute("ROLLBACK")
    tending.close()
    assert totals()[1]["USD"][0] == 6


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_open_a_new_month_once():
    first, second = connection.copy(), connection.copy()
    with first.cursor() as opening, second.cursor() as waiting, ThreadPoolExecutor(1) as beside:
        opening.execute("BEGIN")
        opening.execute("SELECT projects_open_month('2031-07-01')")
        waited = beside.submit(waiting.execute, "SELECT projects_open_month('2031-07-01')")
        with pytest.raises(TimeoutError):
            waited.result(timeout=1)

        opening.execute("COMMIT")

        waited.result(timeout=60)
    first.close()
    second.close()


def test_rows_that_the_database_refuses_while_they_are_copied_refuse_the_import(tmp_path, monkeypatch):
    path = write_focus(tmp_path / "a.csv", *[{"EffectiveCost": "1"}] * 3)
    with monkeypatch.context() as broken:
        broken.setattr("projects.spend.loading._csv", lambda frame: memoryview(b"no,such,row\n"))
        with pytest.raises(DataError):
            take_in(path, "first")

    assert not Delivery.objects.exists()

    take_in(path, "first")

    assert totals()[1]["USD"][0] == 3


def test_a_statement_waits_for_the_rows_that_are_being_copied(tmp_path, monkeypatch):
    rows = [{"ResourceId": f"r{number}", "EffectiveCost": "1", "Tags": f'{{"n": "{number}"}}'} for number in range(80)]
    path = write_focus(tmp_path / "a.csv", *rows)
    monkeypatch.setattr("projects.spend.services.Limits", partial(Limits, block_bytes=2_048))
    under_way, seen, copy, stage = [], [], FactLoader._copy, keys._copy

    def slowly(loader, facts):
        under_way.append(facts)
        sleep(0.05)
        copy(loader, facts)
        under_way.clear()

    def while_asking(cursor, table, frame):
        seen.append(len(under_way))
        stage(cursor, table, frame)

    monkeypatch.setattr(FactLoader, "_copy", slowly)
    monkeypatch.setattr(keys, "_copy", while_asking)

    take_in(path, "first")

    assert len(seen) > 6
    assert set(seen) == {0}
    assert totals()[1]["USD"][0] == 80
