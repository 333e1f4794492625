"""Compute the five inputs from plain figures."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class MonthFigure:
    """One month's money."""

    month: date
    amount: Decimal


@dataclass(frozen=True)
class Spending:
    """Approved and spent money, None where it is not known, with the last day of cost data."""

    currency: str
    approved: Decimal | None
    committed: Decimal | None
    spent: Decimal | None
    data_to: date | None
    months: tuple[MonthFigure, ...] = ()
    expected_month: Decimal | None = None
    plus: str = ""


@dataclass(frozen=True)
class Signal:
    """A KPI's latest reading against baseline and target."""

    name: str
    unit: str
    direction: str
    baseline: Decimal | None
    target: Decimal | None
    latest: Decimal | None
    read_on: date | None
    source: str = ""


@dataclass(frozen=True)
class Growth:
    """The last two full months beside each other."""

    cost_before: Decimal
    cost_now: Decimal
    value_before: Decimal
    value_now: Decimal


def spend_input(spending: Spending) -> dict[str, Any]:
    """Set spent against approved, with the variance spent ÷ approved − 1; say what is unknown and why."""
    variance = None
    if spending.approved and spending.spent is not None:
        variance = spending.spent / spending.approved - 1
    return {
        "currency": spending.currency,
        "approved": spending.approved,
        "committed": spending.committed,
        "spent": spending.spent,
        "variance": variance,
        "expected_month": spending.expected_month,
        "data_to": spending.data_to,
        "months": [asdict(month) for month in spending.months],
        "without_rate": spending.plus,
        "unknown": "" if spending.spent is not None else "No cost data is attributed to the initiative.",
    }


def growth_percent(before: Decimal, now: Decimal) -> Decimal | None:
    """Return the change in percent, or None where there was nothing before."""
    return (now - before) * 100 / before if before > 0 else None


def value_input(signals: Sequence[Signal], growth: Growth | None, verified: Decimal | None) -> dict[str, Any]:
    """Set each KPI against its target, and the growth of cost beside the growth of value."""
    rows = [{**asdict(row), "on_target": on_target(row)} for row in signals]
    grown = None
    if growth is not None:
        grown = {
            "cost_percent": growth_percent(growth.cost_before, growth.cost_now),
            "value_percent": growth_percent(growth.value_before, growth.value_now),
        }
    return {"signals": rows, "growth": grown, "verified": verified, "unknown": "" if rows else "No KPI card is set."}


def last_full_months(on: date) -> tuple[date, date]:
    """Return the first days of the two calendar months before the one that holds a day."""
    this = on.replace(day=1)
    now = (this - timedelta(days=1)).replace(day=1)
    return (now - timedelta(days=1)).replace(day=1), now


def on_target(signal: Signal) -> bool | None:
    """Say whether the latest reading reaches the target; None while either is missing."""
    if signal.latest is None or signal.target is None:
        return None
    return signal.latest >= signal.target if signal.direction == "up" else signal.latest <= signal.target


def funding_input(ask: Mapping[str, Any], *, approved: Decimal | None, unspent: Decimal | None) -> dict[str, Any]:
    """State the ask for the next milestone only, with what is approved, and what is left of it to be used first."""
    amount = ask.get("ask")
    total = approved + amount if approved is not None and amount is not None else None
    return {**ask, "approved_so_far": approved, "if_approved": total, "unspent_first": unspent}


def changes_since(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[dict[str, Any]]:
    """List the named figures that differ from those of the last decision, with both values."""
    return [
        {"what": name, "before": before.get(name), "now": now.get(name)}
        for name in now
        if name in before and before.get(name) != now.get(name)
    ]
