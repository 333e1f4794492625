"""The arithmetic of money: headroom, authority, what is left of a tranche, who must sign, when owners are told."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from projects.common.money import ZERO, is_decided_amount
from projects.common.outcomes import Blocker

AUTHORITIES = ("sandbox", "finops", "chair", "council", "board")
AUTHORITY_DAYS = 90
WHO = {
    "sandbox": "the sandbox",
    "finops": "the FinOps lead with finance",
    "chair": "the chair",
    "council": "the council",
    "board": "the executive board",
}


@dataclass(frozen=True)
class Authority:
    """Who decides an amount: the row, the sum it was read with, and the sentence that every decision prints."""

    row: str
    amount: Decimal
    sentence: str


def authority_row(
    *,
    ask: Decimal,
    released_lately: Decimal,
    risk_tier: str,
    stage: str,
    amounts: Mapping[str, Decimal],
    currency: str,
) -> Authority:
    """Return who decides: ask plus what was released in the last 90 days, up to and including each row's amount.

    The sandbox is for Concepts only; high risk moves one row up.
    """
    amount = ask + released_lately
    rows = AUTHORITIES if stage == "concept" else AUTHORITIES[1:]
    row = next((name for name in rows if name in amounts and amount <= amounts[name]), "board")
    told, asked, given = (_shortly(sum_) for sum_ in (amount, ask, released_lately))
    reason = f"{currency} {told} ({asked} asked and {given} released in {AUTHORITY_DAYS} days)"
    if risk_tier == "high" and row != "board":
        row = AUTHORITIES[AUTHORITIES.index(row) + 1]
        reason += ", one row up for high risk"
    return Authority(row, amount, f"{reason}: {WHO[row]} decides.")


def _shortly(amount: Decimal) -> str:
    """Return an amount without cents where it has none."""
    return f"{amount:,.0f}" if amount == amount.to_integral_value() else f"{amount:,.2f}"


def lane_blockers(
    *,
    stage: str,
    risk_tier: str,
    is_customer_facing: bool,
    data_class: str,
    days: int,
    longest_days: int,
    team_cost: Decimal,
    cap: Decimal,
    currency: str,
) -> list[Blocker]:
    """Say what keeps an initiative out of the sandbox lane; at the cap and on the last day it is still inside."""
    blockers = []
    if stage != "concept":
        blockers.append(Blocker("sandbox_stage", "The sandbox is for Concepts only."))
    if risk_tier == "high":
        blockers.append(Blocker("sandbox_risk", "High risk is never decided in the sandbox."))
    if is_customer_facing:
        blockers.append(Blocker("sandbox_customers", "What customers meet is never decided in the sandbox."))
    if data_class == "restricted":
        blockers.append(Blocker("sandbox_data", "Restricted data is never used in the sandbox."))
    if days > longest_days:
        blockers.append(
            Blocker("sandbox_days", f"{days} days are more than the {longest_days} that the sandbox lasts.")
        )
    if team_cost > cap:
        blockers.append(
            Blocker(
                "sandbox_cap",
                f"The team's Concepts cost {currency} {team_cost:,.2f} in 30 days, above the cap of {cap:,.2f}.",
            )
        )
    return blockers


@dataclass(frozen=True)
class Headroom:
    """What an envelope can still give, with the sum that shows it."""

    envelope: Decimal
    charged: Decimal
    decided: Decimal
    bands: Decimal

    @property
    def left(self) -> Decimal:
        """Return envelope - charged - decided but not released - bands reserved; below zero when overdrawn."""
        return self.envelope - self.charged - self.decided - self.bands


def headroom(
    *, envelope: Decimal, charges: Iterable[tuple[Decimal, Decimal]], decided: Decimal, bands: Decimal
) -> Headroom:
    """Charge each initiative with the larger of what it was given, net, and what it spent."""
    charged = sum((max(released_net, spent) for released_net, spent in charges), ZERO)
    return Headroom(envelope, charged, decided, bands)


def rest_of(money: Decimal, spent: Decimal, unit: Decimal) -> Decimal:
    """Return what is unspent of a tranche, never below zero, rounded down to the minor unit."""
    return max(ZERO, (money - spent).quantize(unit, ROUND_FLOOR))


def missing_of(money: Decimal, spent: Decimal, unit: Decimal) -> Decimal:
    """Return what a tranche lacks to cover its spend, never below zero, rounded up to the minor unit."""
    return max(ZERO, (spent - money).quantize(unit, ROUND_CEILING))


def split_back(rest: Decimal, given: Sequence[tuple[int, Decimal]]) -> list[tuple[int, Decimal]]:
    """Give a rest back to the envelopes it came from, the first listed first, none more than it gave.

    Raise ValueError when the rest is more than all of them gave.
    """
    backs = []
    for envelope_id, amount in given:
        back = min(rest, amount)
        if back > 0:
            backs.append((envelope_id, back))
            rest -= back
    if rest > 0:
        raise ValueError(f"{rest} more than the envelopes gave")
    return backs


def amount_blockers(amount: Decimal, currency: str) -> list[Blocker]:
    """Say what keeps an amount from being decided: it must be positive and whole in the currency's minor unit."""
    if not amount.is_finite() or amount <= 0:
        return [Blocker("amount_not_positive", f"An amount of money must be more than zero, not {amount}.")]
    if not is_decided_amount(amount, currency) or amount != amount.quantize(Decimal("0.01")):
        return [Blocker("amount_too_fine", f"{amount} is finer than {currency} has coins.")]
    return []


