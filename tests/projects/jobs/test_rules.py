from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from projects.jobs.models import Job
from projects.jobs.rules import left_words, rate, seconds_left, silent_seconds


@pytest.mark.parametrize(
    ("count", "seconds", "expected"),
    [(1000, "1.999", None), (1000, "2", 500), (0, "9", None), (10, "3", 3)],
)
def test_a_pace_is_known_after_two_seconds_of_work(count, seconds, expected):
    assert rate(count, Decimal(seconds)) == expected


@pytest.mark.parametrize(
    ("done", "total", "seconds", "expected"),
    [(25, 100, "10", 30), (100, 100, "10", 0), (120, 100, "10", 0), (0, 100, "10", None), (25, 100, "1", None)],
)
def test_the_time_left_goes_by_the_pace_so_far(done, total, seconds, expected):
    assert seconds_left(done=done, total=total, seconds=Decimal(seconds)) == expected


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "a few seconds left"),
        (9, "a few seconds left"),
        (10, "about 10 seconds left"),
        (89, "about 90 seconds left"),
        (90, "about 2 minutes left"),
        (5369, "about 89 minutes left"),
        (5370, "about 2 hours left"),
    ],
)
def test_the_time_left_is_said_no_more_exactly_than_it_is_known(seconds, words):
    assert left_words(seconds) == words


def test_a_job_tells_rows_and_pace_of_its_step():
    at = datetime(2026, 11, 19, tzinfo=UTC)
    job = Job(step_started_at=at, heartbeat_at=at + timedelta(seconds=4), done=50, total=200, unit="bytes", rows=8000)

    assert (job.rows_a_second, job.time_left) == (2000, "about 10 seconds left")


def test_a_job_that_counts_neither_rows_nor_time_claims_no_pace():
    at = datetime(2026, 11, 19, tzinfo=UTC)

    assert Job(done=50, total=200, unit="rows").rows_a_second is None
    assert Job(step_started_at=at, heartbeat_at=at + timedelta(seconds=9), done=5, unit="bytes").rows_a_second is None
    assert Job(step_started_at=at, heartbeat_at=at + timedelta(seconds=9), done=5).time_left == ""


@pytest.mark.parametrize(("seconds", "expected"), [(0, None), (15, None), (16, 16), (100, 100)])
def test_a_worker_is_silent_after_three_heartbeats_unheard(seconds, expected):
    at = datetime(2026, 11, 19, tzinfo=UTC)

    assert silent_seconds(heard_at=at, at=at + timedelta(seconds=seconds)) == expected
    assert silent_seconds(heard_at=None, at=at) is None
