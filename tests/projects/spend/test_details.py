"""A gateway's log splits the bill of the same money and never adds to it; what it does not cover stays where rules put it."""

from decimal import Decimal

import pytest

from projects.attribution.aliases import add_alias
from projects.attribution.drafts import DetailDraft, RuleDraft, ShareDraft
from projects.attribution.models import AttributionRule, Basis, DetailCover
from projects.attribution.services import RuleRefused, make_rule, retire_rule
from projects.audit.models import AuditEvent
from projects.sources.models import ClosedPeriod, Delivery, Source
from projects.sources.services import change_role
from projects.spend.models import SpendFact
from projects.spend.reattribution import preview_reattribution, reattribute
from projects.spend.verification import rollup_differences
from tests.factories.initiatives import initiative
from tests.projects.spend.samples import take_in, totals, write_focus

pytestmark = pytest.mark.django_db
DAY = {"ChargePeriodStart": "2026-05-04T00:00:00Z", "ChargePeriodEnd": "2026-05-05T00:00:00Z"}


@pytest.fixture
def claims(olga):
    return initiative(olga, "mvp", name="Claims triage")


@pytest.fixture
def teams(fraud, claims, fiona, now):
    """The log's teams belong to initiatives by rules of their own."""
    make_rule(draft=RuleDraft("sub_account", "team-fraud", fraud), by=fiona, at=now)
    make_rule(draft=RuleDraft("sub_account", "team-claims", claims), by=fiona, at=now)


def charge(cost, **cells):
    return {"EffectiveCost": cost, "BilledCost": cost, **cells}


@pytest.fixture
def deliver(tmp_path):
    """Take a bill or a log in."""
    mapping = tmp_path / "mapping.json"
    mapping.write_text('{"role": "detail"}')

    def bill(*rows):
        return take_in(write_focus(tmp_path / "bill.csv", *rows), "bill")

    def log(*rows):
        return take_in(write_focus(tmp_path / "log.csv", *rows), "gateway", "--mapping", mapping)

    return bill, log


def by_detail(value="sub-1", **detail):
    log, bill = Source.objects.get(name="gateway"), Source.objects.get(name="bill")
    return RuleDraft("sub_account", value, basis=Basis.DETAIL, source=bill, detail=DetailDraft(log, **detail))


def money():
    return {key: effective for key, (_, _, effective) in totals("--by", "initiative")[0].items()}


def fraud_and_claims(first, second, **cells):
    return charge(first, SubAccountId="team-fraud", **cells), charge(second, SubAccountId="team-claims", **cells)


def test_a_bill_is_split_as_its_log_says_and_stays_what_it_was(deliver, teams, fraud, claims, fiona, now):
    bill, log = deliver
    bill(charge("100.01"))
    log(*fraud_and_claims("60", "30"))
    make_rule(draft=by_detail(), by=fiona, at=now)

    dry = preview_reattribution(by=fiona)
    moved = reattribute(by=fiona, at=now)

    # 90 of 100.01 have detail: the rest has no other rule and stays unclaimed.
    assert money() == {fraud.key: Decimal(60), claims.key: Decimal(30), None: Decimal("10.01")}
    assert totals()[1]["USD"] == (1, Decimal("100.01"), Decimal("100.01"))
    assert (dry.rows, dry.moves, dry.initiatives) == (moved.rows, moved.moves, moved.initiatives)
    assert {(row["from"], row["to"]): row["effective_cost"] for row in moved.moves} == {
        (None, fraud.key): "60",
        (None, claims.key): "30",
    }
    assert rollup_differences() == []
    assert reattribute(by=fiona, at=now).rows == 0


def test_thirds_lose_no_digit_and_the_last_takes_the_rest(deliver, teams, fraud, claims, fiona, now):
    bill, log = deliver
    bill(charge("10"), charge("-0.0000000001"))
    log(*fraud_and_claims("100", "200"))
    make_rule(draft=by_detail(), by=fiona, at=now)

    reattribute(by=fiona, at=now)

    assert sum(money().values()) == Decimal("9.9999999999")
    parts = list(SpendFact.objects.filter(part__source__name="bill", row_number=2).order_by("share"))
    assert [part.effective_cost for part in parts] == [Decimal("3.333333"), Decimal("6.666667")]
    assert [part.initiative_id for part in parts] == [fraud.pk, claims.pk]


