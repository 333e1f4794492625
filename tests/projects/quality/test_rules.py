from datetime import date, timedelta
from decimal import Decimal

import pytest

from projects.quality.rules import Reading, is_met, standing

SINCE = date(2026, 1, 1)


def judged(readings, on, direction="at_least"):
    rows = [Reading(Decimal(value), SINCE + timedelta(days=day)) for day, value in readings]
    return standing(
        rows,
        threshold=Decimal(92),
        direction=direction,
        cadence_days=30,
        since=SINCE,
        on=SINCE + timedelta(days=on),
    )


@pytest.mark.parametrize(
    ("value", "direction", "met"),
    [
        ("91.999999", "at_least", False),
        ("92", "at_least", True),
        ("92.000001", "at_least", True),
        ("91.999999", "at_most", True),
        ("92", "at_most", True),
        ("92.000001", "at_most", False),
    ],
)
def test_threshold_itself_is_met(value, direction, met):
    assert is_met(Decimal(value), Decimal(92), direction) is met


@pytest.mark.parametrize(("value", "verdict"), [("91.9", "failed"), ("92", "passed"), ("92.1", "passed")])
def test_latest_reading_decides(value, verdict):
    found = judged([(1, "50"), (10, value)], on=20)

    assert (found.verdict, found.is_breached) == (verdict, verdict == "failed")


def test_later_day_wins_whatever_the_order_of_entry():
    assert judged([(10, "95"), (1, "50")], on=20).verdict == "passed"


def test_second_reading_of_a_day_replaces_the_first():
    assert judged([(10, "50"), (10, "95")], on=20).verdict == "passed"


def test_reading_of_a_day_ahead_is_left_out():
    assert judged([(10, "95"), (21, "50")], on=20).verdict == "passed"


@pytest.mark.parametrize(("on", "verdict"), [(59, "no_reading"), (60, "no_reading"), (61, "unknown")])
def test_gate_without_a_reading_is_unknown_after_two_cadences(on, verdict):
    assert judged([], on=on).verdict == verdict


@pytest.mark.parametrize(("on", "verdict"), [(70, "passed"), (71, "unknown")])
def test_silence_of_two_cadences_is_unknown_never_passed(on, verdict):
    assert judged([(10, "95")], on=on).verdict == verdict


def test_old_breach_stays_a_breach():
    found = judged([(10, "50")], on=90)

    assert (found.verdict, found.is_breached) == ("unknown", True)


def test_lower_is_better_where_the_gate_says_so():
    assert judged([(10, "95")], on=20, direction="at_most").verdict == "failed"
