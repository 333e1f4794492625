"""Money rules: exact decimals with a currency beside them."""

from decimal import MAX_EMAX, MIN_EMIN, ROUND_HALF_EVEN, Context, Decimal, Inexact, InvalidOperation

from babel.numbers import get_currency_precision

ZERO = Decimal(0)
HUNDRED = Decimal(100)
EXACT = Context(prec=4000, Emin=MIN_EMIN, Emax=MAX_EMAX, traps=[Inexact, InvalidOperation])  # sums and products in full


def minor_unit(currency: str) -> Decimal:
    """Return the smallest decided amount of a currency (0.01 for USD, 1 for JPY)."""
    return Decimal(1).scaleb(-get_currency_precision(currency))


def is_decided_amount(amount: Decimal, currency: str) -> bool:
    """Say whether an amount is finite and a whole number of the currency's minor unit."""
    return amount.is_finite() and amount == amount.quantize(minor_unit(currency), ROUND_HALF_EVEN)


def over_by_percent(spent: Decimal, approved: Decimal, percent: Decimal) -> bool:
    """Say whether spent is strictly more than ``percent`` above approved (domain: spent x 100 > approved x 115)."""
    return EXACT.multiply(spent, HUNDRED) > EXACT.multiply(approved, EXACT.add(HUNDRED, percent))
