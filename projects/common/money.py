"""Money rules: exact decimals with a currency beside them."""

from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

from babel.numbers import get_currency_precision

ZERO = Decimal(0)


def minor_unit(currency: str) -> Decimal:
    """Return the smallest decided amount of a currency (0.01 for USD, 1 for JPY)."""
    return Decimal(1).scaleb(-get_currency_precision(currency))


def is_decided_amount(amount: Decimal, currency: str) -> bool:
    """Say whether an amount is finite and a whole number of the currency's minor unit."""
    return amount.is_finite() and amount == amount.quantize(minor_unit(currency), ROUND_HALF_EVEN)


def over_by_percent(spent: Decimal, approved: Decimal, percent: Decimal) -> bool:
    """Say whether spent is strictly more than ``percent`` above approved (domain: spent x 100 > approved x 115)."""
    return Fraction(spent) * 100 > Fraction(approved) * Fraction(100 + percent)
