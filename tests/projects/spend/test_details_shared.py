"""An entry of a log counts once, however many rules split by that log: for the first that has charges it agrees with."""

import json
from decimal import Decimal

import pytest

from projects.attribution.drafts import DetailDraft, RuleDraft
from projects.attribution.models import Basis, DetailCover
from projects.attribution.services import make_rule
from projects.sources.models import Source
from projects.spend.models import SpendFact
from projects.spend.reattribution import preview_reattribution, reattribute
from projects.spend.verification import rollup_differences
from tests.projects.spend.details import by_detail, charge, claims, deliver, fraud_and_claims, money, teams
from tests.projects.spend.samples import take_in, write_focus

pytestmark = pytest.mark.django_db
__all__ = ["claims", "deliver", "teams"]


@pytest.fixture
def other(tmp_path):
    """Take in a second bill, of another provider."""

    def take(*rows):
        named = [{**row, "ProviderName": "Azure"} for row in rows]
        return take_in(write_focus(tmp_path / "other.csv", *named), "other")

    return take


def of_other(value="sub-1"):
    log, bill = Source.objects.get(name="gateway"), Source.objects.get(name="other")
    return RuleDraft("sub_account", value, basis=Basis.DETAIL, source=bill, detail=DetailDraft(log))


def tag(initiative):
    return json.dumps({"initiative": initiative.key})


def covers():
    return [
        (row.rule.number, row.billed, row.logged, row.covered) for row in DetailCover.objects.order_by("rule__number")
    ]


def costs_of(bill):
    return {
        fact.initiative_id: fact.effective_cost
        for fact in SpendFact.objects.filter(part__source__name=bill, part__is_current=True).order_by("pk")
    }


def test_two_rules_over_one_log_cover_no_more_than_it_logged(deliver, teams, fraud, claims, fiona, now):
    bill, log = deliver
    bill(charge("100"), charge("50", SubAccountId="sub-2"))
    log(*fraud_and_claims("60", "30"))
    first = make_rule(draft=by_detail(), by=fiona, at=now)
    second = make_rule(draft=by_detail("sub-2"), by=fiona, at=now)

    reattribute(by=fiona, at=now)

    assert covers() == [(first.number, 100, 90, 90), (second.number, 50, None, 0)]
    assert money() == {fraud.key: 60, claims.key: 30, None: 60}


def test_an_entry_goes_to_the_rule_that_has_charges_on_its_day(deliver, teams, fraud, claims, fiona, now):
    bill, log = deliver
    later = {"ChargePeriodStart": "2026-05-04T00:00:00Z", "ChargePeriodEnd": "2026-05-05T00:00:00Z"}
    bill(charge("100"), charge("50", SubAccountId="sub-2", **later))
    log(*fraud_and_claims("60", "30"), *fraud_and_claims("10", "5", **later))
    make_rule(draft=by_detail(), by=fiona, at=now)
    make_rule(draft=by_detail("sub-2"), by=fiona, at=now)

    reattribute(by=fiona, at=now)

    assert [row[1:] for row in covers()] == [(100, 90, 90), (50, 15, 15)]
    assert money() == {fraud.key: 70, claims.key: 35, None: 45}


def test_rules_whose_accounts_differ_each_take_their_own(deliver, fraud, claims, fiona, now):
    bill, log = deliver
    bill(charge("100"), charge("50", SubAccountId="sub-2"))
    log(
        charge("60", Tags=tag(fraud)),
        charge("50", SubAccountId="sub-2", Tags=tag(claims)),
    )
    make_rule(draft=by_detail(account="sub_account"), by=fiona, at=now)
    make_rule(draft=by_detail("sub-2", account="sub_account"), by=fiona, at=now)

    reattribute(by=fiona, at=now)

    assert [row[1:] for row in covers()] == [(100, 60, 60), (50, 50, 50)]
    assert money() == {fraud.key: 60, claims.key: 50, None: 40}


@pytest.mark.parametrize("first_comes_last", [True, False])
def test_a_bill_that_comes_later_takes_its_log_back_at_once(
    first_comes_last, deliver, other, teams, fraud, claims, fiona, now
):
    bill, log = deliver
    zero = charge("0", ChargePeriodStart="2026-05-09T00:00:00Z", ChargePeriodEnd="2026-05-10T00:00:00Z")
    bill(zero)
    other(zero)
    log(*fraud_and_claims("60", "30"))
    make_rule(draft=by_detail(), by=fiona, at=now)
    make_rule(draft=of_other(), by=fiona, at=now)
    reattribute(by=fiona, at=now)

    for deliver_bill, cost in [(other, "90"), (bill, "45")][:: 1 if first_comes_last else -1]:
        deliver_bill(charge(cost))

    assert costs_of("bill") == {fraud.pk: 30, claims.pk: 15}
    assert costs_of("other") == {None: 90}
    assert [row[1:] for row in covers() if row[1]] == [(45, 90, 45), (90, None, 0)]
    assert rollup_differences() == []
    assert preview_reattribution(by=fiona).rows == 0


def test_a_log_without_a_bill_is_counted_for_one_rule(deliver, other, teams, fiona, now):
    bill, log = deliver
    day = {"ChargePeriodStart": "2026-05-09T00:00:00Z", "ChargePeriodEnd": "2026-05-10T00:00:00Z"}
    bill(charge("1", **day))
    other(charge("1", **day))
    log(*fraud_and_claims("60", "30"))
    make_rule(draft=by_detail(), by=fiona, at=now)
    make_rule(draft=of_other(), by=fiona, at=now)

    reattribute(by=fiona, at=now)

    assert sum(row[2] or Decimal(0) for row in covers()) == 90
