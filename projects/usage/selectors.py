"""Reads of usage: totals of a period by model, tiers and cost, and the alarms that are open."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, F, Max, Q, Sum, Value

from projects.prices.models import ModelEntry
from projects.prices.selectors import catalogue
from projects.usage.models import TOKENS, UsageAlarm, UsageDay
from projects.usage.rules import Computed, Counts, OverLimit, cache_read_share, calls_over, combined, tier_mix, total

TASK_MEASURES = ("iterations_max", "task_tool_calls_max", "task_tokens_max", "task_seconds_max")
_limit_sources: list[Callable[[], Mapping[int, int]]] = []


def add_limit_source(source: Callable[[], Mapping[int, int]]) -> None:
    """Let a higher concept say each initiative's limit of output tokens a call, by the initiative's id."""
    if source not in _limit_sources:
        _limit_sources.append(source)


def output_limits() -> dict[int, int]:
    """Return the limit of output tokens a call of each initiative that has one, the lowest where two are set."""
    limits: dict[int, int] = {}
    for source in _limit_sources:
        for initiative_id, limit in source().items():
            limits[initiative_id] = min(limit, limits.get(initiative_id, limit))
    return limits


def counts_of(row: UsageDay) -> Counts:
    """Return a day's counts."""
    return Counts(**{one.name: getattr(row, one.name) for one in fields(Counts)})


@dataclass(frozen=True)
class ModelUsage:
    """A model's usage in a period: counts, what the source says it cost by currency, and what it should have cost."""

    provider: str
    model: str
    tier: str
    counts: Counts
    stated_cost: dict[str, Decimal]
    computed: Computed
    output_tokens_max: int | None
    calls_over_limit: int | None
    latency_p95_ms: int | None
    cost_p99: Decimal | None


@dataclass(frozen=True)
class UsageTotals:
    """An initiative's usage in a period; ``calls_over_limit`` is None where no day knew a limit."""

    models: list[ModelUsage]
    counts: Counts
    first_day: date | None
    last_day: date | None

    largest_task: Mapping[str, int] = field(default_factory=dict)

    @property
    def cache_read_share(self) -> Decimal | None:
        """Return how much of all input came from the cache."""
        return cache_read_share(self.counts)

    @property
    def tier_mix(self) -> dict[str, Decimal]:
        """Return each tier's share of tokens; "" stands for models outside the catalogue."""
        tokens: dict[str, int] = {}
        for one in self.models:
            tokens[one.tier] = tokens.get(one.tier, 0) + one.counts.tokens
        return tier_mix(tokens)

    @property
    def unpriced(self) -> list[ModelUsage]:
        """Return the models whose computed cost is unknown."""
        return [one for one in self.models if one.computed.amount is None]

    @property
    def output_tokens_max(self) -> int | None:
        """Return the longest answer of one call."""
        return _largest(one.output_tokens_max for one in self.models)

    @property
    def calls_over_limit(self) -> int | None:
        """Return how many calls passed the output limit; None where no day knew one."""
        known = [one.calls_over_limit for one in self.models if one.calls_over_limit is not None]
        return sum(known) if known else None


def usage_totals(initiative_id: int | None, start: date, end: date) -> UsageTotals:
    """Return the usage of an initiative (None: nobody's) from a day to before another.

    A bill and a gateway may both tell of the same calls: where a gateway tells of a model on a day, the bill does not
    count.
    """
    days = UsageDay.objects.current().filter(day__gte=start, day__lt=end)
    whose = Q(initiative__isnull=True) if initiative_id is None else Q(initiative_id=initiative_id)
    rows = list(days.filter(whose).told_once())
    known = catalogue(end - timedelta(days=1))
    by_model: dict[tuple[str, str], list[UsageDay]] = {}
    for row in rows:
        by_model.setdefault((row.provider, row.model), []).append(row)
    models = [_model_usage(some, known.entry(*key)) for key, some in sorted(by_model.items())]
    told = [row.day for row in rows]
    return UsageTotals(
        sorted(models, key=lambda one: -one.counts.tokens),
        total(one.counts for one in models),
        min(told, default=None),
        max(told, default=None),
        {name: most for name in TASK_MEASURES if (most := _largest(getattr(row, name) for row in rows)) is not None},
    )


