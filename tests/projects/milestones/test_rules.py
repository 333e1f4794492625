from datetime import date, timedelta

import pytest

from projects.milestones.rules import Baseline, Hold, MilestoneFacts, deadline_on, missed_run

DECIDED_ON = date(2026, 1, 5)
DUE = date(2026, 3, 10)


def day(number):
    return date(2026, 1, 1) + timedelta(days=number - 1)


def milestone(sequence=1, due_on=DUE, **facts):
    baselines = facts.pop("baselines", (Baseline(due_on, DECIDED_ON),))
    return MilestoneFacts(sequence, f"M{sequence}", baselines, **facts)


def run(*milestones, on, grace_days=0, next_miss_days=30, holds=()):
    return missed_run(milestones, on=on, grace_days=grace_days, next_miss_days=next_miss_days, holds=holds)


@pytest.mark.parametrize(("on", "length"), [(date(2026, 3, 9), 0), (DUE, 0), (date(2026, 3, 11), 1)])
def test_milestone_is_missed_from_the_day_after_its_due_date(on, length):
    assert run(milestone(), on=on).length == length


@pytest.mark.parametrize(("on", "length"), [(date(2026, 3, 17), 0), (date(2026, 3, 18), 1)])
def test_grace_moves_the_deadline(on, length):
    assert run(milestone(), on=on, grace_days=7).length == length


@pytest.mark.parametrize(("accepted_on", "length"), [(date(2026, 3, 9), 0), (DUE, 0), (date(2026, 3, 11), 1)])
def test_acceptance_by_the_due_date_keeps_it(accepted_on, length):
    assert run(milestone(accepted_on=accepted_on), on=date(2026, 3, 20)).length == length


def test_delivery_date_counts_once_accepted_without_rework():
    late_judgement = milestone(delivered_on=DUE, accepted_on=date(2026, 3, 25))

    assert run(late_judgement, on=date(2026, 3, 25)).length == 0


def test_delivery_alone_is_not_acceptance():
    assert run(milestone(delivered_on=DUE, accepted_on=date(2026, 3, 25)), on=date(2026, 3, 24)).length == 1


def test_acceptance_date_counts_after_rework():
    reworked = milestone(delivered_on=DUE, accepted_on=date(2026, 3, 25), is_reworked=True)

    assert run(reworked, on=date(2026, 3, 25)).length == 1


def test_two_misses_stand_in_a_row_although_the_first_was_finished_late():
    first = milestone(1, day(40), accepted_on=day(45), delivered_on=day(45))
    second = milestone(2, day(60))

    found = run(first, second, on=day(61))

    assert found.length == 2
    assert found.milestones == ("M1", "M2")
    assert found.last_missed_on == day(61)


def test_a_kept_date_between_breaks_the_run():
    kept = milestone(2, day(50), delivered_on=day(50), accepted_on=day(50))

    assert run(milestone(1, day(40)), kept, milestone(3, day(60)), on=day(61)).length == 1


def test_undue_milestone_neither_counts_nor_breaks():
    assert run(milestone(1, day(40)), milestone(2, day(45)), milestone(3, day(90)), on=day(61)).length == 2


def test_milestone_met_before_its_day_breaks_only_from_that_day():
    early = milestone(3, day(70), delivered_on=day(50), accepted_on=day(50))
    rows = (milestone(1, day(40)), milestone(2, day(45)), early)

    assert run(*rows, on=day(69)).length == 2
    assert run(*rows, on=day(70)).length == 0


def test_cancelled_milestone_neither_counts_nor_breaks():
    cancelled = milestone(2, day(50), cancelled_on=day(49))

    assert run(milestone(1, day(40)), cancelled, milestone(3, day(60)), on=day(61)).milestones == ("M1", "M3")


def test_milestone_cancelled_later_still_counted_before():
    assert run(milestone(2, day(50), cancelled_on=day(60)), on=day(59)).length == 1
    assert run(milestone(2, day(50), cancelled_on=day(60)), on=day(60)).length == 0


def test_order_is_by_due_date_then_sequence():
    kept = milestone(1, day(40), delivered_on=day(40), accepted_on=day(40))

    assert run(milestone(2, day(40)), kept, on=day(41)).milestones == ("M2",)
    assert run(milestone(1, day(41)), milestone(2, day(40)), on=day(42)).milestones == ("M2", "M1")


@pytest.mark.parametrize(("on", "length"), [(day(70), 1), (day(71), 2), (day(100), 2), (day(101), 3)])
def test_thirty_more_days_unaccepted_are_the_next_miss(on, length):
    assert run(milestone(1, day(40)), on=on).length == length


def test_missing_a_rebaselined_date_is_the_next_miss():
    moved = milestone(1, baselines=(Baseline(day(40), DECIDED_ON), Baseline(day(60), day(45))))

    assert run(moved, on=day(41)).length == 1
    assert run(moved, on=day(60)).length == 1
    assert run(moved, on=day(61)).length == 2


def test_date_moved_in_time_was_never_missed():
    moved = milestone(1, baselines=(Baseline(day(40), DECIDED_ON), Baseline(day(60), day(40))))

    assert run(moved, on=day(60)).length == 0
    assert run(moved, on=day(61)).length == 1


def test_date_moved_and_then_kept_breaks_the_run():
    moved = milestone(
        1,
        baselines=(Baseline(day(40), DECIDED_ON), Baseline(day(60), day(45))),
        delivered_on=day(60),
        accepted_on=day(62),
    )

    assert run(moved, on=day(62)).length == 0


def test_decision_of_later_does_not_reach_back():
    moved = milestone(1, baselines=(Baseline(day(40), DECIDED_ON), Baseline(day(60), day(45))))

    assert run(moved, on=day(44)).length == 1


def test_hold_stops_the_clock():
    held = [Hold(day(35), day(45))]

    assert run(milestone(1, day(40)), on=day(50), holds=held).length == 0
    assert run(milestone(1, day(40)), on=day(51), holds=held).length == 1


def test_open_hold_keeps_the_clock_stopped():
    assert run(milestone(1, day(40)), on=day(300), holds=[Hold(day(40))]).length == 0


def test_hold_after_the_miss_takes_nothing_back():
    assert run(milestone(1, day(40)), on=day(60), holds=[Hold(day(41))]).length == 1


def test_hold_before_the_date_was_set_does_not_count():
    assert deadline_on(day(40), day(20), 0, [Hold(day(10), day(25))], day(60)) == day(45)


def test_milestone_without_a_baseline_is_never_missed():
    assert run(milestone(baselines=()), on=day(300)).length == 0


def test_nothing_missed_has_no_last_day():
    assert run(on=day(1)).last_missed_on is None