@pytest.mark.parametrize(
    ("billed", "unclaimed", "covered"), [("90.01", "0.01", "90"), ("90", None, "90"), ("89.99", None, "89.99")]
)
def test_what_a_bill_has_more_stays_and_what_a_log_has_more_makes_no_money(
    billed, unclaimed, covered, deliver, teams, fiona, now
):
    bill, log = deliver
    bill(charge(billed))
    log(*fraud_and_claims("60", "30"))
    make_rule(draft=by_detail(), by=fiona, at=now)

    reattribute(by=fiona, at=now)

    found = money()
    assert sum(found.values()) == Decimal(billed)
    assert found.get(None) == (None if unclaimed is None else Decimal(unclaimed))
    cover = DetailCover.objects.get()
    assert (cover.billed, cover.logged, cover.covered) == (Decimal(billed), 90, Decimal(covered))
    assert (cover.uncovered, cover.difference) == (Decimal(billed) - Decimal(covered), Decimal(billed) - 90)


def test_the_rest_goes_where_the_next_rule_puts_it(deliver, teams, fraud, claims, olga, fiona, now):
    search = initiative(olga, "mvp", name="Search")
    bill, log = deliver
    bill(charge("100"))
    log(*fraud_and_claims("60", "20"), charge("10", SubAccountId="nobody"))
    make_rule(draft=by_detail(), by=fiona, at=now)
    make_rule(draft=RuleDraft("billing_account", "111", search), by=fiona, at=now)

    reattribute(by=fiona, at=now)

    # The log knows of 90, of which nobody has 10; the account's rule takes all that no initiative logged.
    assert money() == {fraud.key: 60, claims.key: 20, search.key: 20}


def test_the_rest_is_shared_where_the_next_rule_shares(deliver, teams, fraud, claims, olga, fiona, now):
    search = initiative(olga, "mvp", name="Search")
    bill, log = deliver
    bill(charge("100"))
    log(*fraud_and_claims("60", "20"))
    make_rule(draft=by_detail(), by=fiona, at=now)
    shares = (ShareDraft(search, Decimal(75)), ShareDraft(fraud, Decimal(25)))
    make_rule(draft=RuleDraft("billing_account", "111", basis=Basis.FIXED, shares=shares), by=fiona, at=now)

    reattribute(by=fiona, at=now)

    assert money() == {fraud.key: 65, claims.key: 20, search.key: 15}
    assert rollup_differences() == []


def test_a_person_and_an_earlier_rule_win_over_a_log(deliver, teams, fraud, claims, olga, fiona, now):
    search = initiative(olga, "mvp", name="Search")
    bill, log = deliver
    bill(
        charge("100"),
        charge("7", ResourceId="arn:x"),
        charge("5", Tags=f'{{"initiative": "{claims.key}"}}'),
    )
    log(*fraud_and_claims("60", "60"))
    make_rule(draft=by_detail(), by=fiona, at=now)
    make_rule(draft=RuleDraft("resource", "arn:x", search), by=fiona, at=now)

    reattribute(by=fiona, at=now)

    assert money() == {fraud.key: 50, claims.key: 55, search.key: 7}


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


@pytest.mark.parametrize("first", ["bill", "log"])
def test_whichever_comes_last_splits_the_bill_at_once(first, deliver, teams, fraud, claims, fiona, now):
    bill, log = deliver
    bill(charge("1"))
    log(*fraud_and_claims("1", "1"))
    make_rule(draft=by_detail(), by=fiona, at=now)
    reattribute(by=fiona, at=now)

    for one in ("bill", "log") if first == "bill" else ("log", "bill"):
        if one == "bill":
            bill(charge("50"), charge("50", **DAY))
        else:
            log(*fraud_and_claims("30", "20"), *fraud_and_claims("10", "40", **DAY))

    assert money() == {fraud.key: 40, claims.key: 60}
    assert rollup_differences() == []
    assert preview_reattribution(by=fiona).rows == 0


def test_a_restated_bill_says_what_moved_between_the_initiatives_of_its_log(deliver, teams, fraud, claims, fiona, now):
    bill, log = deliver
    bill(charge("100"))
    log(*fraud_and_claims("60", "40"))
    make_rule(draft=by_detail(), by=fiona, at=now)
    reattribute(by=fiona, at=now)

    bill(charge("50"))

    moved = Delivery.objects.first().moved
    assert {(row["initiative"], row["before"], row["after"]) for row in moved} == {
        (fraud.key, "60", "30"),
        (claims.key, "40", "20"),
    }
    assert preview_reattribution(by=fiona).rows == 0


def test_a_log_that_splits_a_bill_anew_is_on_record(deliver, teams, fraud, claims, fiona, now):
    bill, log = deliver
    bill(charge("100"))
    log(*fraud_and_claims("60", "40"))
    make_rule(draft=by_detail(), by=fiona, at=now)
    reattribute(by=fiona, at=now)

    log(*fraud_and_claims("40", "60"))
    log(*fraud_and_claims("40", "60"))

    assert money() == {fraud.key: 40, claims.key: 60}
    assert AuditEvent.objects.filter(verb="spend.split_by_detail").count() == 1


