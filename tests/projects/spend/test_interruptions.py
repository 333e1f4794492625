"""Imports that are killed, race each other, or are watched while they run: whole before or whole after, nothing between."""

import hashlib
import os
import subprocess
import sys
import threading
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection

from projects.common.clock import now
from projects.jobs.services import Cancelled
from projects.people.services import import_service
from projects.sources.models import Delivery, DeliveryPart
from projects.spend.models import SpendDay, SpendFact, SpendMonth
from projects.spend.services import CostFile, import_costs
from projects.spend.totals import Wanted, cost_totals
from projects.spend.verification import rollup_differences
from tests.projects.spend.samples import FOCUS, ROOT, take_in, totals, write_focus

pytestmark = pytest.mark.django_db(transaction=True)
MONTH = FOCUS / "synthetic_1_2_aws_4000.csv.gz"

# Kills its own process with signal 9 when the import reaches the named step for the last time before it.
KILLED = """
import os, sys
from pathlib import Path
import django
django.setup()
from django.conf import settings
settings.MEDIA_ROOT = sys.argv[3]
from projects.common.clock import now
from projects.people.services import import_service
from projects.spend.services import CostFile, import_costs

class Killer:
    def step(self, name, **told):
        if name.startswith(sys.argv[2]):
            os.kill(os.getpid(), 9)
    def advance(self, done, total=None, *, rows=None):
        if sys.argv[2] == "advance":
            os.kill(os.getpid(), 9)
    def check(self):
        pass

import_costs(file=CostFile(Path(sys.argv[1]), "month", "cloud"), by=import_service(), at=now(), listener=Killer())
"""


def kill_at(step, path, media):
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(path), step, str(media)], env=environment, cwd=ROOT, timeout=300
    )
    assert done.returncode == -9


def everything():
    return [model.objects.count() for model in (Delivery, DeliveryPart, SpendFact, SpendDay, SpendMonth)]


@pytest.mark.parametrize("step", ["advance", "Rolling up"])
def test_a_killed_import_leaves_nothing_and_can_be_repeated(step, settings):
    kill_at(step, MONTH, settings.MEDIA_ROOT)

    assert everything() == [0, 0, 0, 0, 0]
    assert take_in(MONTH, "cloud")["unchanged"] is False
    assert totals()[1]["USD"][0] == 4000
    assert rollup_differences() == []


def test_a_killed_replacement_leaves_the_old_month_whole(settings, tmp_path):
    take_in(write_focus(tmp_path / "a.csv", {"BillingAccountId": "100000000001", "EffectiveCost": "10"}), "cloud")
    before = everything()

    kill_at("Rolling up", MONTH, settings.MEDIA_ROOT)

    assert everything() == before
    assert totals()[1]["USD"][2] == Decimal(10)


def test_a_stop_that_was_asked_for_while_all_was_added_up_is_heard_before_anything_counts(settings, tmp_path):
    take_in(write_focus(tmp_path / "a.csv", {"EffectiveCost": "10"}), "cloud")
    before, newer = everything(), write_focus(tmp_path / "b.csv", {"EffectiveCost": "12"})
    kept = sorted(Path(settings.MEDIA_ROOT).rglob("*.parquet"))

    class Stopper:
        asked = False

        def step(self, name, **told):
            if self.asked:
                raise Cancelled
            self.asked = name.startswith("Rolling up")

        def advance(self, done, total=None, *, rows=None):
            """Not asked for yet."""

        def check(self):
            """Not asked for yet."""

    with pytest.raises(Cancelled):
        import_costs(file=CostFile(newer, "b", "cloud"), by=import_service(), at=now(), listener=Stopper())

    assert everything() == before
    assert totals()[1]["USD"][2] == 10
    assert sorted(Path(settings.MEDIA_ROOT).rglob("*.parquet")) == kept != []


class LateStopper:
    """Asks for a stop once the delivery is being put in its place, before a statement of that by its number."""

    def __init__(self, before):
        self.before, self.left, self.statements = before, False, 0

    def step(self, name, **told):
        self.left = name == "Putting it in its place"

    def advance(self, done, total=None, *, rows=None):
        """Nobody asks."""

    def check(self):
        self.statements += self.left
        if self.left and self.statements == self.before:
            raise Cancelled


