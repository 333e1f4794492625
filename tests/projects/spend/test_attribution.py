"""Which rule takes a charge, from which day, and what happens to history when rules change."""

from datetime import date
from decimal import Decimal

import pytest

from projects.attribution.drafts import RuleDraft
from projects.attribution.models import AttributionRule
from projects.attribution.services import RuleRefused, change_rule, make_rule, retire_rule
from projects.common.outcomes import NotPermitted, WrongState
from projects.people.services import import_service
from projects.signals import spend_reattributed
from projects.sources.models import ClosedPeriod
from projects.spend.models import Reattribution, SpendFact
from projects.spend.reattribution import preview_reattribution, reattribute
from projects.spend.verification import rollup_differences
from tests.factories.initiatives import initiative
from tests.projects.spend.samples import FOCUS, run, take_in, take_in_as_bill, totals, write_focus

pytestmark = pytest.mark.django_db
GATEWAY = FOCUS / "litellm_focus_servegen_m_small.csv"


@pytest.fixture
def claims(olga):
    return initiative(olga, "mvp", name="Claims triage")


def owners(path, source="cloud"):
    take_in(path, source)
    groups, _ = totals("--by", "initiative")
    return {key: effective for key, (_, _, effective) in groups.items()}


def charge(tmp_path, **cells):
    return write_focus(tmp_path / "charge.csv", {"EffectiveCost": "7", **cells})


@pytest.mark.parametrize(
    "key", ["initiative", "Initiative", "ai-initiative", "user:AI_Initiative", " aws:initiative id"]
)
@pytest.mark.parametrize("lower", [False, True])
def test_a_tag_that_holds_the_initiatives_key_says_whose_the_charge_is(key, lower, claims, tmp_path):
    value = claims.key.lower() if lower else claims.key

    found = owners(charge(tmp_path, Tags=f'{{"{key}": " {value} "}}'))

    assert found == {claims.key: Decimal(7)}


def test_a_tag_that_names_no_initiative_leaves_the_charge_unclaimed(claims, tmp_path):
    assert owners(charge(tmp_path, Tags='{"initiative": "AI-999"}')) == {None: Decimal(7)}


@pytest.mark.parametrize(
    ("kind", "value", "tag_key", "cells"),
    [
        ("tag", "claims", "Cost Center", {"Tags": '{"user:cost-center": " claims"}'}),
        ("tag", "true", "pilot", {"Tags": '{"pilot": true}'}),
        ("sub_account", "sub-9", "", {"SubAccountId": "sub-9"}),
        ("billing_account", "999", "", {"BillingAccountId": "999"}),
        ("resource", "ARN:aws:Thing/1", "", {"ResourceId": "arn:aws:thing/1"}),
        ("resource_prefix", "/subscriptions/ABC/", "", {"ResourceId": "/subscriptions/abc/vm/1"}),
        ("service", "bed*", "", {"ServiceName": "Bedrock"}),
        ("service", "100%_off", "", {"ServiceName": "100%_OFF"}),
    ],
)
def test_each_kind_of_rule_takes_what_it_names(kind, value, tag_key, cells, claims, fiona, now, tmp_path):
    make_rule(draft=RuleDraft(kind, value, claims, tag_key=tag_key), by=fiona, at=now)

    assert owners(charge(tmp_path, **cells)) == {claims.key: Decimal(7)}


@pytest.mark.parametrize(
    ("kind", "value", "tag_key", "cells"),
    [
        ("tag", "claims", "costcenter", {"Tags": '{"costcenter": "Claims"}'}),
        ("tag", "claims", "costcenter", {"Tags": '{"application": "claims"}'}),
        ("sub_account", "sub-9", "", {"SubAccountId": "sub-99"}),
        ("resource_prefix", "/subscriptions/abc/", "", {"ResourceId": "/subscriptions/abcd/vm/1"}),
        ("resource", "vm1", "", {"ResourceId": "vm12"}),
        ("service", "bed*", "", {"ServiceName": "Embedded"}),
        ("service", "100%_off", "", {"ServiceName": "100 times off"}),
    ],
)
def test_no_rule_takes_what_it_does_not_name(kind, value, tag_key, cells, claims, fiona, now, tmp_path):
    make_rule(draft=RuleDraft(kind, value, claims, tag_key=tag_key), by=fiona, at=now)

    assert owners(charge(tmp_path, **cells)) == {None: Decimal(7)}


