"""Split a charge by shares without losing a digit."""

from collections.abc import Sequence
from decimal import ROUND_DOWN, Context, Decimal

FINER = 6  # places beyond the amount's own, so that shares of tiny amounts stay apart


def split_exactly(amount: Decimal, shares: Sequence[Decimal]) -> list[Decimal]:
    """Split an amount by shares that sum to 1; the last takes the rest, so the parts sum to the amount exactly."""
    context = Context(prec=200)
    exponent = amount.as_tuple().exponent
    unit = Decimal(1).scaleb(-(max(-exponent, 0) if isinstance(exponent, int) else 0) - FINER)
    parts = [context.multiply(amount, share).quantize(unit, ROUND_DOWN, context) for share in shares[:-1]]
    rest = amount
    for part in parts:
        rest = context.subtract(rest, part)
    return [*parts, rest]
