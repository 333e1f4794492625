"""The arithmetic of a price: what was used, times what it costs, exact to the last decimal.

Counts of a wider unit include the narrower ones (input includes cached input), so each count is first cut down to
what no narrower price covers; then no token is charged twice. A tier reprices the whole request, not the excess.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Context, Decimal, localcontext

from projects.prices.units import UNITS, Unit

ZERO = Decimal(0)
EXACT = Context(prec=60)
Usage = Mapping[str, Decimal]


class UnusableUsage(ValueError):
    """The counts contradict one another, so no price follows from them."""


@dataclass(frozen=True)
class Tier:
    """A rate for requests whose input is longer than a number of tokens."""

    above: int
    price: Decimal


@dataclass(frozen=True)
class Rate:
    """What one price key costs: a base price and the tiers above it, shortest first."""

    base: Decimal
    tiers: tuple[Tier, ...] = ()

    def for_input(self, tokens: Decimal) -> Decimal:
        """Return the price for a request with this much input; exactly at the threshold the lower tier holds."""
        reached = [tier.price for tier in self.tiers if tokens > tier.above]
        return reached[-1] if reached else self.base


Rates = Mapping[str, Rate]


@dataclass(frozen=True)
class Charge:
    """The cost of some usage in the sheet's currency: for input, for output, for fees that are neither."""

    input: Decimal = ZERO
    output: Decimal = ZERO
    fees: Decimal = ZERO
    tier_assumed: bool = False

    @property
    def total(self) -> Decimal:
        """Return what the usage costs altogether."""
        return EXACT.add(EXACT.add(self.input, self.output), self.fees)

    def __add__(self, other: "Charge") -> "Charge":
        return Charge(
            EXACT.add(self.input, other.input),
            EXACT.add(self.output, other.output),
            EXACT.add(self.fees, other.fees),
            self.tier_assumed or other.tier_assumed,
        )


def charge(usage: Usage, rates: Rates, *, calls: int = 1, length: Decimal | None = None) -> Charge:
    """Price usage at these rates, by price key. Raise UnusableUsage if counts contradict one another.

    ``calls`` says how many requests the counts sum up. A tier depends on the ``length`` of one request's input, which a
    sum of requests does not tell; without it the base price stands and the charge says that the tier was assumed.
    """
    priced = [unit for unit in UNITS.values() if unit.price_key in rates]
    counts = {**charged_counts(usage, [unit for unit in priced if unit.usage_key != "requests"])}
    if any(unit.usage_key == "requests" for unit in priced):
        counts["requests"] = Decimal(calls)
    tiered = any(rates[unit.price_key].tiers for unit in priced)
    if length is None and calls == 1:
        length = usage.get("input_tokens", ZERO)
    bill = Charge(tier_assumed=tiered and length is None)
    for unit in priced:
        bill = _add(bill, unit, _cost(unit, rates[unit.price_key].for_input(length or ZERO), counts[unit.usage_key]))
    return bill


def _cost(unit: Unit, price: Decimal, count: Decimal) -> Decimal:
    return EXACT.divide(EXACT.multiply(price, count), Decimal(unit.per))


def _add(bill: Charge, unit: Unit, cost: Decimal) -> Charge:
    if unit.direction == "input":
        return replace(bill, input=EXACT.add(bill.input, cost))
    if unit.direction == "output":
        return replace(bill, output=EXACT.add(bill.output, cost))
    return replace(bill, fees=EXACT.add(bill.fees, cost))


def charged_counts(usage: Usage, priced: Iterable[Unit]) -> dict[str, Decimal]:
    """Return for each priced unit what no narrower priced unit covers. Raise UnusableUsage if less than nothing is."""
    narrowest_first = sorted(priced, key=lambda unit: -len(unit.dimensions))
    counts: dict[str, Decimal] = {}
    with localcontext(EXACT):
        for unit in narrowest_first:
            covered = sum(
                (counts[other.usage_key] for other in narrowest_first if _narrower(other, unit, counts)), ZERO
            )
            left = _reported(unit, usage) - covered
            if left < 0:
                raise UnusableUsage(
                    f"{unit.usage_key} is {_reported(unit, usage)}, less than the {covered} of its own parts."
                )
            counts[unit.usage_key] = left
    return counts


