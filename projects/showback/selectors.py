"""Put a team's month together: cost from the rollups, usage as it was told, and the reasons for what is missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from django.db.models import Count, Max, Q, QuerySet, Sum

from projects.common.outcomes import Blocker
from projects.initiatives.choices import ModelTier
from projects.initiatives.models import Initiative
from projects.initiatives.selectors import owned_by
from projects.limits.rules import Policy
from projects.people.models import Team, User
from projects.people.permissions import Permission
from projects.people.selectors import may
from projects.prices.quotes import Price
from projects.prices.selectors import catalogue, price_book
from projects.showback.rules import DayUsers, UnitFigure, chargeback_blockers, estimate, per_unit, per_user_day
from projects.sources.eyes import Eyes
from projects.spend.answering import Answer, seen_by
from projects.spend.asking import LAYER_NAMES, Question
from projects.spend.charge_sums import ChargeSum, charge_sums
from projects.spend.explorer import explore
from projects.spend.models import SpendDay
from projects.spend.narrowing import Narrowing
from projects.spend.rules import last_day_of, month_before
from projects.spend.unclaimed import Coverage, coverage
from projects.usage.models import UsageDay
from projects.usage.rules import Counts, cache_saving, retry_cost, tier_mix

TREND_MONTHS = 6


@dataclass(frozen=True)
class Statement:
    """What a team's initiatives cost in a month in one currency, and what they did for it."""

    team: Team
    month: date
    currency: str
    by_initiative: Answer
    by_model: Answer
    by_environment: Answer
    trend: Sequence[tuple[date, Decimal]]
    applications: dict[str, str]
    sums: Sequence[ChargeSum]
    units: Sequence[UnitFigure]
    tiers: dict[str, Decimal]
    covered: Coverage | None
    NO_TOKENS: ClassVar[str] = "no source tells of tokens"

    @property
    def layers(self) -> list[tuple[str, Decimal]]:
        """Return the cost of each layer that has any, in the order in which layers are always named."""
        costs = self.by_initiative.total.layers
        return [(layer, costs[layer]) for layer in LAYER_NAMES if layer in costs]

    @property
    def tier_lines(self) -> list[tuple[str, str, Decimal]]:
        """Return each tier's code, name and share of tokens, the largest first."""
        names = {**dict(ModelTier.choices), "": "Outside the catalogue"}
        ordered = sorted(self.tiers.items(), key=lambda line: -line[1])
        return [(tier, names.get(tier, tier), share) for tier, share in ordered]

    @property
    def total(self) -> Decimal:
        """Return the effective cost of all."""
        return self.by_initiative.total.total

    @property
    def narrowing(self) -> Narrowing:
        """Return which charges the statement adds up."""
        return Narrowing(self.month, last_day_of(self.month), self.currency, {"team": self.team.name})


def teams_for(user: User) -> "QuerySet[Team]":
    """Return the teams whose statements a person may read: finance and the auditor all, owners those of their own."""
    if may(user, Permission.READ_STATEMENTS):
        return Team.objects.order_by("name")
    return Team.objects.filter(pk__in=owned_by(user).values("team")).order_by("name")


def statement(team: Team, month: date, currency: str, eyes: Eyes) -> Statement:
    """Return a team's statement of a month; the number of queries does not grow with its initiatives."""
    end = last_day_of(month)
    words = {"team": team.name}
    first = month
    for _ in range(TREND_MONTHS - 1):
        first = month_before(first)
    by_initiative = explore(Question("initiative", month, end, currency, words))
    trend = explore(Question("month", first, end, currency, words))
    keys = [row.key for row in by_initiative.all_rows if row.key]
    named = Initiative.objects.filter(key__in=keys).values_list("key", "application")
    units, tiers = _usage(team, month, end, currency, _unit_cost(team, month, end, currency))
    return Statement(
        team=team,
        month=month,
        currency=currency,
        by_initiative=by_initiative,
        by_model=seen_by(explore(Question("model", month, end, currency, words)), eyes),
        by_environment=seen_by(explore(Question("environment", month, end, currency, words)), eyes),
        trend=_trend(trend),
        applications=dict(named),
        sums=charge_sums(Narrowing(month, end, words=words)),
        units=units,
        tiers=tiers,
        covered=covered_in(month, currency),
    )


def covered_in(month: date, currency: str) -> Coverage | None:
    """Return how much of a month's spend on AI in a currency has an owner, in the whole organisation."""
    return next((line for line in coverage(since=month, on=last_day_of(month)) if line.currency == currency), None)


def chargeback_refusal(month: date, currency: str, policy: Policy) -> list[Blocker]:
    """Return why a month may not be charged back, by the coverage of the whole organisation."""
    found = covered_in(month, currency)
    return chargeback_blockers(
        month=f"{month:%B %Y}",
        currency=currency,
        claimed=found.claimed if found else Decimal(0),
        total=found.total if found else Decimal(0),
        percent=policy.decimal("chargeback_coverage_percent"),
    )


