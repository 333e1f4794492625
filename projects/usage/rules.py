"""Figures of usage: sums of disjoint buckets, percentiles, shares, and computed beside stated cost."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import ROUND_CEILING, Decimal

from projects.prices.quotes import Price, Unpriced
from projects.prices.rules import EXACT, Buckets, Charge, UnusableUsage, charge, uncharged_units

ZERO = Decimal(0)


@dataclass(frozen=True)
class Counts:
    """What was used; every count adds up, no token stands in two of them (context is a part of the input)."""

    calls: int = 0
    failed_calls: int = 0
    fallback_calls: int = 0
    batch_calls: int = 0
    cached_answers: int = 0
    input_tokens: int = 0
    cached_read_tokens: int = 0
    cached_write_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    context_tokens: int = 0
    retries: int = 0
    tool_calls: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(**{one.name: getattr(self, one.name) + getattr(other, one.name) for one in fields(self)})

    @property
    def all_input(self) -> int:
        """Return all input tokens, cached or not."""
        return self.input_tokens + self.cached_read_tokens + self.cached_write_tokens

    @property
    def all_output(self) -> int:
        """Return all output tokens, reasoning included."""
        return self.output_tokens + self.reasoning_tokens

    @property
    def tokens(self) -> int:
        """Return all tokens."""
        return self.all_input + self.all_output

    @property
    def buckets(self) -> Buckets:
        """Return the tokens as prices take them."""
        return Buckets(
            uncached_input=Decimal(self.input_tokens),
            cache_read=Decimal(self.cached_read_tokens),
            cache_write=Decimal(self.cached_write_tokens),
            output=Decimal(self.output_tokens),
            reasoning=Decimal(self.reasoning_tokens),
        )


NOTHING = Counts()


def total(counts: Iterable[Counts]) -> Counts:
    """Return the sum of counts."""
    return sum(counts, NOTHING)


@dataclass(frozen=True)
class Computed:
    """What usage costs by its price; without a price the amount is unknown and the reason says why."""

    amount: Decimal | None
    currency: str = ""
    reason: str = ""
    tier_assumed: bool = False

    def __add__(self, other: "Computed") -> "Computed":
        """Add two costs of one model; an unknown part or another currency makes the sum unknown."""
        unknown = next((one for one in (self, other) if one.amount is None), None)
        if unknown is not None or self.amount is None or other.amount is None:
            return replace(unknown or self, tier_assumed=self.tier_assumed or other.tier_assumed)
        if self.currency != other.currency:
            return Computed(None, reason=f"Prices stand in {self.currency} and {other.currency}.")
        amount = EXACT.add(self.amount, other.amount)
        return Computed(amount, self.currency, tier_assumed=self.tier_assumed or other.tier_assumed)


def combined(parts: Iterable[Computed]) -> Computed:
    """Return the sum of costs; of none at all it is unknown."""
    every = list(parts)
    return sum(every[1:], every[0]) if every else Computed(None, reason="Nothing was used.")


def compute(counts: Counts, price: Price | Unpriced, *, length: int | None = None) -> Computed:
    """Price counts; ``length`` is the input of one request where all of them fall into the same tier."""
    if isinstance(price, Unpriced):
        return Computed(None, reason=price.reason)
    usage = counts.buckets.as_usage()
    if missing := uncharged_units(usage, price.rates):
        return Computed(None, reason=f"{price.model} of {price.provider} has no price for {', '.join(missing)}.")
    try:
        bill: Charge = charge(
            usage, price.rates, calls=counts.calls, length=None if length is None else Decimal(length)
        )
    except UnusableUsage as contradiction:
        return Computed(None, reason=str(contradiction))
    return Computed(bill.total, price.currency, tier_assumed=bill.tier_assumed)


@dataclass(frozen=True)
class DayFigures:
    """One usage day, ready to be kept; what a source does not tell is None."""

    initiative_id: int | None
    cost_key_id: int | None
    provider: str
    model: str
    version: str
    day: date
    currency: str
    counts: Counts
    stated_cost: Decimal
    computed: Computed
    sheet: str = ""
    calls_by_type: Mapping[str, int] | None = None
    users: int | None = None
    output_tokens_max: int | None = None
    output_limit: int | None = None
    calls_over_limit: int | None = None
    latency_p50_ms: int | None = None
    latency_p95_ms: int | None = None
    cost_p95: Decimal | None = None
    cost_p99: Decimal | None = None
    longest_answers: tuple[tuple[int, int], ...] = ()
    iterations_max: int | None = None
    task_tool_calls_max: int | None = None
    task_tokens_max: int | None = None
    task_seconds_max: int | None = None


def nearest_rank(number: int, percent: int) -> int:
    """Return the index of a percentile in ``number`` sorted values, by the nearest rank. Raise ValueError for none."""
    if number < 1 or not 0 < percent <= 100:
        raise ValueError("A percentile needs values and a percentage above 0 up to 100.")
    return int((Decimal(percent) * number / 100).to_integral_value(ROUND_CEILING)) - 1


def share(part: int | Decimal, whole: int | Decimal) -> Decimal | None:
    """Return part of whole as a ratio; None, not zero, where there is no whole."""
    return None if whole == 0 else Decimal(part) / Decimal(whole)


def cache_read_share(counts: Counts) -> Decimal | None:
    """Return how much of the input came from the cache."""
    return share(counts.cached_read_tokens, counts.all_input)


def tier_mix(tokens_by_tier: Mapping[str, int]) -> dict[str, Decimal]:
    """Return each tier's share of tokens; "" stands for models outside the catalogue."""
    whole = sum(tokens_by_tier.values())
    return {tier: Decimal(tokens) / whole for tier, tokens in tokens_by_tier.items()} if whole else {}


def retry_cost(cost: Decimal | None, counts: Counts) -> Decimal | None:
    """Estimate what retries cost: their share of all attempts; None where cost or calls are unknown."""
    attempts = counts.calls + counts.retries
    return None if cost is None or attempts == 0 else cost * counts.retries / attempts


def cache_saving(counts: Counts, price: Price) -> Decimal | None:
    """Return what cached reads saved against uncached input at the day's price; None without both prices."""
    cached = price.per_million("cache_read_mtok")
    if price.input is None or cached is None:
        return None
    return (price.input - cached) * counts.cached_read_tokens / 1_000_000


LONGEST_KEPT = 20


@dataclass(frozen=True)
class OverLimit:
    """How many calls passed a limit of output tokens; not exact where only the longest answers of a day are known."""

    count: int
    is_exact: bool


def calls_over(
    limit: int, longest: Sequence[Sequence[int]], *, counted: int | None, counted_at: int | None, largest: int | None
) -> OverLimit:
    """Count a day's calls over a limit: as counted at that very limit, else among the longest answers that are kept."""
    if counted is not None and counted_at == limit:
        return OverLimit(counted, True)
    known = sum(tokens > limit for _, tokens in longest)
    if known == 0 and largest is not None and largest > limit:
        return OverLimit(1, False)
    return OverLimit(known, known < LONGEST_KEPT)
