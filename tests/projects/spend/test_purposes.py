"""Rules of purpose say what charges are for, before and after these were imported, and no cent is lost by that."""

from decimal import Decimal
from importlib import import_module

import pytest
from django.db import IntegrityError, connection, transaction

from projects.attribution.drafts import RuleDraft, ShareDraft
from projects.attribution.models import AttributionRule, Basis
from projects.attribution.services import RuleRefused, change_rule, end_rule, make_rule, move_rule, retire_rule
from projects.audit.models import AuditEvent
from projects.common.outcomes import NotPermitted
from projects.sources.models import ClosedPeriod, CostGroup, CostKey
from projects.spend.models import Reattribution, SpendDay, SpendFact
from projects.spend.reattribution import preview_reattribution, reattribute
from projects.spend.tasks import tell_purposes_again
from projects.spend.verification import rollup_differences
from tests.factories.initiatives import initiative
from tests.projects.spend.samples import run, take_in, totals, write_focus

pytestmark = pytest.mark.django_db


@pytest.fixture
def bill(fraud, tmp_path):
    path = write_focus(
        tmp_path / "bill.csv",
        {"EffectiveCost": "10", "Tags": f'{{"initiative": "{fraud.key}", "workload": "scoring", "env": "prod"}}'},
        {"EffectiveCost": "7.000000000000000001", "SubAccountId": "sub-2", "ResourceId": "lab/one"},
        {"EffectiveCost": "3", "Tags": '{"env": "sandbox"}'},
        {"EffectiveCost": "-1", "ServiceName": "AmazonCloudWatch"},
    )
    take_in(path, "cloud")
    return path


def of_purpose(kind, value, purpose, **more):
    return RuleDraft(kind, value, basis=Basis.PURPOSE, purpose=purpose, **more)


def purposes(*arguments):
    groups, whole = totals("--by", "purpose", *arguments)
    assert sum(money for _, _, money in groups.values()) == sum(money for _, _, money in whole.values())
    return {name: money for name, (_, _, money) in groups.items()}


def rolled_up():
    assert rollup_differences() == []
    found = {}
    for day in SpendDay.objects.select_related("group"):
        found[day.group.purpose] = found.get(day.group.purpose, Decimal(0)) + day.effective_cost
    return found


def test_an_import_says_what_charges_are_for_by_the_rules_that_come_with_the_product(bill):
    expected = {"experiment": 3, "shared": -1, "unclassified": Decimal("17.000000000000000001")}

    assert purposes() == expected
    assert rolled_up() == expected


def test_a_rule_of_finance_goes_before_those_and_holds_for_what_is_imported_after(fiona, now, tmp_path):
    make_rule(draft=of_purpose("tag", "sandbox", "training", tag_key="Env"), by=fiona, at=now)

    take_in(write_focus(tmp_path / "a.csv", {"EffectiveCost": "3", "Tags": '{"env": "sandbox"}'}), "cloud")

    assert purposes() == {"training": 3}


@pytest.mark.parametrize(
    ("draft", "expected"),
    [
        (of_purpose("tag", "scoring", "inference", tag_key="workload"), 10),
        (of_purpose("tag", "prod", "inference", tag_key="env"), 10),
        (of_purpose("sub_account", "sub-2", "inference"), Decimal("7.000000000000000001")),
        (of_purpose("resource_prefix", "LAB/", "inference"), Decimal("7.000000000000000001")),
        (of_purpose("resource", "lab/one", "inference"), Decimal("7.000000000000000001")),
        (of_purpose("service", "Bed*", "inference"), Decimal("20.000000000000000001")),
        (of_purpose("billing_account", "111", "inference"), Decimal("19.000000000000000001")),
        (of_purpose("sub_account", "sub-9", "inference"), None),
    ],
)
def test_history_is_told_again_when_a_rule_comes_and_when_it_goes(draft, expected, bill, fiona, now):
    before = purposes()
    rule = make_rule(draft=draft, by=fiona, at=now)

    reattribute(by=fiona, at=now)

    assert purposes().get("inference") == expected
    assert rolled_up() == purposes()
    retire_rule(rule_id=rule.pk, by=fiona, at=now)
    reattribute(by=fiona, at=now)
    assert purposes() == before
    assert rolled_up() == before


