"""The command as somebody types it: its answer at the limit, today's writing, a past day's silence."""

import json
import os
import subprocess
import sys
from datetime import datetime
from decimal import Decimal

import pytest

from council.escalations.models import Escalation
from launch.places import CHECKOUT
from projects.funding.services import open_envelope
from tests.factories.council import AT
from tests.factories.gates import cast
from tests.factories.initiatives import initiative
from tests.factories.money import FY26, tranche
from tests.factories.spend import spent

pytestmark = pytest.mark.django_db(transaction=True)
ON = AT.date()


def said(*arguments):
    """Run the command in a process of its own and return its exit code and the one object it prints."""
    command = [sys.executable, "manage.py", "evaluate_escalations", *arguments, "--json"]
    env = os.environ | {"TOLLGATE_NOW": AT.isoformat(), "DJANGO_SETTINGS_MODULE": "tests.settings"}
    ended = subprocess.run(command, cwd=CHECKOUT, env=env, capture_output=True, text=True, timeout=300, check=False)
    assert ended.stdout.count("\n") == 1, ended.stderr
    return ended.returncode, json.loads(ended.stdout)


@pytest.fixture
def shares():
    """Three Pilots with 100,000 each, spent to 114.99, 115.00 and 115.01 percent on 10 November."""
    people = cast()
    money = open_envelope(
        kind="company", name="FY26", currency="USD", starts_on=FY26[0], ends_on=FY26[1], amount=Decimal(1_000_000),
        by=people.fay, at=AT.replace(month=1),
    )  # fmt: skip
    found = {}
    for share in ("114.99", "115.00", "115.01"):
        found[share] = initiative(people.olga, "pilot", name=f"At {share} percent")
        tranche(found[share], money, people.fay, datetime(2026, 11, 1, 9, tzinfo=AT.tzinfo))
        spent(found[share], AT.date().replace(day=10), str(Decimal(share) * 1000), by=people.fay, at=AT)
    return found


def test_only_what_is_above_the_limit_is_raised_once_and_a_past_day_is_only_told(shares):
    code, past = said("--on", "2026-11-15")

    assert code == 0
    assert past == {"policy_version": 0, "raised": past["raised"], "open": len(past["raised"]), "cleared": 0}
    assert [(row["initiative"], row["rule"]) for row in past["raised"] if row["rule"] == "over_budget"] == [
        (shares["115.01"].key, "over_budget")
    ]
    assert not Escalation.objects.exists()

    code, today = said()

    (row,) = [row for row in today["raised"] if row["rule"] == "over_budget"]
    assert (code, set(row)) == (0, {"initiative", "rule", "figures"})
    assert Decimal(row["figures"]["spent"]) == Decimal("115010.00")
    assert Decimal(row["figures"]["limit"]) == Decimal("115000.00")
    assert all(isinstance(value, str) for value in row["figures"].values())
    assert isinstance(today["policy_version"], int)
    assert isinstance(today["open"], int)
    assert Escalation.objects.filter(rule="over_budget").count() == 1

    assert said()[1]["raised"] == []
    assert said("--on", "2026-11-15", "--write")[0] == 0
    assert Escalation.objects.filter(rule="over_budget").count() == 1


def test_a_day_ahead_or_no_day_is_refused():
    for wrong in ("2026-11-20", "someday"):
        code, answer = said("--on", wrong)

        assert code == 2
        assert set(answer["error"]) == {"code", "message", "rows"}