def test_a_stop_is_heard_before_each_statement_that_puts_a_delivery_in_its_place(settings, fraud, tmp_path):
    owned = {
        "Tags": f'{{"initiative": "{fraud.key}"}}',
    }
    take_in(write_focus(tmp_path / "a.csv", {"EffectiveCost": "10", **owned}), "cloud")
    before, newer = everything(), write_focus(tmp_path / "b.csv", {"EffectiveCost": "12", **owned})
    kept = sorted(Path(settings.MEDIA_ROOT).rglob("*"))
    file, by = CostFile(newer, "b", "cloud"), import_service()
    stopped = 0

    while stopped < 100:
        stopper = LateStopper(before=stopped + 1)
        try:
            delivery = import_costs(file=file, by=by, at=now(), listener=stopper).delivery
            break
        except Cancelled:
            stopped += 1
        assert everything() == before
        assert Delivery.objects.get().parts.get().is_current
        assert rollup_differences() == []
        assert [path for path in sorted(Path(settings.MEDIA_ROOT).rglob("*")) if path not in kept] == []

    assert stopped == stopper.statements > 5, "heard before all of them, each once"
    assert totals()[1]["USD"][2] == 12
    assert (Path(settings.MEDIA_ROOT) / delivery.evidence).is_dir()


def in_threads(*works):
    errors = []

    def run(work):
        try:
            work()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert errors == []


def test_the_same_file_three_times_at_once_is_one_delivery():
    answers = []
    by, at = import_service(), now()

    def load():
        answers.append(import_costs(file=CostFile(MONTH, "month", "cloud"), by=by, at=at))

    in_threads(load, load, load)

    assert sorted(answer.unchanged for answer in answers) == [False, True, True]
    assert Delivery.objects.count() == 1
    assert totals()[1]["USD"][0] == 4000


def test_two_deliveries_of_one_month_at_once_serialise(tmp_path):
    by, at = import_service(), now()
    paths = [write_focus(tmp_path / f"{cost}.csv", *[{"EffectiveCost": str(cost)}] * 50) for cost in (1, 2)]

    in_threads(
        *(lambda path=path: import_costs(file=CostFile(path, path.name, "cloud"), by=by, at=at) for path in paths)
    )

    newest = Delivery.objects.order_by("id").last()
    assert Delivery.objects.count() == 2
    assert DeliveryPart.objects.filter(is_current=True).count() == 1
    assert str(totals()[1]["USD"][2]) == newest.totals["USD"]["effective_cost"]
    assert rollup_differences() == []


def test_two_sources_at_once_do_not_wait_for_each_other_in_vain(tmp_path):
    by, at = import_service(), now()

    in_threads(
        *(
            lambda name=name: import_costs(file=CostFile(MONTH, name, name, same_content_confirmed=True), by=by, at=at)
            for name in ("one", "two")
        )
    )

    assert totals()[1]["USD"][0] == 8000
    assert rollup_differences() == []


def test_readers_see_the_old_month_or_the_new_one_and_nothing_between(tmp_path):
    take_in(write_focus(tmp_path / "a.csv", *[{"EffectiveCost": "1"}] * 300), "cloud")
    newer = write_focus(tmp_path / "b.csv", *[{"EffectiveCost": "2"}] * 300)
    by, at, seen, over = import_service(), now(), set(), threading.Event()

    def watch():
        while not over.is_set():
            sums = cost_totals(Wanted())["totals"][0]
            seen.add((sums["rows"], sums["effective_cost"]))

    def load():
        try:
            import_costs(file=CostFile(newer, "b", "cloud"), by=by, at=at)
        finally:
            over.set()

    in_threads(watch, load)

    assert seen <= {(300, "300"), (300, "600")}
    assert (300, "300") in seen


def test_a_file_that_is_taken_away_while_its_rows_are_counted_is_known_by_its_own_hash(tmp_path):
    path = write_focus(tmp_path / "a.csv", {"EffectiveCost": "5"})
    whole = hashlib.sha256(path.read_bytes()).hexdigest()

    class Taker:
        def step(self, name, **told):
            if name.startswith("Rolling up"):
                path.unlink()

        def advance(self, done, total=None, *, rows=None):
            pass

        def check(self):
            pass

    imported = import_costs(file=CostFile(path, "a.csv", "cloud"), by=import_service(), at=now(), listener=Taker())

    assert imported.delivery.file_sha256 == whole
    assert totals()[1]["USD"][2] == 5