def test_the_finer_kind_wins_and_among_one_kind_the_earlier_position(claims, fraud, fiona, now, tmp_path):
    make_rule(draft=RuleDraft("service", "*bedrock*", claims), by=fiona, at=now)
    make_rule(draft=RuleDraft("sub_account", "sub-1", fraud), by=fiona, at=now)
    make_rule(draft=RuleDraft("sub_account", "sub-1", claims), by=fiona, at=now)

    assert owners(charge(tmp_path)) == {fraud.key: Decimal(7)}


def test_a_rule_of_one_source_leaves_others_alone(claims, fiona, now, tmp_path):
    take_in(charge(tmp_path), "other")
    path = write_focus(tmp_path / "own.csv", {"EffectiveCost": "9"})
    take_in(path, "own")
    rule = make_rule(draft=RuleDraft("sub_account", "sub-1", claims), by=fiona, at=now)
    draft = RuleDraft("sub_account", "sub-1", claims, source=SpendFact.objects.last().part.source)

    change_rule(rule_id=rule.pk, draft=draft, by=fiona, at=now)
    reattribute(by=fiona, at=now)

    assert totals("--by", "initiative")[0][claims.key][0] == 1


def test_a_rule_with_days_moves_nothing_before_its_first_and_from_its_last(claims, fraud, fiona, now, tmp_path):
    make_rule(
        draft=RuleDraft(
            "sub_account", "sub-1", claims, starts_on=date(2026, 5, 10), ends_on=date(2026, 5, 20), position=1
        ),
        by=fiona,
        at=now,
    )
    make_rule(draft=RuleDraft("service", "Bedrock", fraud, starts_on=date(2026, 5, 5)), by=fiona, at=now)
    days = (4, 5, 9, 10, 19, 20)
    path = write_focus(
        tmp_path / "days.csv",
        *(
            {"EffectiveCost": str(day), "ChargePeriodStart": f"2026-05-{day:02}", "ChargePeriodEnd": "2026-05-31"}
            for day in days
        ),
    )

    found = owners(path)

    assert found == {None: Decimal(4), fraud.key: Decimal(5 + 9 + 20), claims.key: Decimal(10 + 19)}


def test_each_charge_keeps_the_rule_that_took_it(claims, fiona, now, tmp_path):
    rule = make_rule(draft=RuleDraft("sub_account", "sub-1", claims), by=fiona, at=now)

    take_in(charge(tmp_path), "cloud")

    fact = SpendFact.objects.get()
    assert (fact.rule, fact.initiative) == (rule, claims)


def test_a_dry_run_says_what_would_move_and_moves_nothing(claims, fiona, now):
    take_in_as_bill(GATEWAY, "gateway")
    make_rule(draft=RuleDraft("sub_account", "team-claims", claims), by=fiona, at=now)

    code, answer = run("reattribute", "--dry-run")

    assert code == 0
    assert answer == {
        "dry_run": True,
        "rows": 63,
        "moves": [
            {
                "from": None,
                "to": claims.key,
                "currency": "USD",
                "rows": 63,
                "billed_cost": "440.90161",
                "effective_cost": "440.90161",
            }
        ],
        "initiatives": [
            {
                "initiative": None,
                "month": "2025-03",
                "currency": "USD",
                "before": "5498.401072",
                "after": "5057.499462",
                "moved": "-440.90161",
                "billed_moved": "-440.90161",
            },
            {
                "initiative": claims.key,
                "month": "2025-03",
                "currency": "USD",
                "before": "0",
                "after": "440.90161",
                "moved": "440.90161",
                "billed_moved": "440.90161",
            },
        ],
        "closed_rows": 0,
        "purposes": [],
        "taken_before": [],
        "unmatched": [],
    }
    assert totals("--by", "initiative")[0].keys() == {None}


def test_history_follows_new_rules_and_rollups_stay_equal_to_facts(claims, fraud, fiona, now):
    heard = []
    spend_reattributed.connect(receiver := lambda **told: heard.append(told["initiative_ids"]), weak=False)
    take_in_as_bill(GATEWAY, "gateway")
    rule = make_rule(draft=RuleDraft("sub_account", "team-claims", claims), by=fiona, at=now)
    run("reattribute")
    before = totals()[1]

    change_rule(rule_id=rule.pk, draft=RuleDraft("sub_account", "team-claims", fraud), by=fiona, at=now)
    moved = reattribute(by=fiona, at=now)

    spend_reattributed.disconnect(receiver)
    assert moved.moves[0] | {"currency": "USD"} == {
        "from": claims.key,
        "to": fraud.key,
        "currency": "USD",
        "rows": 63,
        "billed_cost": "440.90161",
        "effective_cost": "440.90161",
    }
    groups, after = totals("--by", "initiative")
    assert after == before
    assert groups[fraud.key] == (63, Decimal("440.90161"), Decimal("440.90161"))
    assert heard == [[claims.pk], [claims.pk, fraud.pk]]
    assert rollup_differences() == []
    assert Reattribution.objects.count() == 2


