"""Rollups equal facts whatever was delivered, replaced or given out again; a planted error is found."""

import random
from decimal import Decimal

import pytest

from projects.attribution.drafts import RuleDraft, ShareDraft
from projects.attribution.services import make_rule, retire_rule
from projects.spend.models import SpendDay, SpendMonth
from projects.spend.reattribution import reattribute
from projects.spend.tasks import verify_rollups
from projects.spend.verification import rebuild_rollups, rollup_differences
from tests.factories.initiatives import initiative
from tests.projects.spend.samples import run, take_in, totals, write_focus

pytestmark = pytest.mark.django_db


def random_rows(chance):
    for _ in range(chance.randint(1, 12)):
        month = chance.randint(1, 3)
        yield {
            "BillingAccountId": chance.choice(["a", "b"]),
            "BillingPeriodStart": f"2026-{month:02}-01",
            "BillingPeriodEnd": f"2026-{month + 1:02}-01",
            "ChargePeriodStart": f"2026-{chance.randint(month, month + 1):02}-{chance.randint(1, 28):02}",
            "ChargePeriodEnd": "2026-06-01",
            "EffectiveCost": str(Decimal(chance.randint(-(10**9), 10**12)).scaleb(-chance.randint(0, 15))),
            "BillingCurrency": chance.choice(["USD", "USD", "EUR"]),
            "SubAccountId": chance.choice(["s1", "s2", "s3"]),
        }


def other(olga):
    return initiative(olga, "mvp", name="The other one")


@pytest.mark.parametrize("seed", range(4))
def test_rollups_equal_facts_after_random_deliveries_and_rules(seed, fraud, olga, fiona, now, tmp_path):
    chance, rule = random.Random(seed), None
    shares = tuple(ShareDraft(who, share) for who, share in ((fraud, Decimal("66.6")), (other(olga), Decimal("33.4"))))
    for number in range(8):
        take_in(write_focus(tmp_path / f"{number}.csv", *random_rows(chance)), chance.choice(["x", "y"]))
        if chance.random() < 0.4:
            if rule is None:
                whose = chance.choice([{"initiative": fraud}, {"basis": "fixed", "shares": shares}])
                rule = make_rule(draft=RuleDraft("sub_account", chance.choice(["s1", "s2"]), **whose), by=fiona, at=now)
            else:
                rule = retire_rule(rule_id=rule.pk, by=fiona, at=now) and None
            reattribute(by=fiona, at=now)

        assert rollup_differences() == []

    kept = list(SpendMonth.objects.order_by("month", "group", "currency", "initiative").values_list("effective_cost"))
    rebuild_rollups()
    assert rollup_differences() == []
    assert kept == list(
        SpendMonth.objects.order_by("month", "group", "currency", "initiative").values_list("effective_cost")
    )


def test_a_wrong_rollup_row_is_found_and_mended(tmp_path):
    take_in(write_focus(tmp_path / "a.csv", {"EffectiveCost": "10"}), "cloud")
    assert run("verify_rollups") == (0, {"differences": 0})
    SpendDay.objects.update(effective_cost=Decimal("10.000000000000000001"))

    code, answer = run("verify_rollups")

    assert (code, answer["error"]["code"]) == (2, "rollups_differ")
    assert {row["column"] for row in answer["error"]["rows"]} == {"day", "month"}
    assert run("rebuild_rollups") == (0, {"days": 1})
    assert run("verify_rollups") == (0, {"differences": 0})
    assert totals()[1]["USD"][2] == Decimal(10)


def test_a_surplus_month_is_found(tmp_path):
    take_in(write_focus(tmp_path / "a.csv", {}), "cloud")
    month = SpendMonth.objects.get()
    SpendMonth.objects.filter(pk=month.pk).update(month="2020-01-01")

    found = rollup_differences()

    assert {(row["rollup"], row["what"]) for row in found} == {("month", "surplus"), ("month", "missing")}


def test_the_night_logs_rollups_that_differ(fraud, tmp_path, caplog):
    take_in(write_focus(tmp_path / "a.csv", {}), "cloud")

    assert verify_rollups() == 0
    SpendDay.objects.update(effective_cost=Decimal(9))

    assert verify_rollups() > 0
    assert "rollups_differ" in caplog.text
