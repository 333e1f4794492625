from datetime import UTC, date, datetime

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django_fsm import TransitionNotAllowed

from projects.milestones.models import Milestone, MilestoneBaseline, MilestoneState
from projects.milestones.rules import MOVES

AT = datetime(2026, 11, 19, 9, tzinfo=UTC)
ACTS = {
    "deliver": lambda row, olga, vera: row.deliver(on=date(2026, 11, 19), by_id=olga.pk, evidence="Log"),
    "send_back": lambda row, olga, vera: row.send_back(reason="Sample too small"),
    "accept": lambda row, olga, vera: row.accept(by_id=vera.pk, at=AT),
    "cancel": lambda row, olga, vera: row.cancel(at=AT),
}
LAWFUL = {
    ("planned", "deliver"): "delivered",
    ("delivered", "send_back"): "planned",
    ("delivered", "accept"): "accepted",
    ("planned", "cancel"): "cancelled",
    ("delivered", "cancel"): "cancelled",
}


@pytest.fixture
def milestone(fraud):
    return Milestone.objects.create(initiative=fraud, sequence=1, name="Shadow mode", acceptance_test="Five days")


def brought_to(milestone, state, olga, vera):
    for act in {"planned": [], "delivered": ["deliver"], "accepted": ["deliver", "accept"], "cancelled": ["cancel"]}[
        state
    ]:
        ACTS[act](milestone, olga, vera)
        milestone.save()
    return Milestone.objects.get(pk=milestone.pk)


def test_every_transition_is_in_the_table():
    transitions = {row.name for row in Milestone._meta.get_field("state").get_all_transitions(Milestone)}

    assert transitions == set(ACTS)
    assert {(source, LAWFUL[source, act]) for source, act in LAWFUL} == set(MOVES)


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("state", MilestoneState.values)
def test_only_the_table_moves_a_milestone(milestone, olga, vera, state, act):
    row = brought_to(milestone, state, olga, vera)

    if (state, act) in LAWFUL:
        ACTS[act](row, olga, vera)
        row.save()
        assert Milestone.objects.get(pk=row.pk).state == LAWFUL[state, act]
    else:
        with pytest.raises(TransitionNotAllowed):
            ACTS[act](row, olga, vera)


@pytest.mark.parametrize("state", ["delivered", "accepted", "cancelled"])
def test_database_lets_a_milestone_begin_only_planned(fraud, state):
    with pytest.raises(DatabaseError):
        Milestone.objects.create(initiative=fraud, sequence=2, name="Late", acceptance_test="None", state=state)


def test_database_refuses_a_leap_from_planned_to_accepted(milestone, vera):
    with pytest.raises(DatabaseError, match="state"):
        Milestone.objects.filter(pk=milestone.pk).update(state="accepted", accepted_by=vera, accepted_at=AT)


@pytest.mark.parametrize("who", ["olga", "sam"])
def test_database_refuses_acceptance_by_owner_or_sponsor(milestone, request, olga, vera, who):
    row = brought_to(milestone, "delivered", olga, vera)
    judge = request.getfixturevalue(who)
    Milestone.objects.filter(pk=row.pk).update(delivered_by=vera)

    with pytest.raises(DatabaseError, match="without an interest"):
        Milestone.objects.filter(pk=row.pk).update(state="accepted", accepted_by=judge, accepted_at=AT)


def test_database_refuses_acceptance_by_whoever_delivered(milestone, olga, vera):
    row = brought_to(milestone, "delivered", olga, vera)
    Milestone.objects.filter(pk=row.pk).update(delivered_by=vera)

    with pytest.raises(IntegrityError, match="milestone_accepted_by_another"):
        Milestone.objects.filter(pk=row.pk).update(state="accepted", accepted_by=vera, accepted_at=AT)


def test_sequence_is_unique_within_an_initiative(milestone, fraud):
    with pytest.raises(IntegrityError, match="milestone_sequence"):
        Milestone.objects.create(initiative=fraud, sequence=1, name="Again", acceptance_test="None")


def test_baseline_needs_a_decision(milestone):
    with pytest.raises(IntegrityError, match="milestone_baseline_decided"):
        Milestone.objects.filter(pk=milestone.pk).update(baselined_due_on=date(2026, 12, 4))


@pytest.mark.parametrize(
    "order",
    [
        "UPDATE projects_milestonebaseline SET due_on = '2027-01-01'",
        "DELETE FROM projects_milestonebaseline",
        "TRUNCATE projects_milestonebaseline",
    ],
)
def test_baselines_never_change(milestone, order):
    MilestoneBaseline.objects.create(
        milestone=milestone, due_on=date(2026, 12, 4), decision_reference="AIC-2026-014", at=AT
    )

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(order)
    assert MilestoneBaseline.objects.get().due_on == date(2026, 12, 4)


def test_overdue_are_open_ones_past_their_baselined_date(milestone):
    Milestone.objects.filter(pk=milestone.pk).update(baselined_due_on=date(2026, 12, 4), decision_reference="AIC-1")

    assert not Milestone.objects.overdue(on=date(2026, 12, 4)).exists()
    assert Milestone.objects.overdue(on=date(2026, 12, 5)).get() == milestone