def _trend(answer: Answer) -> list[tuple[date, Decimal]]:
    months = zip(answer.times, *(series.amounts for series in answer.series), strict=True)
    return [(month, sum(amounts, Decimal(0))) for month, *amounts in months]


_COUNTED = ("calls", "failed_calls", "retries", "input_tokens", "cached_read_tokens", "cached_write_tokens")
_ANSWERED = ("output_tokens", "reasoning_tokens")
_SUM = "sum_"  # a sum may not have the name of what it adds up


def _unit_cost(team: Team, month: date, end: date, currency: str) -> Decimal:
    """Return what units are divided from: the full cost of the month without credits and tax."""
    days = SpendDay.objects.filter(
        part__source__role="fact", initiative__team=team, charge_on__gte=month, charge_on__lte=end, currency=currency
    )
    cost = days.exclude(group__charge_category__in=["Credit", "Tax"]).aggregate(sum=Sum("effective_cost"))["sum"]
    return cost or Decimal(0)


def _usage(
    team: Team, month: date, end: date, currency: str, cost: Decimal
) -> tuple[list[UnitFigure], dict[str, Decimal]]:
    days = UsageDay.objects.current().filter(day__gte=month, day__lte=end, initiative__team=team).told_once()
    sums = {f"{_SUM}{name}": Sum(name) for name in (*_COUNTED, *_ANSWERED)}
    stated = Sum("stated_cost", filter=Q(currency=currency))
    told = Count("pk", filter=Q(currency=currency))
    grouped = (
        days.order_by().values("provider", "model").annotate(**sums, stated=stated, all_days=Count("pk"), told=told)
    )
    rows: list[dict[str, Any]] = [{name.removeprefix(_SUM): value for name, value in row.items()} for row in grouped]
    tokens: dict[str, int] = {}
    known = catalogue(end)
    for row in rows:
        entry = known.entry(row["provider"], row["model"])
        used = sum(row[name] for name in ("input_tokens", "cached_read_tokens", "cached_write_tokens", *_ANSWERED))
        tier = entry.tier if entry else ""
        tokens[tier] = tokens.get(tier, 0) + used
    nothing = "no source tells of calls"
    calls = sum(row["calls"] for row in rows) if rows else None
    successful = calls - sum(row["failed_calls"] for row in rows) if calls is not None else None
    units = [
        per_unit("Per call", cost, calls, "calls", nothing),
        per_unit("Per successful call", cost, successful, "successful calls", nothing),
        per_user_day("Per user and day", cost, _user_days(days)),
        _retries(rows, currency),
        _savings(rows, currency, end),
    ]
    return units, tier_mix(tokens)


def _user_days(days: "QuerySet[UsageDay]") -> list[DayUsers]:
    """Return what the lines of each day say of users; one query."""
    told = (
        days.order_by()
        .values("day")
        .annotate(lines=Count("pk"), known=Count("users"), all=Sum("users"), largest=Max("users"))
    )
    return [DayUsers(row["lines"], row["known"], row["all"] or 0, row["largest"] or 0) for row in told]


def _retries(rows: Sequence[dict[str, Any]], currency: str) -> UnitFigure:
    label, unknown = "Retry cost", "no source tells of retries"
    amount, retries = Decimal(0), 0
    for row in rows:
        if not row["retries"]:
            continue
        counts = _counts(row)
        part = retry_cost(row["stated"], counts) if row["told"] == row["all_days"] else None
        if part is None:
            return estimate(label, None, "", f"what {row['model']} cost is not told in {currency}")
        amount, retries = amount + part, retries + counts.retries
    return estimate(label, amount if retries else None, f"{retries:,} retries, at their share of all attempts", unknown)


def _savings(rows: Sequence[dict[str, Any]], currency: str, on: date) -> UnitFigure:
    label = "Cache savings"
    cached = [row for row in rows if row["cached_read_tokens"]]
    if not cached:
        return estimate(label, None, "", "no source tells of cached tokens")
    book, amount = price_book(on), Decimal(0)
    for row in cached:
        price = book.price(str(row["provider"]), str(row["model"]))
        part = cache_saving(_counts(row), price) if isinstance(price, Price) and price.currency == currency else None
        if part is None:
            return estimate(label, None, "", f"{row['model']} has no price of cached tokens in {currency}")
        amount += part
    tokens = sum(_counts(row).cached_read_tokens for row in cached)
    return estimate(label, amount, f"{tokens:,} cached tokens, at the price of {on:%d %b %Y}", "")


def _counts(row: dict[str, Any]) -> Counts:
    return Counts(**{name: int(str(row[name])) for name in (*_COUNTED, *_ANSWERED)})