def _model_usage(rows: list[UsageDay], entry: ModelEntry | None) -> ModelUsage:
    stated: dict[str, Decimal] = {}
    for row in rows:
        stated[row.currency] = stated.get(row.currency, Decimal(0)) + row.stated_cost
    over = [row.calls_over_limit for row in rows if row.calls_over_limit is not None]
    return ModelUsage(
        rows[0].provider,
        rows[0].model,
        entry.tier if entry else "",
        total(counts_of(row) for row in rows),
        stated,
        combined(
            Computed(row.computed_cost, row.computed_currency, row.unpriced_reason, row.tier_assumed) for row in rows
        ),
        _largest(row.output_tokens_max for row in rows),
        sum(over) if over else None,
        _largest(row.latency_p95_ms for row in rows),
        max((row.cost_p99 for row in rows if row.cost_p99 is not None), default=None),
    )


def _largest(values: Iterable[int | None]) -> int | None:
    return max((value for value in values if value is not None), default=None)


@dataclass(frozen=True)
class LongAnswer:
    """A call over a limit: where its row stands in the evidence of a delivery, and how many tokens it answered with."""

    day: UsageDay
    line: int
    tokens: int


def long_answers(initiative_id: int, start: date, end: date, limit: int) -> tuple[OverLimit, list[LongAnswer]]:
    """Return how many calls of a period passed a limit of output tokens, and the longest of them; one query."""
    days = UsageDay.objects.current().filter(
        initiative_id=initiative_id, day__gte=start, day__lt=end, output_tokens_max__gt=limit
    )
    found, count, is_exact = [], 0, True
    for day in days.told_once().select_related("part__delivery__source").order_by("day", "pk"):
        over = calls_over(
            limit,
            day.longest_answers,
            counted=day.calls_over_limit,
            counted_at=day.output_limit,
            largest=day.output_tokens_max,
        )
        count, is_exact = count + over.count, is_exact and over.is_exact
        found += [LongAnswer(day, line, tokens) for line, tokens in day.longest_answers if tokens > limit]
    return OverLimit(count, is_exact), sorted(found, key=lambda row: (-row.tokens, row.day.day, row.line))


def open_alarms() -> list[UsageAlarm]:
    """Return the alarms about models whose cause holds, most used first."""
    return list(UsageAlarm.objects.open())


@dataclass(frozen=True)
class ModelInUse:
    """A model over all initiatives in a period; ``computed_cost`` is None where some of it has no price."""

    provider: str
    model: str
    tier: str
    status: str
    calls: int
    tokens: int
    initiatives: int
    computed_cost: Decimal | None
    currency: str


def models_in_use(start: date, end: date) -> list[ModelInUse]:
    """Return every model that was used from a day to before another, most tokens first."""
    known = catalogue(end - timedelta(days=1))
    days = UsageDay.objects.current().told_once().filter(day__gte=start, day__lt=end).order_by()
    rows = days.values("provider", "model").annotate(
        total=Sum("calls"),
        tokens=Sum(sum(map(F, TOKENS), Value(0))),
        owners=Count("initiative", distinct=True),
        cost=Sum("computed_cost"),
        unknown=Count("pk", filter=Q(computed_cost__isnull=True)),
        currencies=Count("computed_currency", filter=~Q(computed_currency=""), distinct=True),
        currency=Max("computed_currency"),
    )
    found = []
    for row in rows:
        entry = known.entry(row["provider"], row["model"])
        is_known = not row["unknown"] and row["currencies"] == 1
        found.append(
            ModelInUse(
                row["provider"],
                row["model"],
                entry.get_tier_display() if entry else "",
                entry.status if entry else "",
                row["total"],
                row["tokens"],
                row["owners"],
                row["cost"] if is_known else None,
                row["currency"] if is_known else "",
            )
        )
    return sorted(found, key=lambda one: (-one.tokens, one.model))
