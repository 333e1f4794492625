"""The demo organisation: every figure of the sample comes out of the database again."""

import json
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.conf import settings

from council.demo.days import spread
from council.demo.plan import Plan, moment, stage_of
from council.demo.services import NotEmpty, seed_demo
from council.demo.shared import CODER, EUROS, KEY_ACCOUNT, REVIEW, TEAMS
from council.escalations.models import Escalation
from council.meetings.models import Meeting
from council.portfolio.rules import totals
from council.portfolio.selectors import company_envelope, course, lines
from council.spend_lists.models import SpendList
from projects.attribution.models import DetailCover
from projects.audit.models import AuditHead
from projects.audit.selectors import first_break
from projects.funding.models import LedgerLine, Tranche
from projects.funding.services import lapse_final_tranches
from projects.harness.models import HarnessLine
from projects.initiatives.models import Initiative
from projects.jobs.models import Job
from projects.limits.selectors import policy_on
from projects.people.models import User
from projects.prices.models import ModelEntry
from projects.spend.models import SpendFact
from projects.spend.selectors import spend_by_month
from projects.value.models import KpiReading
from projects.value.outcomes import outcome_costs
from projects.value.selectors import value_by_month, verified_value
from projects.value.services import decay_claims
from tests.factories.initiatives import initiative
from tests.factories.people import person

TODAY = date(2026, 11, 19)


@pytest.mark.parametrize("amount", ["0.01", "100.03", "22000", "112480"])
def test_a_month_is_spread_to_the_cent(amount):
    parts = spread(Decimal(amount), [date(2026, 11, day) for day in range(1, 17)], "salt")

    assert sum(cost for _, cost in parts) == Decimal(amount)
    assert all(cost == cost.quantize(Decimal("0.01")) for _, cost in parts)


@pytest.mark.parametrize(
    ("words", "stage"), [("Concept and MVP", "mvp"), ("Pilot in two regions", "pilot"), ("Value hypothesis", "concept")]
)
def test_a_tranche_names_the_stage_it_opens(words, stage):
    assert stage_of(words, "concept") == stage


@pytest.mark.parametrize("today", [date(2026, 11, 19), date(2026, 3, 2), date(2028, 2, 29), date(2027, 1, 1)])
def test_the_samples_months_end_with_the_newest_data(today):
    plan = Plan(today)

    assert len(plan.months) == 11
    assert plan.months[-1] == plan.data_to.replace(day=1)
    assert plan.month_end(plan.months[-1]) == plan.data_to
    assert plan.moved("19 Nov 2026") == today


def test_the_demo_is_the_sample_again(db):
    sample = {row["code"]: row for row in Plan(TODAY).initiatives}

    assert seed_demo(today=TODAY)
    assert not seed_demo(today=TODAY)

    chair = User.objects.get(username="helena")
    found = lines(chair, on=TODAY, policy=policy_on(TODAY))
    for line in found:
        row = sample[line.key]
        assert line.stage_name == row["stage"], line.key
        assert line.budget.approved == row["approved"], line.key
        assert line.budget.spent == row["spent"], line.key
        assert (line.value or 0) == (row["verified_value"] or 0), line.key
        assert line.owner == row["owner"]
    statuses = {line.key: line.status for line in found}
    assert {key for key, status in statuses.items() if status == "escalated"} == {"AI-031", "AI-036", "AI-038"}
    assert (statuses["AI-027"], statuses["AI-041"], statuses["AI-009"]) == ("warning", "no_data", "winding_down")
    assert {line.key: line.alert for line in found if line.status == "escalated"} == {
        "AI-031": "Budget",
        "AI-036": "Milestones",
        "AI-038": "Quality gate",
    }
    sums = totals(found)[0]
    expected = Plan(TODAY).sample["totals"]
    assert (sums.approved, sums.spent, sums.value) == (
        expected["approved"],
        expected["spent"],
        expected["verified_value"],
    )
    _months_are_the_samples(sample)
    _a_log_splits_what_teams_share()
    _euros_and_reviews_count()
    _value_shows_where_it_arose(found)
    _an_outcome_is_divided()
    _record_and_ledger_hold()
    _a_meeting_waits()
    _the_nights_take_nothing_away(sums.value)


