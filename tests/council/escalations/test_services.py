"""Sweeps over the database, and what people do with an escalation."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from council.escalations import services
from council.escalations.models import Escalation, EscalationRun
from council.escalations.selectors import missed_days
from council.escalations.sweeps import sweep
from projects.audit.models import AuditEvent
from projects.common.outcomes import NotPermitted
from projects.limits.models import PolicyVersion
from projects.people.models import User
from tests.factories.council import AT
from tests.factories.initiatives import initiative
from tests.factories.money import tranche
from tests.factories.rates import rate
from tests.factories.spend import spent

ON = AT.date()


@pytest.fixture
def funded(people, envelope):
    """A Pilot with 100,000 released on 1 November."""
    made = initiative(people.olga, "pilot")
    tranche(made, envelope, people.fay, datetime(2026, 11, 1, 9, tzinfo=AT.tzinfo))
    return made


def spend(people, funded, amount, day=date(2026, 11, 10)):
    spent(funded, day, amount, by=people.fay, at=AT)


@pytest.mark.parametrize(("amount", "raised"), [("115000", 0), ("115000.0000001", 1)])
def test_over_budget_is_raised_above_fifteen_percent_and_not_at_it(people, funded, amount, raised):
    spend(people, funded, amount)

    rules = [found.rule for found in sweep(on=ON, at=AT).raised]

    assert rules.count("over_budget") == raised
    assert Escalation.objects.filter(rule="over_budget").count() == raised


def test_an_escalation_keeps_its_figures_and_the_policy_that_tripped_it(people, funded):
    spend(people, funded, "120000")

    sweep(on=ON, at=AT)

    row = Escalation.objects.get(rule="over_budget")
    assert (row.key, row.policy_version, row.tripped_on) == ("ES-0001", 0, ON)
    assert row.figures["percent_over"] == "20.0"
    assert row.answer_due_on == date(2026, 11, 26)
    assert AuditEvent.objects.get(verb="escalation.raised", target_id=str(row.pk)).actor_id is None


def test_spend_before_the_first_release_and_gateway_logs_do_not_count(people, funded):
    spend(people, funded, "500000", day=date(2026, 10, 31))
    spent(funded, date(2026, 11, 10), "500000", by=people.fay, at=AT, role="detail")
    spent(funded, date(2026, 11, 10), "500000", by=people.fay, at=AT, currency="EUR")

    assert not [found for found in sweep(on=ON, at=AT).raised if found.rule == "over_budget"]


def test_a_second_sweep_raises_nothing_new_and_refreshes_the_figures(people, funded):
    spend(people, funded, "120000")
    sweep(on=ON, at=AT)
    spend(people, funded, "10000", day=date(2026, 11, 11))

    again = sweep(on=ON, at=AT)

    assert not [found for found in again.raised if found.rule == "over_budget"]
    assert Escalation.objects.get(rule="over_budget").figures["spent"] == "130000"


def test_a_cause_that_clears_is_marked_and_tripping_again_reopens_the_same_one(people, funded):
    spend(people, funded, "120000")
    sweep(on=ON, at=AT)
    spend(people, funded, "-20000", day=date(2026, 11, 12))
    assert sweep(on=ON, at=AT).cleared >= 1
    assert Escalation.objects.get(rule="over_budget").cleared_at is not None
    spend(people, funded, "30000", day=date(2026, 11, 13))

    raised = [found.rule for found in sweep(on=ON, at=AT).raised]

    assert "over_budget" in raised
    assert Escalation.objects.get(rule="over_budget").cleared_at is None


def test_a_dry_run_writes_nothing(people, funded):
    spend(people, funded, "120000")

    told = sweep(on=ON, at=AT, write=False)

    assert "over_budget" in [found.rule for found in told.raised]
    assert told.open == len(told.raised)
    assert not Escalation.objects.exists()
    assert not EscalationRun.objects.exists()


def test_a_past_day_is_judged_by_its_own_spend_and_money(people, funded):
    spend(people, funded, "120000", day=date(2026, 11, 15))

    before = sweep(on=date(2026, 11, 14), at=AT, write=False)

    assert "over_budget" not in [found.rule for found in before.raised]


def test_the_policy_in_force_on_the_day_decides(people, funded):
    spend(people, funded, "112000")
    PolicyVersion.objects.create(number=1, values={"over_budget_percent": "10"}, drafted_by=people.sue, drafted_at=AT)
    PolicyVersion.objects.filter(number=1).update(state="proposed")
    PolicyVersion.objects.filter(number=1).update(
        state="approved", approved_by=people.fay, approved_at=AT, effective_on=date(2026, 11, 15)
    )

    before = sweep(on=date(2026, 11, 14), at=AT, write=False)
    after = sweep(on=date(2026, 11, 15), at=AT, write=False)

    assert "over_budget" not in [found.rule for found in before.raised]
    assert "over_budget" in [found.rule for found in after.raised]
    assert (before.policy_version, after.policy_version) == (0, 1)


def test_a_sweep_of_touched_initiatives_says_what_the_full_one_says(people, funded):
    other = initiative(people.olga, "pilot", name="Another")
    spend(people, funded, "120000")
    spend(people, other, "120000")

    full = {(row.initiative, row.rule) for row in sweep(on=ON, at=AT, write=False).raised}
    parts = [sweep(on=ON, at=AT, write=False, initiative_ids=[pk]).raised for pk in (funded.pk, other.pk)]

    assert {(row.initiative, row.rule) for part in parts for row in part} == full


def test_the_number_of_queries_does_not_grow(people, funded):
    spend(people, funded, "10")
    with CaptureQueriesContext(connection) as one:
        sweep(on=ON, at=AT, write=False)
    for number in range(12):
        spend(people, initiative(people.olga, "pilot", name=f"Number {number}"), "10")

    with CaptureQueriesContext(connection) as many:
        sweep(on=ON, at=AT, write=False)

    assert len(many) == len(one)


def test_one_open_escalation_an_initiative_and_rule_is_a_constraint(people, funded):
    spend(people, funded, "120000")
    sweep(on=ON, at=AT)
    row = Escalation.objects.get(rule="over_budget")
    row.pk, row.key = None, "ES-9999"

    with pytest.raises(IntegrityError), transaction.atomic():
        Escalation.objects.bulk_create([row])


@pytest.fixture
def raised(people, board, funded):
    spend(people, funded, "120000")
    sweep(on=ON, at=AT)
    return Escalation.objects.get(rule="over_budget")


def test_the_owner_files_a_plan_and_nobody_else_does(people, board, raised):
    with pytest.raises(NotPermitted):
        services.file_plan(escalation_id=raised.pk, plan="Cap it.", by=board.finn, at=AT)
    with pytest.raises(services.EscalationRefused):
        services.file_plan(escalation_id=raised.pk, plan=" ", by=people.olga, at=AT)

    row = services.file_plan(escalation_id=raised.pk, plan="Cap the loops at 4.", by=people.olga, at=AT)

    assert (row.state, row.plan_by) == ("plan_filed", people.olga)


def test_an_open_cause_is_not_closed_and_a_cleared_one_is(people, board, raised):
    with pytest.raises(services.EscalationOver):
        services.close_escalation(escalation_id=raised.pk, note="", by=people.fay, at=AT)
    spend(people, raised.initiative, "-50000", day=date(2026, 11, 12))
    sweep(on=ON, at=AT)

    row = services.close_escalation(escalation_id=raised.pk, note="A credit came.", by=people.fay, at=AT)

    assert (row.state, row.closed_by) == ("closed", people.fay)


def test_the_interested_do_not_handle_their_own_escalation(people, raised):
    people.fay = User.objects.get(pk=people.fay.pk)
    people.olga.line_manager = people.fay
    people.olga.save()

    with pytest.raises(NotPermitted, match="interest"):
        services.acknowledge_escalation(escalation_id=raised.pk, by=people.fay, at=AT)


@pytest.mark.parametrize(("days", "allowed"), [(0, False), (1, True), (7, True), (8, False)])
def test_a_snooze_ends_no_later_than_the_next_meeting(people, raised, days, allowed):
    act = {
        "escalation_id": raised.pk,
        "until": ON + timedelta(days=days),
        "reason": "The credit is announced.",
        "latest": ON + timedelta(days=7),
        "by": people.fay,
        "at": AT,
    }

    if allowed:
        assert services.snooze_escalation(**act).snoozed_until == act["until"]
    else:
        with pytest.raises(services.EscalationRefused):
            services.snooze_escalation(**act)


def test_missed_days_are_caught_up_in_order(db):
    assert missed_days(ON) == []
    EscalationRun.objects.create(on=ON - timedelta(days=3), policy_version=0, ran_at=AT)

    assert missed_days(ON) == [ON - timedelta(days=2), ON - timedelta(days=1)]


def test_a_decision_accepts_the_figures_and_more_spend_trips_again(people, board, raised):
    raised.put_on_agenda()
    raised.save()
    services.decide_escalation(escalation_id=raised.pk, reference="AIC-2026-001", by=board.carol, at=AT)
    assert not [row for row in sweep(on=ON, at=AT).raised if row.rule == "over_budget"]
    spend(people, raised.initiative, "0.01", day=date(2026, 11, 12))

    again = sweep(on=ON, at=AT)

    row = Escalation.objects.get(rule="over_budget")
    assert "over_budget" in [found.rule for found in again.raised]
    assert row.state == "raised"
    assert Decimal(row.figures["spent"]) == Decimal("120000.01")


@pytest.mark.parametrize(
    ("own", "raised", "unknown"), [("115000", [], ["over_budget"]), ("115000.01", ["over_budget"], [])]
)
def test_spend_without_a_rate_leaves_the_rule_unknown_unless_the_rest_alone_trips_it(
    people, funded, own, raised, unknown
):
    spend(people, funded, own)
    spent(funded, date(2026, 11, 10), "1200", by=people.fay, at=AT, currency="EUR")

    swept = sweep(on=ON, at=AT)

    assert [row.rule for row in swept.raised if row.rule == "over_budget"] == raised
    assert [row.rule for row in swept.unknown if row.rule == "over_budget"] == unknown
    told = [row for row in (*swept.raised, *swept.unknown) if row.rule == "over_budget"]
    assert told[0].figures["without_rate"] == "plus 1,200.00 EUR without a rate for November 2026"


@pytest.mark.parametrize(("dollars", "raised"), [("1.25", 0), ("1.2500001", 1)])
def test_foreign_spend_trips_the_rule_at_the_rate_of_its_month(people, funded, dollars, raised):
    spend(people, funded, "114875")
    spent(funded, date(2026, 11, 10), "100", by=people.fay, at=AT, currency="EUR")

    rate(date(2026, 11, 1), "EUR", dollars, by=people.fay, at=AT)

    found = [row for row in sweep(on=ON, at=AT).raised if row.rule == "over_budget"]
    assert len(found) == raised


def test_an_open_escalation_is_not_cleared_by_losing_its_rate(people, funded):
    spend(people, funded, "120000")
    sweep(on=ON, at=AT)
    row = Escalation.objects.get(rule="over_budget")
    spend(people, funded, "-20000")
    spent(funded, date(2026, 11, 11), "30000", by=people.fay, at=AT, currency="EUR")

    sweep(on=ON, at=AT)
    row = Escalation.objects.get(pk=row.pk)
    assert row.cleared_at is None
    rate(date(2026, 11, 1), "EUR", "0.1", by=people.fay, at=AT)

    sweep(on=ON, at=AT)
    assert Escalation.objects.get(pk=row.pk).cleared_at == AT
