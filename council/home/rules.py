"""The stage bar, the sum behind a banner, and the words of a tally. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from projects.common import formats

STAGES = (
    ("concept", "Concept"),
    ("mvp", "MVP"),
    ("pilot", "Pilot"),
    ("launch", "Launch"),
    ("scale", "Scale"),
    ("sunset", "Sunset"),
)
SMALL = 1000  # below it, cents are part of what a person reads


class Part(NamedTuple):
    """A piece of a banner's sum: words, or a figure; `exact` is the figure with every digit where it was rounded."""

    text: str
    is_figure: bool = False
    exact: str = ""


Parts = tuple[Part, ...]


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
    return (*parts, Part(f" That is without {lacking.removeprefix('plus ')}.")) if lacking else parts


def _money(figures: Mapping[str, str], name: str, *, in_full: bool = False, after: str = "") -> Part:
    """Write a figure in whole units with the exact one beside it; exact at once where cents count or it is small."""
    amount, currency = Decimal(figures[name]), figures["currency"]
    if amount == amount.to_integral_value():
        return Part(f"{formats.money_full(amount, currency)}{after}", is_figure=True)
    exact = formats.money_minor(amount, currency)
    if in_full or abs(amount) < SMALL:
        return Part(f"{exact}{after}", is_figure=True)
    return Part(f"{formats.money_full(amount, currency)}{after}", is_figure=True, exact=exact)


def _cents_decide(figures: Mapping[str, str], name: str, limit: Decimal) -> bool:
    """Say whether a figure is above its limit by less than whole units show."""
    amount = Decimal(figures[name])
    return amount.to_integral_value() <= limit < amount


def _limit_of(figures: Mapping[str, str], name: str) -> Decimal:
    """Return what may be reached of an amount; figures kept before the percentage was have the amount itself."""
    return Decimal(figures[name]) * (100 + Decimal(figures.get("limit_percent", "0"))) / 100


def _over_budget(figures: Mapping[str, str]) -> Parts:
    in_full = _cents_decide(figures, "spent", Decimal(figures["limit"]))
    return (
        Part("Spent "),
        _money(figures, "spent", in_full=in_full),
        Part(" − approved "),
        _money(figures, "approved", in_full=in_full),
        Part(" = "),
        _money(figures, "over", in_full=in_full, after=" over"),
        Part(f". The limit is {_money(figures, 'limit', in_full=in_full).text}."),
    )


def _tranche_overspent(figures: Mapping[str, str]) -> Parts:
    in_full = _cents_decide(figures, "cost", _limit_of(figures, "released"))
    return (
        Part("Cost since its release "),
        _money(figures, "cost", in_full=in_full),
        Part(f", money of {figures['tranche']} "),
        _money(figures, "released", in_full=in_full),
        Part("."),
    )


def _unfunded(figures: Mapping[str, str]) -> Parts:
    in_full = _cents_decide(figures, "unfunded", Decimal(figures["cap"]))
    return (
        Part("Spent in 30 days "),
        _money(figures, "unfunded", in_full=in_full),
        Part(" with no tranche in force; the sandbox cap is "),
        _money(figures, "cap", in_full=in_full),
        Part("."),
    )


def _missed(figures: Mapping[str, str]) -> Parts:
    last = formats.on_day(date.fromisoformat(figures["last_due_on"]))
    return (Part(f"Missed: {figures['milestones']}. The last was due on {last}."),)


def _quality(figures: Mapping[str, str]) -> Parts:
    return (Part(f"Read on {formats.on_day(date.fromisoformat(figures['read_on']))}."),)


def _forecast(figures: Mapping[str, str]) -> Parts:
    in_full = _cents_decide(figures, "forecast", _limit_of(figures, "approved"))
    return (
        Part("Forecast "),
        _money(figures, "forecast", in_full=in_full),
        Part(" at the end of the tranche, approved "),
        _money(figures, "approved", in_full=in_full),
        Part("."),
    )


def _no_data(figures: Mapping[str, str]) -> Parts:
    last = formats.on_day(date.fromisoformat(figures["data_to"]))
    return (Part(f"The last charge is of {last}. Figures after that date are unknown, not zero."),)


def tally_words(tally: Mapping[str, int]) -> str:
    """Say a recorded vote: 7 for, 1 against, 1 abstained; empty where nobody voted."""
    if not tally:
        return ""
    words = f"{tally.get('for', 0)} for, {tally.get('against', 0)} against"
    return f"{words}, {tally['abstain']} abstained" if tally.get("abstain") else words
