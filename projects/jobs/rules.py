"""How fast work goes and how long it will still take."""

from datetime import datetime, timedelta
from decimal import Decimal

LEAST_SECONDS = Decimal(2)  # before that a pace says nothing
SILENT_SECONDS = 15  # three heartbeats


def rate(count: int, seconds: Decimal) -> int | None:
    """Return how many a second, whole; None before the pace can be known or while nothing was done."""
    return None if seconds < LEAST_SECONDS or count <= 0 else int(count / seconds)


def seconds_left(*, done: int, total: int, seconds: Decimal) -> int | None:
    """Return how many seconds are left at the pace so far; None before it can be known."""
    if seconds < LEAST_SECONDS or done <= 0:
        return None
    return int(max(total - done, 0) * seconds / done)


def silent_seconds(*, heard_at: datetime | None, at: datetime) -> int | None:
    """Return for how long nothing was heard, whole; None while that is no longer than three heartbeats."""
    if heard_at is None:
        return None
    silent = (at - heard_at) // timedelta(seconds=1)
    return silent if silent > SILENT_SECONDS else None


def left_words(seconds: int) -> str:
    """Say a time that is left, no more exactly than it is known."""
    if seconds < 10:
        return "a few seconds left"
    if seconds < 90:
        return f"about {(seconds + 5) // 10 * 10} seconds left"
    minutes = (seconds + 30) // 60
    return f"about {minutes} minutes left" if minutes < 90 else f"about {(minutes + 30) // 60} hours left"