def _months_are_the_samples(sample):
    plan = Plan(TODAY)
    spend = spend_by_month(list(Initiative.objects.values_list("pk", flat=True)), on=TODAY)
    for made in Initiative.objects.all():
        row = sample[made.key]
        for first, cost, value in zip(
            plan.months, row["spend_by_month"], row["value_by_month"] or [0] * 11, strict=True
        ):
            by_hand = REVIEW if (made.key, first) == (CODER, plan.months[-2]) else 0
            assert spend.get(made.pk, {}).get(first, 0) == cost - by_hand, (made.key, first)
            assert value_by_month(made.pk, TODAY).get(first, 0) == value, (made.key, first)


def _a_log_splits_what_teams_share():
    covers = list(DetailCover.objects.all())
    assert [cover.billed for cover in covers] == [12776, 21427]
    assert all((cover.covered, cover.difference) == (cover.billed, cover.billed * -2 / 100) for cover in covers)
    split = SpendFact.objects.filter(cost_key__group__sub_account_id=KEY_ACCOUNT, part__source__role="fact")
    assert set(split.values_list("initiative__key", flat=True)) == set(TEAMS)


def _euros_and_reviews_count():
    euros = SpendFact.objects.filter(currency="EUR", part__is_current=True)
    assert sum(euros.values_list("effective_cost", flat=True)) == 2 * EUROS
    line = HarnessLine.objects.counting().get()
    assert (line.initiative.key, line.amount) == (CODER, REVIEW)
    assert Tranche.objects.get(funds_harness=True).initiative.key == CODER


def _value_shows_where_it_arose(found):
    envelope = company_envelope(on=TODAY, currency="USD")[0]
    values = [reading.value for reading in course(found, on=TODAY, currency="USD", envelope=envelope).readings]
    assert values == sorted(values)
    assert values[-1] == 6_631_000
    assert 0 < values[-7] < values[-4] < values[-2] < values[-1]
    assert ModelEntry.objects.exists()


def _an_outcome_is_divided():
    """Cost and count of the last full month agree with the unit cost that was read."""
    rows = outcome_costs(Initiative.objects.all(), seen_to=Plan(TODAY).data_to).rows
    divided = {row.initiative.key: row.division for row in rows if row.division.result is not None}
    read = KpiReading.objects.filter(card__initiative__key="AI-014", card__measures="unit_cost")

    assert set(divided) == {"AI-014"}
    assert divided["AI-014"].lower.name == "claims triaged"
    assert divided["AI-014"].upper.figure == 176_400
    month = read.get(period_start=Plan(TODAY).months[-2])
    assert abs(divided["AI-014"].result - month.value) < Decimal("0.0001")


def _the_nights_take_nothing_away(value):
    nights = moment(TODAY + timedelta(days=31))
    ids = list(Initiative.objects.values_list("pk", flat=True))

    assert decay_claims(months=policy_on(TODAY).integer("claim_decay_months"), at=nights) == 0
    assert lapse_final_tranches(at=nights) == 0
    assert sum(verified_value(ids, nights.date()).values()) == value


def _record_and_ledger_hold():
    assert [head.stream for head in AuditHead.objects.all() if first_break(head.stream) is not None] == []
    assert sum(LedgerLine.objects.values_list("amount", flat=True)) == 0


def _a_meeting_waits():
    meeting = Meeting.objects.get(held_on=TODAY)
    items = list(meeting.items.order_by("number").values_list("initiative__key", "kind"))
    assert meeting.state == "pack_frozen"
    assert items[:3] == [("AI-031", "escalation"), ("AI-036", "escalation"), ("AI-038", "escalation")]
    assert len(items) == 8
    assert Escalation.objects.get(rule="over_budget").tripped_on == date(2026, 11, 7)
    assert SpendList.objects.get().meeting.held_on == date(2026, 10, 22)
    assert Job.objects.get(kind="build_pack").state == "queued"
    logins = json.loads((settings.TOLLGATE_HOME / "demo_logins.json").read_text())
    person_by_login = User.objects.get(username=logins[0]["login"])
    assert person_by_login.check_password(logins[0]["password"])


def test_a_database_in_use_takes_no_demo(db):
    initiative(person("olga"))

    with pytest.raises(NotEmpty):
        seed_demo(today=TODAY)
