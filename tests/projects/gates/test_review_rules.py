from datetime import date, timedelta
from decimal import Decimal

import pytest

from projects.gates.review_rules import Course, Target, Timing, missed_twice, reviews_due, targets_met

TIMING = Timing(post_decision=90, reassessment=90, draft_ahead=14)
SINCE = date(2026, 8, 1)


def due(course, day):
    return reviews_due(course, TIMING, on=SINCE + timedelta(days=day))


def launched(**facts):
    return Course(**{"stage": "launch", "stage_since": SINCE, "came_by_go": True, **facts})


@pytest.mark.parametrize(("day", "found"), [(75, None), (76, 90), (77, 91), (90, 104), (400, 414)])
def test_post_decision_review_is_drafted_ahead_of_its_day_and_late_drafts_keep_their_time(day, found):
    expected = {} if found is None else {"post_decision": SINCE + timedelta(days=found)}

    assert due(launched(), day) == expected


@pytest.mark.parametrize(
    "course",
    [launched(came_by_go=False), launched(post_decision_begun=True), launched(stage="pilot"), launched(stage="sunset")],
)
def test_no_look_back_without_a_go_into_launch_or_scale_nor_twice(course):
    assert due(course, 400) == {}


def test_scale_is_reassessed_quarter_by_quarter():
    scaled = launched(stage="scale", came_by_go=False)
    again = launched(stage="scale", came_by_go=False, last_reassessment_on=SINCE + timedelta(days=90))

    assert due(scaled, 75) == {}
    assert due(scaled, 76) == {"reassessment": SINCE + timedelta(days=90)}
    assert due(again, 165) == {}
    assert due(again, 166) == {"reassessment": SINCE + timedelta(days=180)}


def test_reassessment_of_an_earlier_stay_in_scale_does_not_count():
    returned = launched(stage="scale", came_by_go=False, last_reassessment_on=SINCE - timedelta(days=300))

    assert due(returned, 76) == {"reassessment": SINCE + timedelta(days=90)}


def target(direction, proven, aim="10"):
    return Target("KPI", direction, aim and Decimal(aim), proven and Decimal(proven))


@pytest.mark.parametrize(
    ("direction", "proven", "met"),
    [
        ("up", "9.99", False),
        ("up", "10", True),
        ("up", "10.01", True),
        ("down", "9.99", True),
        ("down", "10", True),
        ("down", "10.01", False),
        ("up", None, None),
    ],
)
def test_target_is_met_exactly_at_it(direction, proven, met):
    assert target(direction, proven).is_met is met


def test_card_without_a_target_is_not_known():
    assert target("up", "10", None).is_met is None


MET, MISSED, UNKNOWN = target("up", "11"), target("up", "9"), target("up", None)


@pytest.mark.parametrize(
    ("targets", "met"),
    [([], None), ([MET], True), ([MET, UNKNOWN], None), ([MISSED, UNKNOWN], False), ([MET, MISSED], False)],
)
def test_one_miss_is_a_miss_and_unknown_is_never_met(targets, met):
    assert targets_met(targets) is met


@pytest.mark.parametrize(
    ("found", "twice"),
    [
        ([], False),
        ([False], False),
        ([False, False], True),
        ([True, False, False], True),
        ([False, False, True], False),
        ([False, None, False], False),
        ([False, None], False),
    ],
)
def test_only_the_last_two_reviews_in_a_row_count(found, twice):
    assert missed_twice(found) is twice
