"""What the milestones and the actuals of a portfolio become when it is imported."""

from datetime import date
from decimal import Decimal

import pytest

from projects.initiatives.models import Initiative, OpeningDecision, Participation
from projects.intake.models import ImportedMilestone
from projects.milestones.models import Milestone, MilestoneBaseline
from projects.sources.models import Delivery
from projects.spend.models import SpendDay
from tests.projects.intake.orders import PLAN, imported, order

pytestmark = pytest.mark.django_db


def test_milestones_are_planned_baselined_and_met_as_their_file_says(fiona, frank, olga, organisation, at):
    report = imported(order(owner=olga, plan=PLAN), at, by=fiona, second=frank)

    design, build = Milestone.objects.order_by("sequence")
    opening = OpeningDecision.objects.get()
    assert (design.name, design.baselined_due_on, design.decision_reference) == (
        "Design",
        date(2026, 1, 31),
        opening.reference,
    )
    assert (design.state, design.delivered_on, design.delivered_by, design.accepted_by) == (
        "accepted",
        date(2026, 1, 30),
        olga,
        frank,
    )
    assert (build.state, build.baselined_due_on, build.accepted_by) == ("planned", date(2026, 3, 31), None)
    assert MilestoneBaseline.objects.count() == 2
    told = report["milestones"]
    assert (told["rows"], told["accepted"], told["merged"], told["refused"]) == (3, 2, 0, 1)
    assert told["refusals"][0]["value"] == "P9"


def test_unsigned_milestones_are_forecast_and_neither_baselined_nor_met(fiona, olga, organisation, at):
    imported(order(owner=olga, plan=PLAN), at, by=fiona)

    assert set(Milestone.objects.values_list("state", "baselined_due_on")) == {("planned", None)}
    assert Milestone.objects.get(name="Design").forecast_due_on == date(2026, 1, 31)
    assert ImportedMilestone.objects.get(line=2).finished_on == date(2026, 1, 30)


def test_milestones_may_follow_their_projects_later(fiona, frank, olga, organisation, at):
    imported(order(owner=olga), at, by=fiona, second=frank)

    report = imported(order(owner=olga, plan=PLAN), at, by=fiona, second=frank)

    assert (report["accepted"], report["merged"]) == (0, 2)
    assert report["milestones"]["accepted"] == 2


def test_milestones_continue_the_numbers_of_a_plan(fiona, frank, olga, organisation, at):
    imported(order(owner=olga, plan=PLAN), at, by=fiona, second=frank)
    later = "id,project,name,due\nM4,P1,Roll out,2026-02-01\n"

    imported(order(owner=olga, plan=later), at, by=fiona, second=frank)

    assert list(Milestone.objects.order_by("sequence").values_list("name", flat=True)) == [
        "Design",
        "Build",
        "Roll out",
    ]


def test_a_milestone_is_not_met_by_the_word_of_an_interested_signer(fiona, frank, olga, organisation, at):
    imported(order(owner=olga), at, by=fiona)
    Participation.objects.create(
        initiative=Initiative.objects.get(name="Grid"), user=frank, part="contributor", since=at
    )

    imported(order(owner=olga, plan=PLAN), at, by=fiona, second=frank)

    assert Milestone.objects.get(name="Design").state == "delivered"


def test_actuals_become_one_opening_row_each_of_source_portfolio(fiona, frank, olga, organisation, at):
    text = "id,org,name,end date,actual\n1,DOE,Grid,2020-05-04,$50.25\n2,DOE,Chat,,$0\n3,DOE,Talk,2030-01-01,£7\n4,DOE,None,,\n"

    report = imported(order(text, owner=olga), at, by=fiona, second=frank)

    delivery = Delivery.objects.get()
    assert (delivery.source.name, delivery.source.role, delivery.rows) == ("portfolio", "fact", 3)
    assert report["opening_spend"] == {"rows": 3, "waiting": 0, "delivery": delivery.key}
    days = SpendDay.objects.order_by("initiative__key")
    assert [
        (day.initiative.name, day.charge_on, day.effective_cost, day.billed_cost, day.currency) for day in days
    ] == [
        ("Grid", date(2020, 5, 4), Decimal("50.25"), Decimal("50.25"), "USD"),
        ("Chat", at.date(), Decimal(0), Decimal(0), "USD"),
        ("Talk", at.date(), Decimal(7), Decimal(7), "GBP"),
    ]


def test_opening_rows_are_delivered_once_and_a_later_import_replaces_none(fiona, olga, organisation, at):
    text = "id,org,name,actual\n1,DOE,Grid,$50\n"
    imported(order(text, owner=olga), at, by=fiona)
    imported(order(text, owner=olga), at, by=fiona)
    imported(order(text + "2,DOE,Chat,$7\n", owner=olga), at, by=fiona)

    assert Delivery.objects.count() == 2
    assert sum(SpendDay.objects.values_list("effective_cost", flat=True)) == Decimal(57)


def test_the_operator_of_the_machine_delivers_no_spend(db, at):
    report = imported(order(), at, by=None)

    assert report["opening_spend"] == {"rows": 0, "waiting": 1}
    assert not Delivery.objects.exists()
