from datetime import UTC, date, datetime, timedelta

import pytest

from projects.audit.models import AuditEvent
from projects.common.outcomes import NotPermitted, WrongState
from projects.initiatives.services import hold_initiative, resume_initiative
from projects.limits.selectors import policy_on
from projects.milestones.models import Milestone
from projects.milestones.selectors import missed_runs, next_milestone
from projects.milestones.services import (
    MilestoneRefused,
    accept_milestone,
    baseline_milestone,
    cancel_milestone,
    deliver_milestone,
    forecast_milestone,
    plan_decided_milestone,
    plan_milestone,
    send_back_milestone,
)
from projects.signals import milestone_accepted

DUE = date(2026, 12, 4)


@pytest.fixture
def milestone(fraud, olga, now):
    return planned(fraud, olga, now)


@pytest.fixture
def accepted():
    seen = []

    def listen(sender, milestone, **_):
        seen.append(milestone)

    milestone_accepted.connect(listen)
    yield seen
    milestone_accepted.disconnect(listen)


def planned(initiative, by, at, name="Precision on holdout", due_on=DUE):
    return plan_milestone(
        initiative_id=initiative.pk,
        name=name,
        acceptance_test="Precision at or above 92% on the holdout",
        forecast_due_on=due_on,
        by=by,
        at=at,
    )


def baselined(milestone, by, at, due_on=DUE, reference="AIC-2026-014"):
    return baseline_milestone(milestone_id=milestone.pk, due_on=due_on, decision_reference=reference, by=by, at=at)


def delivered(milestone, by, at):
    return deliver_milestone(milestone_id=milestone.pk, evidence="Run 512 of the holdout", by=by, at=at)


def verbs():
    return list(AuditEvent.objects.order_by("id").values_list("verb", flat=True))


def test_planned_milestones_are_numbered_without_a_baseline(fraud, olga, now):
    rows = [planned(fraud, olga, now), planned(fraud, olga, now, "Launch readiness")]

    assert [(row.sequence, row.baselined_due_on) for row in rows] == [(1, None), (2, None)]
    assert verbs() == ["milestone.planned"] * 2


def test_stranger_plans_nothing(fraud, max_the_stranger, now):
    with pytest.raises(NotPermitted):
        planned(fraud, max_the_stranger, now)


def test_milestone_without_a_test_is_refused(fraud, olga, now):
    with pytest.raises(MilestoneRefused):
        plan_milestone(initiative_id=fraud.pk, name="Vague", acceptance_test=" ", forecast_due_on=DUE, by=olga, at=now)

    assert not Milestone.objects.exists()


def test_decision_sets_the_baseline_and_keeps_both_dates(milestone, carol, now):
    baselined(milestone, carol, now)

    moved = baselined(milestone, carol, now, date(2027, 1, 15), "AIC-2026-020")

    assert moved.baselined_due_on == moved.forecast_due_on == date(2027, 1, 15)
    assert list(moved.baselines.values_list("previous_due_on", "due_on", "decision_reference")) == [
        (None, DUE, "AIC-2026-014"),
        (DUE, date(2027, 1, 15), "AIC-2026-020"),
    ]


def test_baseline_without_a_decision_is_refused(milestone, carol, now):
    with pytest.raises(MilestoneRefused):
        baselined(milestone, carol, now, reference="")


def test_forecast_leaves_the_baseline_where_it_is(milestone, carol, olga, now):
    baselined(milestone, carol, now)

    row = forecast_milestone(milestone_id=milestone.pk, due_on=date(2027, 2, 1), by=olga, at=now)

    assert (row.forecast_due_on, row.baselined_due_on) == (date(2027, 2, 1), DUE)


def test_decided_milestone_is_added_and_baselined_at_once(fraud, carol, now):
    row = plan_decided_milestone(
        initiative_id=fraud.pk,
        name="Shadow mode",
        acceptance_test="All alerts scored for five days",
        due_on=DUE,
        decision_reference="AIC-2026-014",
        by=carol,
        at=now,
    )

    assert (row.sequence, row.baselined_due_on) == (1, DUE)


def test_decided_milestone_takes_the_planned_one_of_its_name(milestone, fraud, carol, now):
    row = plan_decided_milestone(
        initiative_id=fraud.pk,
        name="precision on HOLDOUT",
        acceptance_test="As planned",
        due_on=DUE,
        decision_reference="AIC-2026-014",
        by=carol,
        at=now,
    )

    assert row.pk == milestone.pk


def test_delivery_is_dated_in_the_initiatives_time_zone(fraud, olga):
    fraud.time_zone = "Asia/Tokyo"
    fraud.save()
    late_evening = datetime(2026, 11, 19, 20, tzinfo=UTC)

    row = delivered(planned(fraud, olga, late_evening), olga, late_evening)

    assert row.delivered_on == date(2026, 11, 20)


def test_reviewer_accepts_what_the_owner_delivered(milestone, olga, vera, now, accepted):
    delivered(milestone, olga, now)

    row = accept_milestone(milestone_id=milestone.pk, by=vera, at=now)

    assert (row.state, row.accepted_by, row.accepted_at) == ("accepted", vera, now)
    assert accepted == [row]
    assert verbs()[-1] == "milestone.accepted"


