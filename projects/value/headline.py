"""The headline of an initiative's value on a day: returns, what one unit costs, payback; every division with its sides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Max

from projects.initiatives.models import Initiative
from projects.spend.converting import plus_words
from projects.spend.selectors import full_cost_by_day
from projects.usage.models import UsageDay
from projects.usage.selectors import UsageTotals, usage_totals
from projects.value.economics import (
    ONE_DAY,
    Division,
    Payback,
    Side,
    last_full_month,
    payback,
    return_on,
    uncovered_cost,
    within,
    year_before,
)
from projects.value.models import Measures, ValueClaim
from projects.value.outcomes import Period, card_that_measures, cost_of, outcomes_of
from projects.value.rules import months_before
from projects.value.selectors import CardReadings, counted_claims

NO_VALUE, NO_COST = "no value is verified", "no cost is known"
NO_USAGE = "no source of this month tells of calls"


@dataclass(frozen=True)
class Headline:
    """What the value is worth against the cost of the same days."""

    until: date
    returns: list[Division]
    month: Period
    units: list[Division]
    payback: Payback
    break_even_days: int | None
    days_to_value: int | None


def headline(
    initiative: Initiative, cards: Sequence[CardReadings], *, on: date, seen_to: date | None, funded_on: date | None
) -> Headline:
    """Return the headline up to the last day with cost data, so that both sides stand at equal dates."""
    until = min(on, seen_to or on)
    days = full_cost_by_day([initiative.pk], start=date.min, on=until).get(initiative.pk, {})
    costs = {day: tally.amount for day, tally in days.items()}
    lack = plus_words([part for tally in days.values() for part in tally.missing])
    claims = list(counted_claims(on).filter(initiative_id=initiative.pk, period_end__lte=until + ONE_DAY))
    gains: dict[date, Decimal] = {}
    for claim in claims:
        last = claim.period_end - ONE_DAY
        gains[last] = gains.get(last, Decimal(0)) + _amount(claim)
    paid = payback(costs, gains, until=until) if not lack else Payback(None, because=f"full cost is not known: {lack}")
    starts = [initiative.registered_at.date(), *([funded_on] if funded_on else []), *costs]
    month = last_full_month(until)
    return Headline(
        until=until,
        returns=_returns(costs, claims, until, lack),
        month=month,
        units=_units(initiative, cards, month),
        payback=paid,
        break_even_days=(paid.on - funded_on).days if paid.on and funded_on else None,
        days_to_value=(min(gains) - min(starts)).days if gains else None,
    )


def _amount(claim: ValueClaim) -> Decimal:
    return (claim.verified_amount or Decimal(0)) * claim.share_percent / 100


def _value_of(claims: Sequence[ValueClaim]) -> Decimal | None:
    return sum((_amount(claim) for claim in claims), Decimal(0)) if claims else None


def _returns(costs: dict[date, Decimal], claims: Sequence[ValueClaim], until: date, lack: str) -> list[Division]:
    since = year_before(until)
    recent = [claim for claim in claims if claim.period_start >= since]
    cashable = [claim for claim in claims if claim.is_cashable]
    known = {} if lack else costs
    no_cost = f"full cost is not known: {lack}" if lack else NO_COST
    cost = sum(known.values(), Decimal(0)) if known else None
    year_cost = within(known, since, until + ONE_DAY)
    value = _value_of(claims)
    bare = uncovered_cost(costs, [(claim.period_start, claim.period_end) for claim in claims]) if known else None
    name = "verified value"
    return [
        return_on("ROI, cumulative", value, cost, unknown=NO_VALUE, no_cost=no_cost, name=name),
        return_on("ROI, last 12 months", _value_of(recent), year_cost, unknown=NO_VALUE, no_cost=no_cost, name=name),
        return_on(
            "ROI, cashable value only",
            _value_of(cashable),
            cost,
            unknown="no cashable value is verified",
            no_cost=no_cost,
            name="cashable value",
        ),
        Division(
            "Spend without verified value",
            Side("cost of days without it", bare, True, no_cost),
            Side("full cost", cost, True, no_cost),
            "percent",
        ),
        Division("Cost-to-value", Side("full cost", cost, True, no_cost), Side(name, value, True, NO_VALUE), "ratio"),
    ]


def _units(initiative: Initiative, cards: Sequence[CardReadings], month: Period) -> list[Division]:
    """Return what one unit cost in a month; credits lower no unit cost."""
    earlier = (months_before(month[0], 1), month[0])
    (cost, unknown), (before, _) = cost_of(initiative.pk, month), cost_of(initiative.pk, earlier)
    used = usage_totals(initiative.pk, *month)
    users, users_before = _users(initiative, month), _users(initiative, earlier)
    upper = Side("full cost without credits", cost, True, unknown)
    counted = [(label, Side(label, number, unknown=NO_USAGE)) for label, number in _counts(used)]
    counted += [
        ("active users", Side("active users on the busiest day", users, unknown="no source tells of active users")),
        ("outcomes", outcomes_of(cards, month)),
        ("agent runs", Side("agent runs", None, unknown="no source tells of agent runs")),
        ("GPU hours", Side("GPU hours", None, unknown="no source meters GPU hours")),
    ]
    divisions = [Division(f"Cost per {ONE_OF[label]}", upper, lower) for label, lower in counted]
    more = None if cost is None or before is None else cost - before
    new = None if users is None or users_before is None else users - users_before
    divisions.append(
        Division(
            "Marginal cost per user",
            Side("change of cost", more, True, "the cost of two months in a row is not known"),
            Side("change of active users", new, unknown="active users of two months in a row are not known"),
        )
    )
    outcome = next(row for row in divisions if row.label == "Cost per outcome")
    return [*divisions, _margin(cards, outcome)]


ONE_OF = {
    "calls": "call",
    "successful calls": "successful call",
    "tokens": "token",
    "actions": "action",
    "active users": "active user",
    "outcomes": "outcome",
    "agent runs": "workflow",
    "GPU hours": "GPU hour",
}


def _counts(used: UsageTotals) -> list[tuple[str, Decimal | None]]:
    told = used.first_day is not None
    counts = used.counts
    numbers = {
        "calls": counts.calls,
        "successful calls": counts.calls - counts.failed_calls,
        "tokens": counts.tokens,
        "actions": counts.tool_calls,
    }
    return [(label, Decimal(number) if told else None) for label, number in numbers.items()]


def _users(initiative: Initiative, month: Period) -> Decimal | None:
    days = UsageDay.objects.current().filter(initiative=initiative, day__gte=month[0], day__lt=month[1])
    most: int | None = days.aggregate(most=Max("users"))["most"]
    return None if most is None else Decimal(most)


def _margin(cards: Sequence[CardReadings], outcome: Division) -> Division:
    """Return (value − full cost) ÷ value, per outcome."""
    found = card_that_measures(cards, Measures.OUTCOMES)
    worth = found.card.money_per_unit if found else None
    value = worth * found.card.realisation_percent / 100 if found and worth is not None else None
    cost = outcome.result
    gain = None if value is None or cost is None else value - cost
    lower = Side("value per outcome", value, True, "no measure says what an outcome is worth")
    upper = Side("value − cost of an outcome", gain, True, lower.unknown if value is None else outcome.because)
    return Division("Margin per outcome", upper, lower, "percent")