def test_a_second_run_moves_nothing(claims, fiona, now):
    make_rule(draft=RuleDraft("sub_account", "team-claims", claims), by=fiona, at=now)
    take_in_as_bill(GATEWAY, "gateway")

    assert preview_reattribution(by=fiona).rows == 0
    assert reattribute(by=fiona, at=now).moves == []


def test_closed_months_stay_as_they_are(claims, fiona, now):
    take_in_as_bill(GATEWAY, "gateway")
    ClosedPeriod.objects.create(month="2025-03-01", closed_by=fiona, closed_at=now)
    make_rule(draft=RuleDraft("sub_account", "team-claims", claims), by=fiona, at=now)

    moved = reattribute(by=fiona, at=now)

    assert (moved.rows, moved.closed_rows) == (0, 63)
    assert totals("--by", "initiative")[0].keys() == {None}


def test_a_retired_rule_takes_nothing_and_cannot_change_again(claims, fiona, now, tmp_path):
    rule = make_rule(draft=RuleDraft("sub_account", "sub-1", claims), by=fiona, at=now)
    retire_rule(rule_id=rule.pk, by=fiona, at=now)

    assert owners(charge(tmp_path)) == {None: Decimal(7)}
    with pytest.raises(WrongState):
        retire_rule(rule_id=rule.pk, by=fiona, at=now)
    with pytest.raises(WrongState):
        change_rule(rule_id=rule.pk, draft=RuleDraft("sub_account", "x", claims), by=fiona, at=now)


def test_a_changed_rule_is_a_new_version_beside_the_old_one(claims, fraud, fiona, felix, now):
    rule = make_rule(draft=RuleDraft("sub_account", "a", claims), by=fiona, at=now)

    changed = change_rule(rule_id=rule.pk, draft=RuleDraft("sub_account", "b", fraud), by=felix, at=now)

    rule = AttributionRule.objects.get(pk=rule.pk)
    assert (changed.number, changed.version, rule.version) == (rule.number, 2, 1)
    assert (rule.value, rule.retired_by) == ("a", felix)


@pytest.mark.parametrize(
    ("draft", "code"),
    [
        ({"kind": "colour", "value": "x"}, "rule_kind"),
        ({"kind": "initiative_tag", "value": "x"}, "rule_kind"),
        ({"kind": "sub_account", "value": "  "}, "rule_value"),
        ({"kind": "sub_account", "value": "x" * 501}, "rule_value"),
        ({"kind": "tag", "value": "x", "tag_key": " - "}, "rule_tag"),
        ({"kind": "service", "value": "**"}, "rule_takes_all"),
        ({"kind": "service", "value": "x", "starts_on": date(2026, 5, 1), "ends_on": date(2026, 5, 1)}, "rule_days"),
    ],
)
def test_a_rule_that_could_not_do_what_it_says_is_refused(draft, code, claims, fiona, now):
    with pytest.raises(RuleRefused) as refused:
        make_rule(draft=RuleDraft(initiative=claims, **draft), by=fiona, at=now)

    assert [blocker.code for blocker in refused.value.blockers] == [code]
    assert AttributionRule.objects.filter(initiative=claims).count() == 0


def test_who_has_an_interest_in_the_initiative_makes_no_rule_for_it(fiona, now):
    own = initiative(fiona, "mvp")

    with pytest.raises(NotPermitted, match="interest"):
        make_rule(draft=RuleDraft("sub_account", "sub-1", own), by=fiona, at=now)


def test_only_who_keeps_attribution_makes_rules(claims, olga, carol, now):
    for who in (olga, carol):
        with pytest.raises(NotPermitted):
            make_rule(draft=RuleDraft("sub_account", "sub-1", claims), by=who, at=now)
        with pytest.raises(NotPermitted):
            reattribute(by=who, at=now)


def test_the_import_service_gives_charges_out_but_makes_no_rules(claims, now):
    with pytest.raises(NotPermitted):
        make_rule(draft=RuleDraft("sub_account", "sub-1", claims), by=import_service(), at=now)
    assert reattribute(by=import_service(), at=now).rows == 0