def ask_blockers(minimum: Decimal | None, ask: Decimal | None, maximum: Decimal | None, currency: str) -> list[Blocker]:
    """Say what is wrong with an ask: 0 < minimum ≤ ask ≤ maximum."""
    if minimum is None or ask is None or maximum is None:
        return [Blocker("ask_incomplete", "Give the least, the asked and the largest amount.")]
    blockers = [blocker for amount in (minimum, ask, maximum) for blocker in amount_blockers(amount, currency)]
    if not blockers and not minimum <= ask <= maximum:
        blockers.append(
            Blocker("ask_out_of_order", f"The ask {ask:,f} must lie between {minimum:,f} and {maximum:,f}.")
        )
    return blockers


@dataclass(frozen=True)
class Period:
    """An envelope's days, from the first up to but not including the last."""

    name: str
    starts_on: date
    ends_on: date


def period_blockers(starts_on: date, ends_on: date, periods: Sequence[Period]) -> list[Blocker]:
    """Say which days of a tranche's window no envelope pays for; an envelope is named for each part."""
    if ends_on <= starts_on:
        return [Blocker("window_empty", f"The money's window ends on {ends_on}, before it begins on {starts_on}.")]
    day = starts_on
    for period in sorted(periods, key=lambda period: period.starts_on):
        if period.starts_on <= day < period.ends_on:
            day = period.ends_on
    if day >= ends_on:
        return []
    return [Blocker("envelope_missing", f"Name the envelope that pays from {day} to {ends_on}.")]


def lapse_due(*, ends_on: date, on: date, lag_days: int, latest_days: int, is_invoiced: bool) -> bool:
    """Say whether a tranche's days are final: lag passed and month invoiced, or the latest day has come."""
    return on >= ends_on + timedelta(days=latest_days) or (is_invoiced and on >= ends_on + timedelta(days=lag_days))


@dataclass(frozen=True)
class Notice:
    """A share of the tranche that was reached, by what was spent or by what is forecast."""

    percent: Decimal
    by: str


def budget_notices(
    *, money: Decimal, spent: Decimal, forecast: Decimal | None, thresholds: Iterable[Decimal]
) -> list[Notice]:
    """Return every share reached, exactly reached included; what was told before is the caller's to leave out."""
    if money <= 0:
        return []
    figures = [("spent", spent)] + ([("forecast", forecast)] if forecast is not None else [])
    return [
        Notice(percent, by)
        for by, amount in figures
        for percent in sorted(thresholds)
        if amount * 100 >= money * percent
    ]
