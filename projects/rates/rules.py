"""Exact conversion through the US dollar."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

BASE = "USD"
ENDLESS = Context(prec=40, rounding=ROUND_HALF_EVEN)


@dataclass(frozen=True)
class Rate:
    """So many units of a currency are worth so many US dollars."""

    dollars: Decimal
    units: Decimal

    @property
    def per_unit(self) -> Fraction:
        """Return what one unit is worth in dollars."""
        return Fraction(self.dollars) / Fraction(self.units)


PAR = Rate(Decimal(1), Decimal(1))


@dataclass(frozen=True)
class RateBook:
    """The rates in force of some months, by month and currency; the dollar is always worth one."""

    rates: Mapping[tuple[date, str], Rate]

    def rate(self, currency: str, month: date) -> Rate | None:
        """Return the rate of a currency in a month, or None."""
        return PAR if currency == BASE else self.rates.get((month, currency))

    def convert(self, amount: Decimal, currency: str, to: str, month: date) -> Fraction | None:
        """Return an amount in another currency at a month's rates; None where one of the two has no rate."""
        if currency == to:
            return Fraction(amount)
        source, target = self.rate(currency, month), self.rate(to, month)
        if source is None or target is None:
            return None
        return Fraction(amount) * source.per_unit / target.per_unit

    def lacking(self, currency: str, to: str, month: date) -> str:
        """Name the currency without a rate that keeps one from becoming the other; empty where both have theirs."""
        return next((code for code in (currency, to) if self.rate(code, month) is None), "")


def as_decimal(value: Fraction) -> Decimal:
    """Return a fraction as a decimal: exact where its decimals end, else to 40 significant digits."""
    rest, places = value.denominator, 0
    while rest % 10 == 0:
        rest, places = rest // 10, places + 1
    while rest % 2 == 0 or rest % 5 == 0:
        rest, places = rest // (2 if rest % 2 == 0 else 5), places + 1
    if rest != 1:
        return ENDLESS.divide(Decimal(value.numerator), Decimal(value.denominator))
    whole = value.numerator * 10**places // value.denominator
    return Decimal((0 if whole >= 0 else 1, tuple(map(int, str(abs(whole)))), -places))