def test_other_accounts_of_a_bill_share_in_what_its_log_covers(deliver, teams, fraud, claims, fiona, now):
    bill, log = deliver
    bill(charge("60"))
    log(*fraud_and_claims("60", "30"))
    make_rule(draft=by_detail(), by=fiona, at=now)
    reattribute(by=fiona, at=now)

    bill(charge("60", BillingAccountId="222"))

    # Two accounts of 60 stand against 90 logged: a quarter of each has no detail.
    assert money() == {fraud.key: 60, claims.key: 30, None: 30}
    assert rollup_differences() == []
    assert preview_reattribution(by=fiona).rows == 0


def test_a_closed_month_is_split_only_where_two_agreed(deliver, teams, fraud, claims, fiona, now):
    bill, log = deliver
    bill(charge("100"))
    log(*fraud_and_claims("60", "40"))
    rule = make_rule(draft=by_detail(), by=fiona, at=now)
    ClosedPeriod.objects.create(month="2026-05-01", closed_by=fiona, closed_at=now)

    left = reattribute(by=fiona, at=now)
    untouched, covers = money(), DetailCover.objects.count()
    moved = reattribute(by=fiona, at=now, agreed=[rule.pk])

    assert (left.rows, left.closed_rows, untouched, covers) == (0, 1, {None: 100}, 0)
    assert (moved.rows, moved.closed_moving) == (1, 1)
    assert money() == {fraud.key: 60, claims.key: 40}
    assert DetailCover.objects.get().covered == 100


def test_switching_a_log_off_undoes_its_splits_exactly(deliver, teams, fraud, claims, olga, fiona, now):
    search = initiative(olga, "mvp", name="Search")
    bill, log = deliver
    make_rule(draft=RuleDraft("billing_account", "111", search), by=fiona, at=now)
    bill(charge("100.07"), charge("3", SubAccountId="other"))
    log(*fraud_and_claims("33", "33"))
    before = list(SpendFact.objects.filter(part__source__name="bill").order_by("row_number").values())
    rule = make_rule(draft=by_detail(), by=fiona, at=now)
    reattribute(by=fiona, at=now)
    split = money()

    change_role(source_id=Source.objects.get(name="gateway").pk, role="fact", by=fiona, at=now)
    reattribute(by=fiona, at=now)
    as_fact = list(SpendFact.objects.filter(part__source__name="bill").order_by("row_number").values())
    change_role(source_id=Source.objects.get(name="gateway").pk, role="detail", by=fiona, at=now)
    reattribute(by=fiona, at=now)
    again = money()
    retire_rule(rule_id=rule.pk, by=fiona, at=now)
    reattribute(by=fiona, at=now)

    assert split == again == {fraud.key: 33, claims.key: 33, search.key: Decimal("37.07")}
    assert as_fact == before
    assert list(SpendFact.objects.filter(part__source__name="bill").order_by("row_number").values()) == before
    assert DetailCover.objects.count() == 0
    assert rollup_differences() == []


def test_without_a_rule_a_log_splits_nothing(deliver, teams, fraud, claims, fiona, now):
    bill, log = deliver
    bill(charge("100", ProviderName="OpenAI"))
    log(*fraud_and_claims("60", "40", ProviderName="OpenAI"))

    reattribute(by=fiona, at=now)

    assert money() == {None: 100}


def test_a_rule_by_detail_names_a_bill_a_log_and_nobody(deliver, teams, fraud, fiona, now):
    bill, log = deliver
    bill(charge("1"))
    log(charge("2"))
    good = by_detail()
    bill_source = good.source

    for wrong, code in (
        ({"detail": None}, "detail_missing"),
        ({"detail": DetailDraft(bill_source)}, "detail_missing"),
        ({"source": None}, "detail_needs_a_bill"),
        ({"source": good.detail.log}, "detail_needs_a_bill"),
        ({"kind": "resource"}, "detail_by_name"),
        ({"shares": (ShareDraft(fraud),)}, "detail_receivers"),
        ({"detail": DetailDraft(good.detail.log, account="nose")}, "detail_account"),
    ):
        with pytest.raises(RuleRefused) as refused:
            make_rule(draft=RuleDraft(**{**vars(good), **wrong}), by=fiona, at=now)
        assert [blocker.code for blocker in refused.value.blockers] == [code]
    assert not AttributionRule.objects.filter(basis=Basis.DETAIL).exists()


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