def test_the_first_rule_in_order_wins_and_a_named_resource_goes_before_all(bill, fiona, now):
    first = make_rule(draft=of_purpose("sub_account", "sub-2", "shared"), by=fiona, at=now)
    second = make_rule(draft=of_purpose("service", "Bedrock", "training"), by=fiona, at=now)
    reattribute(by=fiona, at=now)
    before = purposes()

    move_rule(rule_id=second.pk, before_id=first.pk, by=fiona, at=now)
    reattribute(by=fiona, at=now)
    moved = purposes()
    make_rule(draft=of_purpose("resource", "lab/one", "evaluation"), by=fiona, at=now)
    reattribute(by=fiona, at=now)

    assert before["training"] == 13
    assert moved["training"] == Decimal("20.000000000000000001")
    assert (purposes()["training"], purposes()["evaluation"]) == (13, Decimal("7.000000000000000001"))


def test_a_rule_of_purpose_gives_nothing_away(bill, fraud, fiona, now):
    owners = totals("--by", "initiative")

    make_rule(draft=of_purpose("service", "Bedrock", "inference"), by=fiona, at=now)
    moved = reattribute(by=fiona, at=now)

    assert totals("--by", "initiative") == owners
    assert (moved.rows, moved.moves, moved.initiatives) == (0, [], [])
    assert not SpendFact.objects.filter(rule__basis="purpose").exists()


def test_a_dry_run_says_what_it_would_move_and_moves_nothing(bill, fiona, now):
    make_rule(draft=of_purpose("sub_account", "sub-2", "inference"), by=fiona, at=now)
    before = purposes()

    moved = preview_reattribution(by=fiona)
    _, answer = run("reattribute", "--dry-run")

    line = {
        "from": "unclassified",
        "to": "inference",
        "month": "2026-05",
        "currency": "USD",
        "rows": 1,
        "closed_rows": 0,
        "billed_cost": "1",
        "effective_cost": "7.000000000000000001",
    }
    assert moved.purposes == answer["purposes"] == [line]
    assert purposes() == before


def test_a_run_keeps_what_it_said_anew(bill, fiona, now):
    make_rule(draft=of_purpose("sub_account", "sub-2", "inference"), by=fiona, at=now)

    reattribute(by=fiona, at=now)
    reattribute(by=fiona, at=now)

    again, first = Reattribution.objects.order_by("-pk")
    assert [row["to"] for row in first.purposes] == ["inference"]
    assert again.purposes == []


def test_money_of_a_closed_month_counts_as_moving(bill, fiona, now):
    ClosedPeriod.objects.create(month="2026-05-01", closed_by=fiona, closed_at=now)
    make_rule(draft=of_purpose("sub_account", "sub-2", "inference"), by=fiona, at=now)

    moved = preview_reattribution(by=fiona)

    assert (moved.closed_moving, moved.purposes[0]["closed_rows"]) == (1, 1)


def test_what_was_imported_before_there_were_purposes_is_told_and_keeps_its_keys_and_digests(bill, fiona, now):
    expected, keys = purposes(), dict(CostKey.objects.values_list("pk", "digest"))
    for group in CostGroup.objects.exclude(purpose="unclassified"):
        group.purpose = "unclassified"
        group.save()

    reattribute(by=fiona, at=now)

    assert purposes() == expected
    assert rolled_up() == expected
    assert dict(CostKey.objects.values_list("pk", "digest")) == keys
    assert CostGroup.objects.values("source_id", "digest").distinct().count() == 4


def test_the_night_tells_again_what_was_imported_before_the_rules_of_today_and_then_rests(bill):
    expected = purposes()
    for group in CostGroup.objects.exclude(purpose="unclassified"):
        group.purpose = "unclassified"
        group.save()

    told = tell_purposes_again()

    assert (told, tell_purposes_again()) == (2, 0)
    assert purposes() == rolled_up() == expected
    assert [len(row.purposes) for row in Reattribution.objects.all()] == [2]
    assert AuditEvent.objects.filter(verb="spend.reattributed").count() == 1


def test_a_file_delivered_again_finds_its_keys_in_the_groups_that_rules_gave_them(bill, fiona, now, tmp_path):
    make_rule(draft=of_purpose("sub_account", "sub-2", "inference"), by=fiona, at=now)
    reattribute(by=fiona, at=now)
    keys = CostKey.objects.count()

    take_in(
        write_focus(tmp_path / "b.csv", {"EffectiveCost": "8", "SubAccountId": "sub-2", "ResourceId": "lab/one"}),
        "cloud",
    )

    assert purposes() == {"inference": 8}
    assert rolled_up() == {"inference": 8}
    assert CostKey.objects.count() == keys


