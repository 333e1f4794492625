"""A gateway's log splits the bill of the same money and never adds to it; what it does not cover stays where rules put it."""

from decimal import Decimal

import pytest

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
from tests.projects.spend.details import DAY, by_detail, charge, claims, deliver, fraud_and_claims, money, teams
from tests.projects.spend.samples import totals

pytestmark = pytest.mark.django_db
__all__ = ["claims", "deliver", "teams"]


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
