from datetime import date, timedelta

import pytest

from projects.intake.import_lateness import late_on, late_when_finished
from projects.intake.import_milestones import MilestoneRecord

DAY = date(2012, 6, 30)
START = date(2012, 1, 1)


def milestone(number, slip, project="P1", due=None):
    due_on = due or START + timedelta(days=number)
    finished_on = None if slip is None else due_on + timedelta(days=slip)
    return MilestoneRecord(number, "HHS", project, str(number), "M", due_on, finished_on=finished_on)


def run(*slips, project="P1"):
    return [milestone(number, slip, project) for number, slip in enumerate(slips, start=1)]


@pytest.mark.parametrize(
    ("slips", "projects"),
    [
        ((1, 1), 1),
        ((1, 0), 0),
        ((0, 1, 1), 1),
        ((1, 0, 1), 0),
        ((1, None, 1), 1),
        ((1, None, 0, 1), 0),
        ((1,), 0),
        ((), 0),
        ((-5, -5), 0),
    ],
)
def test_two_finished_late_in_a_row_skip_what_is_not_finished(slips, projects):
    assert late_when_finished(run(*slips)).projects == projects


def test_late_when_finished_counts_only_what_is_finished():
    lateness = late_when_finished(run(1, 0, None, 2))

    assert (lateness.counted, lateness.late) == (3, 2)


def test_a_run_never_spans_two_projects():
    assert late_when_finished([*run(0, 1, project="P1"), *run(1, 0, project="P2")]).projects == 0


def test_finished_milestones_run_in_the_order_of_planned_start_then_id():
    late, punctual = [], []
    for number in ("9", "10"):
        late.append(MilestoneRecord(1, "H", "P", number, "M", START, planned_start=START, finished_on=DAY))
    punctual.append(MilestoneRecord(1, "H", "P", "11", "M", DAY, planned_start=START, finished_on=DAY))

    assert late_when_finished([late[0], punctual[0], late[1]]).projects == 1


def on_day(milestones, day=DAY, grace_days=0):
    return late_on(milestones, day, grace_days=grace_days, next_miss_days=30)


@pytest.mark.parametrize(
    ("slips", "projects"),
    [
        ((None, None), 1),
        ((1, None), 1),
        ((1, 1), 1),
        ((0, 29), 0),
        ((1, 0), 0),
        ((1, 0, 1), 0),
        ((0, 31), 1),
        ((None,), 1),
        ((0, 0), 0),
        ((), 0),
    ],
)
def test_what_is_not_kept_in_the_end_is_missed_on_a_day(slips, projects):
    assert on_day(run(*slips)).projects == projects


def test_a_milestone_due_on_the_day_is_not_missed_yet():
    assert on_day([milestone(1, None, due=DAY)]).late == 0
    assert on_day([milestone(1, None, due=DAY - timedelta(days=1))]).late == 1


def test_days_of_grace_count():
    overdue = [milestone(1, None, due=DAY - timedelta(days=3))]

    assert on_day(overdue, grace_days=3).late == 0
    assert on_day(overdue, grace_days=2).late == 1


def test_a_finish_after_the_day_is_not_known_on_the_day():
    assert on_day([milestone(1, 400)]).late == 1


def test_a_milestone_not_yet_due_does_not_break_a_run():
    future = milestone(9, None, due=DAY + timedelta(days=1))

    lateness = on_day([milestone(1, 1), future, milestone(3, 1)])

    assert (lateness.counted, lateness.late, lateness.projects) == (2, 2, 1)


def test_each_count_names_its_rule_and_date():
    assert "not finished are skipped" in late_when_finished([]).rule
    assert "2012-06-30, 0 days of grace" in on_day([]).rule
