"""The stage bar, the sum behind a banner, and the words of a tally. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from projects.common import formats

STAGES = (
    ("concept", "Concept"),
    ("mvp", "MVP"),
    ("pilot", "Pilot"),
    ("launch", "Launch"),
    ("scale", "Scale"),
    ("sunset", "Sunset"),
)
Parts = tuple[tuple[str, bool], ...]


@dataclass(frozen=True)
class Step:
    """One segment of the stage bar."""

    name: str
    state: str
    note: str


def stage_steps(stage: str, *, since: date, left: Mapping[str, date], on: date) -> list[Step]:
    """Return the six segments; ``left`` gives the day on which a stage was left through its gate."""
    codes = [code for code, _ in STAGES]
    now = codes.index(stage)
    steps = []
    for number, (code, name) in enumerate(STAGES, start=1):
        if number - 1 == now:
            days = formats.counted((on - since).days, "day", "days")
            steps.append(Step(name, "now", f"Since {formats.on_day(since, year=since.year != on.year)}, {days}"))
        elif number - 1 < now:
            day = left.get(code)
            steps.append(Step(name, "done", f"Passed G{number}, {_short(day, on)}" if day else "Before the record"))
        else:
            steps.append(Step(name, "", f"Gate G{number - 1}"))
    return steps


def _short(day: date, on: date) -> str:
    return formats.on_day(day, year=day.year != on.year)


def sum_parts(rule: str, figures: Mapping[str, str]) -> Parts:
    """Return the arithmetic of a tripped rule as pairs of words and whether they are a figure."""
    writers = {
        "over_budget": _over_budget,
        "tranche_overspent": _tranche_overspent,
        "unfunded_spend": _unfunded,
        "missed_milestones": _missed,
        "quality_failed": _quality,
        "forecast_over": _forecast,
        "no_data": _no_data,
    }
    parts = writers[rule](figures) if rule in writers else ()
    lacking = figures.get("without_rate")
    return (*parts, (f" That is without {lacking.removeprefix('plus ')}.", False)) if lacking else parts


def _money(figures: Mapping[str, str], name: str) -> tuple[str, bool]:
    amount = Decimal(figures[name])
    write = formats.money_full if amount == amount.to_integral_value() else formats.money_minor
    return write(amount, figures["currency"]), True


def _over_budget(figures: Mapping[str, str]) -> Parts:
    return (
        ("Spent ", False),
        _money(figures, "spent"),
        (" − approved ", False),
        _money(figures, "approved"),
        (" = ", False),
        (f"{_money(figures, 'over')[0]} over", True),
        (f". The limit is {_money(figures, 'limit')[0]}.", False),
    )


def _tranche_overspent(figures: Mapping[str, str]) -> Parts:
    return (
        ("Cost since its release ", False),
        _money(figures, "cost"),
        (f", money of {figures['tranche']} ", False),
        _money(figures, "released"),
        (".", False),
    )


def _unfunded(figures: Mapping[str, str]) -> Parts:
    return (
        ("Spent in 30 days ", False),
        _money(figures, "unfunded"),
        (" with no tranche in force; the sandbox cap is ", False),
        _money(figures, "cap"),
        (".", False),
    )


def _missed(figures: Mapping[str, str]) -> Parts:
    last = formats.on_day(date.fromisoformat(figures["last_due_on"]))
    return ((f"Missed: {figures['milestones']}. The last was due on {last}.", False),)


def _quality(figures: Mapping[str, str]) -> Parts:
    return ((f"Read on {formats.on_day(date.fromisoformat(figures['read_on']))}.", False),)


def _forecast(figures: Mapping[str, str]) -> Parts:
    return (
        ("Forecast ", False),
        _money(figures, "forecast"),
        (" at the end of the tranche, approved ", False),
        _money(figures, "approved"),
        (".", False),
    )


def _no_data(figures: Mapping[str, str]) -> Parts:
    last = formats.on_day(date.fromisoformat(figures["data_to"]))
    return ((f"The last charge is of {last}. Figures after that date are unknown, not zero.", False),)


def tally_words(tally: Mapping[str, int]) -> str:
    """Say a recorded vote: 7 for, 1 against, 1 abstained; empty where nobody voted."""
    if not tally:
        return ""
    words = f"{tally.get('for', 0)} for, {tally.get('against', 0)} against"
    return f"{words}, {tally['abstain']} abstained" if tally.get("abstain") else words
