"""Whether a quality gate is passed, failed, unread or unknown."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

AT_LEAST, AT_MOST = "at_least", "at_most"
PASSED, FAILED, NO_READING, UNKNOWN = "passed", "failed", "no_reading", "unknown"


@dataclass(frozen=True)
class Reading:
    """A figure and the day it is for; proven when imported or verified by somebody without an interest."""

    value: Decimal
    read_on: date
    is_proven: bool = False


@dataclass(frozen=True)
class Standing:
    """Where a gate stands on a day: the word, the latest reading, and whether that reading breaches."""

    verdict: str
    latest: Reading | None
    is_breached: bool


def is_met(value: Decimal, threshold: Decimal, direction: str) -> bool:
    """Say whether a figure keeps to a threshold; the threshold itself does."""
    return value >= threshold if direction == AT_LEAST else value <= threshold


def standing(
    readings: Iterable[Reading], *, threshold: Decimal, direction: str, cadence_days: int, since: date, on: date
) -> Standing:
    """Judge a gate that exists ``since`` a day by its latest reading not after ``on``; of one day the last given counts.

    Two cadences without a reading are unknown; a breach stays a breach however old its reading is.
    """
    known = [reading for reading in readings if reading.read_on <= on]
    latest = max(reversed(known), key=lambda reading: reading.read_on, default=None)
    silent = on - (latest.read_on if latest else since) > timedelta(days=2 * cadence_days)
    breached = latest is not None and not is_met(latest.value, threshold, direction)
    if silent:
        return Standing(UNKNOWN, latest, breached)
    if latest is None:
        return Standing(NO_READING, None, False)
    return Standing(FAILED if breached else PASSED, latest, breached)
