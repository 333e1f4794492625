"""What has to agree where a gateway's log splits a bill: days, providers, accounts and currencies."""

from decimal import Decimal

import pytest

from projects.attribution.aliases import add_alias
from projects.attribution.drafts import DetailDraft, RuleDraft
from projects.attribution.models import Basis, DetailCover
from projects.attribution.services import make_rule, retire_rule
from projects.sources.models import Source
from projects.spend.models import SpendFact
from projects.spend.reattribution import reattribute
from tests.projects.spend.details import DAY, by_detail, charge, claims, deliver, fraud_and_claims, money, teams

pytestmark = pytest.mark.django_db
__all__ = ["claims", "deliver", "teams"]


def test_days_agree_unless_the_rule_goes_by_month(deliver, teams, fraud, claims, fiona, now):
    bill, log = deliver
    bill(charge("10"), charge("30", **DAY))
    first, _ = fraud_and_claims("10", "0")
    log(first, fraud_and_claims("0", "30", **DAY)[1])
    rule = make_rule(draft=by_detail(), by=fiona, at=now)

    reattribute(by=fiona, at=now)
    by_day = money()
    retire_rule(rule_id=rule.pk, by=fiona, at=now)
    make_rule(draft=by_detail(by_month=True), by=fiona, at=now)
    reattribute(by=fiona, at=now)

    assert by_day == {fraud.key: 10, claims.key: 30}
    lines = SpendFact.objects.filter(part__source__name="bill", initiative=fraud).order_by("charge_on")
    assert [fact.effective_cost for fact in lines] == [Decimal("2.5"), Decimal("7.5")]
    assert sum(money().values()) == 40


def test_only_the_provider_that_finance_names_agrees(deliver, teams, fraud, claims, fiona, now):
    bill, log = deliver
    bill(charge("100", ProviderName="OpenAI, LLC"))
    first, second = fraud_and_claims("60", "40")
    log({**first, "ProviderName": "openai"}, {**second, "ProviderName": "anthropic"})

    make_rule(draft=by_detail(provider="OpenAI"), by=fiona, at=now)
    reattribute(by=fiona, at=now)

    assert money() == {fraud.key: 60, None: 40}


def test_accounts_agree_by_name_and_by_the_aliases_that_finance_keeps(deliver, fraud, claims, fiona, now):
    bill, log = deliver
    bill(charge("10", SubAccountId="proj-a"), charge("20", SubAccountId="proj-b"), charge("4", SubAccountId=""))
    log(charge("10", SubAccountId="Proj-A"), charge("20", SubAccountId="team-b"), charge("4", SubAccountId=""))
    make_rule(draft=RuleDraft("sub_account", "Proj-A", fraud), by=fiona, at=now)
    make_rule(draft=RuleDraft("sub_account", "team-b", claims), by=fiona, at=now)
    log_, bill_ = Source.objects.get(name="gateway"), Source.objects.get(name="bill")
    detail = DetailDraft(log_, account="sub_account")
    draft = RuleDraft("billing_account", "111", basis=Basis.DETAIL, source=bill_, detail=detail)
    make_rule(draft=draft, by=fiona, at=now)

    reattribute(by=fiona, at=now)
    before = money()
    add_alias(alias="team-b", value="proj-b", tag_key="account", by=fiona, at=now)
    reattribute(by=fiona, at=now)

    assert before == {fraud.key: 10, None: 24}
    assert money() == {fraud.key: 10, claims.key: 20, None: 4}


def test_currencies_are_not_compared(deliver, teams, fraud, claims, fiona, now):
    bill, log = deliver
    bill(charge("100", BillingCurrency="EUR"))
    log(*fraud_and_claims("60", "30"))
    make_rule(draft=by_detail(), by=fiona, at=now)

    reattribute(by=fiona, at=now)

    assert money() == {None: 100}
    assert {(row.currency, row.billed, row.logged, row.covered) for row in DetailCover.objects.all()} == {
        ("EUR", 100, None, 0),
        ("USD", 0, 90, 0),
    }


@pytest.mark.parametrize(
    ("asked", "logged", "covered"),
    [
        ("Microsoft", "azure", 90),
        ("azure", "Microsoft", 90),
        ("Microsoft", "azure_ai", 90),
        ("Microsoft", "bedrock", 0),
        ("Acme", "acme-proxy", 0),
        ("*microsoft", "azure", 0),
        ("az*", "azure", 90),
    ],
)
def test_a_log_is_found_by_any_name_of_its_provider(asked, logged, covered, deliver, teams, fiona, now):
    bill, log = deliver
    bill(charge("100", ProviderName="Microsoft"))
    log(*fraud_and_claims("60", "30", ProviderName=logged))
    make_rule(draft=by_detail(provider=asked), by=fiona, at=now)

    reattribute(by=fiona, at=now)

    assert DetailCover.objects.get().covered == covered


def test_a_name_that_finance_keeps_for_a_provider_finds_its_log(deliver, teams, fiona, now):
    bill, log = deliver
    bill(charge("100", ProviderName="Microsoft"))
    log(*fraud_and_claims("60", "30", ProviderName="acme-proxy"))
    add_alias(alias="Acme Proxy", value="Microsoft", tag_key="provider", by=fiona, at=now)
    make_rule(draft=by_detail(provider="azure"), by=fiona, at=now)

    reattribute(by=fiona, at=now)

    assert DetailCover.objects.get().covered == 90