def _narrower(other: Unit, unit: Unit, counts: Mapping[str, Decimal]) -> bool:
    return other is not unit and other.usage_key in counts and unit.includes(other)


def _reported(unit: Unit, usage: Usage) -> Decimal:
    """Return the reported count; a wide unit that is missing while a part of it is reported has no honest value."""
    if unit.usage_key in usage:
        return usage[unit.usage_key]
    parts = sorted(key for key, count in usage.items() if count > 0 and key in UNITS and unit.includes(UNITS[key]))
    if parts:
        raise UnusableUsage(f"{unit.usage_key} is missing although {', '.join(parts)} is reported.")
    return ZERO


@dataclass(frozen=True)
class Buckets:
    """One meaning of token counts: no token stands in two buckets, whatever the source called input."""

    uncached_input: Decimal = ZERO
    cache_read: Decimal = ZERO
    cache_write_5m: Decimal = ZERO
    cache_write_1h: Decimal = ZERO
    cache_write: Decimal = ZERO
    output: Decimal = ZERO
    reasoning: Decimal = ZERO

    def as_usage(self) -> dict[str, Decimal]:
        """Return nested counts as prices need them: input includes all cache traffic, output includes reasoning."""
        with localcontext(EXACT):
            written = self.cache_write_5m + self.cache_write_1h + self.cache_write
            return {
                "input_tokens": self.uncached_input + self.cache_read + written,
                "cache_read_tokens": self.cache_read,
                "cache_write_tokens": written,
                "cache_write_5m_tokens": self.cache_write_5m,
                "cache_write_1h_tokens": self.cache_write_1h,
                "output_tokens": self.output + self.reasoning,
                "output_reasoning_tokens": self.reasoning,
            }


def disjoint(
    *,
    input_tokens: Decimal,
    output_tokens: Decimal,
    cache_read: Decimal = ZERO,
    cache_write: Decimal = ZERO,
    cache_write_5m: Decimal = ZERO,
    cache_write_1h: Decimal = ZERO,
    reasoning: Decimal = ZERO,
    input_includes_cache: bool,
    output_includes_reasoning: bool = True,
) -> Buckets:
    """Bring a source's counts to disjoint buckets. ``cache_write`` is the total, of which the lifetimes are parts.

    Raise UnusableUsage if a part is larger than its whole.
    """
    with localcontext(EXACT):
        plain_write = max(cache_write, cache_write_5m + cache_write_1h) - cache_write_5m - cache_write_1h
        cached = cache_read + cache_write_5m + cache_write_1h + plain_write
        uncached = input_tokens - cached if input_includes_cache else input_tokens
        spoken = output_tokens - reasoning if output_includes_reasoning else output_tokens
    if uncached < 0:
        raise UnusableUsage(f"Cached input of {cached} tokens is more than the input of {input_tokens}.")
    if spoken < 0:
        raise UnusableUsage(f"Reasoning of {reasoning} tokens is more than the output of {output_tokens}.")
    return Buckets(
        uncached_input=uncached,
        cache_read=cache_read,
        cache_write_5m=cache_write_5m,
        cache_write_1h=cache_write_1h,
        cache_write=plain_write,
        output=spoken,
        reasoning=reasoning,
    )


def uncharged_units(usage: Usage, rates: Rates) -> list[str]:
    """Name the reported units for which neither they nor a wider unit has a price, so that none passes as free."""
    priced = [unit for unit in UNITS.values() if unit.price_key in rates]
    return [
        key
        for key, count in usage.items()
        if count > 0 and key in UNITS and not any(unit.includes(UNITS[key]) for unit in priced)
    ]