def test_shares_of_a_split_charge_are_for_the_same(bill, fraud, olga, fiona, now):
    other = initiative(olga, "mvp", name="Other")
    shares = (ShareDraft(fraud, Decimal(60)), ShareDraft(other, Decimal(40)))
    make_rule(draft=RuleDraft("sub_account", "sub-2", basis=Basis.FIXED, shares=shares), by=fiona, at=now)
    make_rule(draft=of_purpose("sub_account", "sub-2", "training"), by=fiona, at=now)

    reattribute(by=fiona, at=now)

    assert totals("--by", "purpose")[0]["training"] == (1, 1, Decimal("7.000000000000000001"))
    assert rolled_up() == purposes()


@pytest.mark.parametrize(
    ("draft", "code"),
    [
        (of_purpose("service", "Bedrock", ""), "purpose_unknown"),
        (of_purpose("service", "Bedrock", "unclassified"), "purpose_unknown"),
        (of_purpose("service", "Bedrock", "fun"), "purpose_unknown"),
        (of_purpose("service", "**", "training"), "rule_takes_all"),
        (of_purpose("tag", "x", "training"), "rule_tag"),
        (of_purpose("service", "Bedrock", "training", starts_on="2026-05-01"), "purpose_days"),
        (RuleDraft("service", "Bedrock", purpose="training"), "purpose_beside"),
    ],
)
def test_a_rule_that_could_not_say_a_purpose_is_refused(draft, code, fiona, now):
    with pytest.raises(RuleRefused) as refused, transaction.atomic():
        make_rule(draft=draft, by=fiona, at=now)

    assert code in {blocker.code for blocker in refused.value.blockers}


def test_a_rule_of_purpose_is_changed_to_another_purpose_and_never_to_a_receiver(fraud, fiona, now):
    rule = make_rule(draft=of_purpose("service", "Bedrock", "training"), by=fiona, at=now)

    changed = change_rule(rule_id=rule.pk, draft=of_purpose("service", "Bedrock", "inference"), by=fiona, at=now)

    assert (changed.number, changed.version, changed.purpose) == (rule.number, 2, "inference")
    assert AuditEvent.objects.filter(verb="attribution_rule.changed").count() == 1
    for act in (
        lambda: change_rule(rule_id=changed.pk, draft=RuleDraft("service", "B", fraud), by=fiona, at=now),
        lambda: change_rule(
            rule_id=changed.pk, draft=of_purpose("service", "B", "shared"), from_on=now.date(), by=fiona, at=now
        ),
        lambda: end_rule(rule_id=changed.pk, ends_on=now.date(), by=fiona, at=now),
    ):
        with pytest.raises(RuleRefused), transaction.atomic():
            act()


def test_only_who_keeps_and_approves_attribution_makes_one(olga, now):
    with pytest.raises(NotPermitted):
        make_rule(draft=of_purpose("service", "Bedrock", "training"), by=olga, at=now)


@pytest.mark.parametrize(
    "wrong", [{"purpose": ""}, {"purpose": "unclassified"}, {"starts_on": "2026-05-01"}, {"basis": "whole"}]
)
def test_the_database_holds_a_rule_to_its_purpose(wrong, fiona, now):
    rule = make_rule(draft=of_purpose("service", "Bedrock", "training"), by=fiona, at=now)

    with pytest.raises(IntegrityError), transaction.atomic():
        AttributionRule.objects.filter(pk=rule.pk).update(**wrong)


def test_going_back_to_where_there_were_no_purposes_makes_one_group_of_those_that_differ_by_nothing_else(
    bill, fraud, fiona, now
):
    make_rule(draft=of_purpose("resource", "lab/one", "inference"), by=fiona, at=now)
    reattribute(by=fiona, at=now)
    take_in_again = {"EffectiveCost": "5", "SubAccountId": "sub-2", "ResourceId": "lab/two"}
    take_in(write_focus(bill.parent / "b.csv", take_in_again, {**take_in_again, "ResourceId": "lab/one"}), "other")
    sums = totals("--by", "initiative"), totals("--by", "service_name")
    assert CostGroup.objects.filter(source__name="other").count() == 2

    with connection.cursor() as cursor:
        cursor.execute(import_module("projects.migrations.0041_charges_have_a_purpose").MERGE)

    assert (totals("--by", "initiative"), totals("--by", "service_name")) == sums
    assert CostGroup.objects.filter(source__name="other").count() == 1
    assert not AttributionRule.objects.filter(basis="purpose").exists()
    assert rollup_differences() == []