@pytest.mark.parametrize("who", ["olga", "sam", "max_the_stranger", "audrey"])
def test_interested_and_strangers_accept_nothing(milestone, request, olga, now, accepted, who):
    delivered(milestone, olga, now)

    with pytest.raises(NotPermitted):
        accept_milestone(milestone_id=milestone.pk, by=request.getfixturevalue(who), at=now)

    assert Milestone.objects.get().state == "delivered"
    assert accepted == []
    assert verbs()[-1] == "milestone.delivered"


def test_undelivered_milestone_cannot_be_accepted(milestone, vera, now):
    with pytest.raises(WrongState):
        accept_milestone(milestone_id=milestone.pk, by=vera, at=now)


def test_delivery_needs_evidence(milestone, olga, now):
    with pytest.raises(MilestoneRefused):
        deliver_milestone(milestone_id=milestone.pk, evidence="  ", by=olga, at=now)


def test_sent_back_milestone_is_planned_again_and_marked(milestone, olga, vera, now):
    delivered(milestone, olga, now)

    row = send_back_milestone(milestone_id=milestone.pk, reason="Sample too small", by=vera, at=now)

    assert (row.state, row.rework_count, row.delivered_on) == ("planned", 1, None)


def test_cancelled_only_by_decision(milestone, carol, now):
    with pytest.raises(MilestoneRefused):
        cancel_milestone(milestone_id=milestone.pk, decision_reference="", by=carol, at=now)

    assert (
        cancel_milestone(milestone_id=milestone.pk, decision_reference="AIC-1", by=carol, at=now).state == "cancelled"
    )


def test_accepted_milestone_no_longer_moves(milestone, olga, vera, carol, now):
    delivered(milestone, olga, now)
    accept_milestone(milestone_id=milestone.pk, by=vera, at=now)

    with pytest.raises(WrongState):
        baselined(milestone, carol, now)


def test_next_milestone_is_the_open_one_due_first(fraud, olga, carol, now):
    later = planned(fraud, olga, now, "Launch readiness", date(2027, 1, 22))
    first = planned(fraud, olga, now)
    cancel_milestone(
        milestone_id=planned(fraud, olga, now, "Old", date(2026, 1, 1)).pk, decision_reference="A", by=carol, at=now
    )

    assert next_milestone(fraud) == first
    baselined(first, carol, now, date(2027, 3, 1))
    assert next_milestone(fraud) == later


def test_missed_runs_read_policy_baselines_and_holds(fraud, milestone, olga, carol, now, django_assert_num_queries):
    baselined(milestone, carol, now)
    baselined(planned(fraud, olga, now, "Readiness"), carol, now, DUE + timedelta(days=10), "AIC-2026-015")
    policy = policy_on(DUE)

    with django_assert_num_queries(5):
        runs = missed_runs([fraud.pk], on=DUE + timedelta(days=11), policy=policy)

    assert runs[fraud.pk].milestones == ("Precision on holdout", "Readiness")


def test_days_on_hold_do_not_count(fraud, milestone, carol, now):
    baselined(milestone, carol, now)
    on_due_day = datetime(2026, 12, 4, 9, tzinfo=UTC)
    hold_initiative(initiative_id=fraud.pk, decision_reference="AIC-2", by=carol, at=on_due_day)
    policy = policy_on(DUE)

    assert missed_runs([fraud.pk], on=date(2026, 12, 20), policy=policy)[fraud.pk].length == 0

    resume_initiative(initiative_id=fraud.pk, decision_reference="AIC-3", by=carol, at=on_due_day + timedelta(days=10))
    assert missed_runs([fraud.pk], on=date(2026, 12, 14), policy=policy)[fraud.pk].length == 0
    assert missed_runs([fraud.pk], on=date(2026, 12, 15), policy=policy)[fraud.pk].length == 1


@pytest.mark.parametrize(("days_late", "is_asked"), [(0, False), (1, True)])
def test_only_initiatives_with_a_date_that_was_not_surely_kept_are_read(
    fraud, milestone, olga, vera, carol, now, days_late, is_asked
):
    baselined(milestone, carol, now)
    on = datetime(2026, 12, 4, 9, tzinfo=UTC) + timedelta(
        days=policy_on(DUE).integer("milestone_grace_days") + days_late
    )
    delivered(milestone, olga, on)
    accept_milestone(milestone_id=milestone.pk, by=vera, at=on)

    runs = missed_runs([fraud.pk], on=on.date() + timedelta(days=9), policy=policy_on(DUE))

    assert (fraud.pk in runs) is is_asked
    assert not is_asked or runs[fraud.pk].length == 1


def test_a_date_kept_before_rework_is_missed_by_its_late_acceptance(fraud, milestone, olga, vera, carol, now):
    baselined(milestone, carol, now)
    in_time, late = datetime(2026, 12, 4, 9, tzinfo=UTC), datetime(2027, 1, 20, 9, tzinfo=UTC)
    delivered(milestone, olga, in_time)
    send_back_milestone(milestone_id=milestone.pk, reason="Show the holdout.", by=vera, at=in_time)
    delivered(milestone, olga, in_time)
    accept_milestone(milestone_id=milestone.pk, by=vera, at=late)

    assert missed_runs([fraud.pk], on=date(2027, 1, 21), policy=policy_on(DUE))[fraud.pk].length >= 1
