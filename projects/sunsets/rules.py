"""Whether a sunset criterion is met, not met, or not known, and the figure that says so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from projects.common.outcomes import Blocker

MET, NOT_MET, UNKNOWN = "met", "not_met", "unknown"
KPI, UNIT_COST, SPEND_OVER, SPEND_UNDER, DAY, NO_USERS = (
    "kpi_below_floor",
    "unit_cost_over",
    "spend_over",
    "spend_under",
    "date_reached",
    "no_active_users",
)
BY_PERIODS = frozenset({KPI, UNIT_COST, NO_USERS})
BY_FIGURE = frozenset({UNIT_COST, SPEND_OVER, SPEND_UNDER})
MOST_PERIODS = 24


@dataclass(frozen=True)
class Judged:
    """What was found: the state, and the figure with the limit in words."""

    state: str
    words: str


def criterion_blockers(
    kind: str, *, figure: Decimal | None, periods: int | None, day: date | None, has_card: bool, on: date
) -> list[Blocker]:
    """Say what a criterion of a kind still lacks."""
    blockers = []
    if kind == KPI and not has_card:
        blockers.append(Blocker("card_missing", "Choose the KPI whose floor, or ceiling, it is held to."))
    if kind in BY_FIGURE and (figure is None or not figure.is_finite() or figure < 0):
        blockers.append(Blocker("figure_missing", "Give the amount that it is held to, zero or more."))
    if kind in BY_PERIODS and (periods is None or not 1 <= periods <= MOST_PERIODS):
        blockers.append(Blocker("periods_missing", f"Say for how many periods in a row, 1 to {MOST_PERIODS}."))
    if kind == DAY and (day is None or day <= on):
        blockers.append(Blocker("day_missing", f"Give a day after {on}."))
    return blockers


def below_bound(values: Sequence[Decimal], *, bound: Decimal | None, is_floor: bool, periods: int) -> Judged:
    """Judge the last periods of a KPI by its floor, or by its ceiling where lower is better; the bound itself is kept."""
    word = "floor" if is_floor else "ceiling"
    if bound is None:
        return Judged(UNKNOWN, f"The KPI has no {word}.")
    last = values[-periods:]
    told = ", ".join(plain(value) for value in last) or "no proven reading"
    words = f"{told}; {word} {plain(bound)}, {periods} in a row asked"
    if len(last) < periods:
        return Judged(UNKNOWN, words)
    breached = all(value < bound if is_floor else value > bound for value in last)
    return Judged(MET if breached else NOT_MET, words)


def cost_over(values: Sequence[Decimal], *, ceiling: Decimal, periods: int) -> Judged:
    """Judge the last proven costs of an outcome by a ceiling; exactly the ceiling is not over it."""
    return below_bound(values, bound=ceiling, is_floor=False, periods=periods)


def without_users(values: Sequence[Decimal], *, periods: int) -> Judged:
    """Judge the last proven readings of adoption: nobody for so many periods."""
    last = values[-periods:]
    told = ", ".join(plain(value) for value in last) or "no proven reading"
    words = f"{told}; {periods} in a row without anybody asked"
    if len(last) < periods:
        return Judged(UNKNOWN, words)
    return Judged(MET if all(value == 0 for value in last) else NOT_MET, words)


def month_spend(spent: Decimal | None, *, limit: Decimal, over: bool, currency: str, lacks: str = "") -> Judged:
    """Judge what 30 days cost against a limit, strictly; ``lacks`` says what of it has no rate of exchange."""
    if spent is None:
        return Judged(UNKNOWN, "No cost data covers 30 days to the last final one.")
    word = "above" if over else "below"
    words = f"{currency} {spent:,.2f} in 30 days; {word} {limit:,.2f} asked"
    holds = spent > limit if over else spent < limit
    if lacks and not (over and holds):
        return Judged(UNKNOWN, f"{words}, {lacks}")
    return Judged(MET if holds else NOT_MET, words)


def day_reached(day: date, *, on: date) -> Judged:
    """Judge a date: reached on the day itself."""
    return Judged(MET if on >= day else NOT_MET, f"{day}")


def plain(value: Decimal) -> str:
    """Write a figure without idle zeros."""
    return f"{value.normalize():,f}"
