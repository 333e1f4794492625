"""A change of rules is tried out first, kept by whom it may be kept, and moves closed months by two people only."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from projects.attribution.drafts import RuleDraft, ShareDraft
from projects.attribution.models import AttributionRule, Basis
from projects.attribution.services import RuleRefused, make_rule
from projects.audit.models import AuditEvent
from projects.common.outcomes import NotPermitted, WrongState
from projects.jobs.models import Job
from projects.rulebook.models import Act, RuleChange
from projects.rulebook.selectors import rule_lines
from projects.rulebook.services import Asked, SecondNeeded, keep_change, propose_change, withdraw_change
from projects.sources.eyes import Eyes
from projects.sources.models import ClosedPeriod
from projects.spend.reattribution import reattribute
from projects.spend.verification import rollup_differences
from tests.factories.initiatives import initiative
from tests.projects.spend.samples import take_in, totals, write_focus

pytestmark = pytest.mark.django_db


@pytest.fixture
def claims(olga):
    return initiative(olga, "mvp", name="Claims triage")


@pytest.fixture
def bill(tmp_path):
    take_in(write_focus(tmp_path / "a.csv", {"EffectiveCost": "10"}, {"EffectiveCost": "7", "SubAccountId": "x"}), "c")


def make(to, value="sub-1", **more):
    return Asked(Act.MAKE, draft=RuleDraft("sub_account", value, to, note="Theirs", **more))


def owners():
    return {key: money for key, (_, _, money) in totals("--by", "initiative")[0].items()}


def carry_out(job, by, now):
    reattribute(by=by, at=now, agreed=job.arguments["agreed"])
    assert rollup_differences() == []


def test_trying_a_rule_out_says_what_moves_and_leaves_no_rule(bill, fraud, fiona, now):
    before = AttributionRule.objects.count()

    change = propose_change(asked=make(fraud), by=fiona, at=now)

    assert [(row["initiative"], row["before"], row["after"]) for row in change.moves] == [
        (None, "17", "7"),
        (fraud.key, "0", "10"),
    ]
    assert (change.figures["rows"], change.needs_second) == (1, False)
    assert AttributionRule.objects.count() == before
    assert not AuditEvent.objects.filter(verb="attribution_rule.made").exists()
    assert owners() == {None: 17}


def test_a_kept_rule_counts_and_its_job_gives_charges_out(bill, fraud, fiona, now):
    change = propose_change(asked=make(fraud), by=fiona, at=now)

    job = keep_change(change_id=change.pk, by=fiona, at=now)
    carry_out(job, fiona, now)

    change = RuleChange.objects.get(pk=change.pk)
    assert (change.state, change.made_rule.value, job.arguments) == (
        "kept",
        "sub-1",
        {"agreed": [], "change": change.pk},
    )
    assert owners() == {fraud.key: 10, None: 7}
    with pytest.raises(WrongState):
        keep_change(change_id=change.pk, by=fiona, at=now)


def test_money_of_a_closed_month_moves_only_when_a_second_person_keeps_the_change(bill, fraud, fiona, felix, now):
    ClosedPeriod.objects.create(month="2026-05-01", closed_by=fiona, closed_at=now)
    change = propose_change(asked=make(fraud), by=fiona, at=now)

    with pytest.raises(SecondNeeded, match="1 charge of closed months"), transaction.atomic():
        keep_change(change_id=change.pk, by=fiona, at=now)
    job = keep_change(change_id=change.pk, by=felix, at=now)
    carry_out(job, felix, now)

    rule = AttributionRule.objects.get(value="sub-1")
    assert (job.arguments, rule.made_by) == ({"agreed": [rule.pk], "change": change.pk}, fiona)
    assert owners() == {fraud.key: 10, None: 7}


def test_a_month_closed_after_the_dry_run_needs_the_second_person_too(bill, fraud, fiona, now):
    change = propose_change(asked=make(fraud), by=fiona, at=now)
    ClosedPeriod.objects.create(month="2026-05-01", closed_by=fiona, closed_at=now)

    with pytest.raises(SecondNeeded):
        keep_change(change_id=change.pk, by=fiona, at=now)


def test_the_database_refuses_one_person_as_both(bill, fraud, fiona, now):
    change = propose_change(asked=make(fraud), by=fiona, at=now)
    RuleChange.objects.filter(pk=change.pk).update(needs_second=True)
    change = RuleChange.objects.get(pk=change.pk)
    change.keep(by_id=fiona.pk, at=now)

    with pytest.raises(IntegrityError, match="rule_change_kept_by_two"), transaction.atomic():
        change.save()


def test_nobody_keeps_a_change_that_moves_money_of_an_initiative_of_theirs(bill, fraud, fiona, felix, now):
    own = initiative(felix, "mvp", name="Felix's own")
    make_rule(draft=RuleDraft("sub_account", "sub-1", own), by=fiona, at=now)
    reattribute(by=fiona, at=now)
    takes_away = Asked(Act.MAKE, draft=RuleDraft("service", "Bedrock", fraud, position=1))
    rule = AttributionRule.objects.get(initiative=own)

    change = propose_change(asked=Asked(Act.RETIRE, rule.pk), by=fiona, at=now)

    with pytest.raises(NotPermitted, match="interest"):
        keep_change(change_id=change.pk, by=felix, at=now)
    with pytest.raises(NotPermitted, match=own.key):
        propose_change(asked=Asked(Act.RETIRE, rule.pk), by=felix, at=now)
    assert takes_away.draft.position == 1


def test_only_who_keeps_attribution_tries_out_or_keeps(bill, fraud, fiona, olga, carol, audrey, now):
    change = propose_change(asked=make(fraud), by=fiona, at=now)

    for who in (olga, carol, audrey):
        for act in (
            lambda who=who: propose_change(asked=make(fraud), by=who, at=now),
            lambda who=who: keep_change(change_id=change.pk, by=who, at=now),
            lambda who=who: withdraw_change(change_id=change.pk, by=who, at=now),
        ):
            with pytest.raises(NotPermitted), transaction.atomic():
                act()
    assert Job.objects.count() == 0


def test_a_withdrawn_change_cannot_be_kept(bill, fraud, fiona, now):
    change = propose_change(asked=make(fraud), by=fiona, at=now)
    withdraw_change(change_id=change.pk, by=fiona, at=now)

    with pytest.raises(WrongState, match="withdrawn"):
        keep_change(change_id=change.pk, by=fiona, at=now)
    assert owners() == {None: 17}


def test_a_change_an_end_and_an_undoing_each_say_what_moves(bill, fraud, claims, fiona, now):
    rule = make_rule(draft=RuleDraft("sub_account", "sub-1", fraud), by=fiona, at=now)
    reattribute(by=fiona, at=now)
    draft = RuleDraft("sub_account", "sub-1", claims, note="Moved")

    changed = propose_change(asked=Asked(Act.CHANGE, rule.pk, draft, date(2026, 5, 3)), by=fiona, at=now)
    later = propose_change(asked=Asked(Act.CHANGE, rule.pk, draft, date(2026, 5, 4)), by=fiona, at=now)
    ended = propose_change(asked=Asked(Act.END, rule.pk, from_on=date(2026, 5, 3)), by=fiona, at=now)
    undone = propose_change(asked=Asked(Act.RETIRE, rule.pk), by=fiona, at=now)

    assert {row["initiative"]: row["moved"] for row in changed.moves} == {fraud.key: "-10", claims.key: "10"}
    assert later.moves == []
    assert {row["initiative"]: row["moved"] for row in ended.moves} == {fraud.key: "-10", None: "10"}
    assert undone.moves == ended.moves
    assert changed.words == f"Rule {rule.number} changes from 3 May 2026: Sub-account sub-1 to {claims.key}"


def test_a_moved_rule_wins_over_the_one_it_goes_before(bill, fraud, claims, fiona, now):
    first = make_rule(draft=RuleDraft("sub_account", "sub-1", fraud), by=fiona, at=now)
    others = [make_rule(draft=RuleDraft("sub_account", f"y{n}", fraud), by=fiona, at=now) for n in range(3)]
    second = make_rule(draft=RuleDraft("sub_account", "sub-1", claims), by=fiona, at=now)
    reattribute(by=fiona, at=now)

    change = propose_change(asked=Asked(Act.MOVE, second.pk, before_id=first.pk), by=fiona, at=now)
    keep_change(change_id=change.pk, by=fiona, at=now)

    order = [
        line.rule.number
        for line in rule_lines(on=date(2026, 5, 20), eyes=Eyes(sees_people=True))
        if line.rule.kind == "sub_account"
    ]
    assert order == [second.number, first.number, *(rule.number for rule in others)]
    assert {row["initiative"]: row["moved"] for row in change.moves} == {fraud.key: "-10", claims.key: "10"}


def test_a_split_is_kept_with_its_shares(bill, fraud, claims, fiona, now):
    shares = (ShareDraft(fraud, Decimal("62.5")), ShareDraft(claims, Decimal("37.5")))
    asked = Asked(Act.MAKE, draft=RuleDraft("sub_account", "sub-1", basis=Basis.FIXED, shares=shares))

    change = propose_change(asked=asked, by=fiona, at=now)
    carry_out(keep_change(change_id=change.pk, by=fiona, at=now), fiona, now)

    assert owners() == {fraud.key: Decimal("6.25"), claims.key: Decimal("3.75"), None: 7}
    assert change.words == f"New rule: Sub-account sub-1 to {fraud.key} 62.5%, {claims.key} 37.5%"


def test_a_refused_rule_leaves_no_change(fraud, fiona, now):
    with pytest.raises(RuleRefused):
        propose_change(asked=make(fraud, value=" "), by=fiona, at=now)

    assert RuleChange.objects.count() == 0


def test_the_list_says_what_each_rule_took_in_the_last_30_days(fraud, fiona, now, tmp_path):
    days = [("2026-05-31", "100"), ("2026-05-02", "20"), ("2026-05-01", "3")]
    rows = [{"ChargePeriodStart": day, "ChargePeriodEnd": "2026-06-02", "EffectiveCost": cost} for day, cost in days]
    rule = make_rule(draft=RuleDraft("sub_account", "sub-1", fraud), by=fiona, at=now)
    take_in(write_focus(tmp_path / "a.csv", *rows, {**rows[0], "BillingCurrency": "EUR"}), "c")

    line = next(
        line
        for line in rule_lines(on=date(2026, 5, 31), eyes=Eyes(sees_people=True))
        if line.rule.number == rule.number
    )

    assert line.taken == {"EUR": 100, "USD": 120}
    assert line.rows == 3
