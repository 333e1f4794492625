"""What spend means: exact amounts, days that may still change, why a charge has no owner."""

from datetime import date, timedelta
from decimal import Decimal

DEVELOPER_TOOLS = ("copilot", "cursor", "codeium", "windsurf", "tabnine", "replit", "claude code")


def exact_text(amount: Decimal) -> str:
    """Write an amount in full, without exponent and without zeros that say nothing: 18.74189573593, 0, -3."""
    text = format(amount, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def is_provisional(day: date, *, on: date, lag_days: int) -> bool:
    """Say whether charges of a day may still arrive or change: within the lag, or in a month that is not over."""
    last_final = on - timedelta(days=lag_days)
    return day > last_final or (day.year, day.month) == (last_final.year, last_final.month)


def growth(before: Decimal, after: Decimal) -> Decimal | None:
    """Return how much more the later amount is, as a ratio; None where there was nothing to grow from."""
    return None if before <= 0 else (after - before) / before


def month_before(day: date) -> date:
    """Return the first day of the month before a day's."""
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)


def month_after(day: date) -> date:
    """Return the first day of the month after a day's."""
    return last_day_of(day) + timedelta(days=1)


def last_day_of(month: date) -> date:
    """Return the last day of the month of a day."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
