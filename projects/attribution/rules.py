"""Split a charge by shares without losing a digit, and say how shares must stand."""

from collections.abc import Sequence
from decimal import ROUND_DOWN, Context, Decimal

from projects.common.outcomes import Blocker

FINER = 6  # places beyond the amount's own, so that shares of tiny amounts stay apart
MOST_SHARES = 100
WHOLE_PERCENT = Decimal(100)
_EXACT = Context(prec=2000)


def split_exactly(amount: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """Split an amount by weights; the last takes the rest, so the parts sum to the amount exactly.

    The database cuts by the same law: `projects_share_of` in the migration.
    """
    exponent = amount.normalize(_EXACT).as_tuple().exponent
    places = (max(-exponent, 0) if isinstance(exponent, int) else 0) + FINER
    whole = sum(weights, Decimal(0))
    scaled = [_EXACT.multiply(amount, weight).scaleb(places, _EXACT) for weight in weights[:-1]]
    parts = [_EXACT.divide_int(part, whole).to_integral_value(ROUND_DOWN).scaleb(-places, _EXACT) for part in scaled]
    rest = amount
    for part in parts:
        rest = _EXACT.subtract(rest, part)
    return [*parts, rest]


def fixed_share_blockers(percents: Sequence[Decimal | None]) -> list[Blocker]:
    """Say why fixed shares do not make a whole: each above 0%, together exactly 100%."""
    if any(percent is None or not percent.is_finite() or percent <= 0 for percent in percents):
        return [Blocker("share_percent", "Give each share a percentage above zero.")]
    total = sum((percent for percent in percents if percent is not None), Decimal(0))
    if total != WHOLE_PERCENT:
        return [Blocker("shares_whole", f"The shares sum to {total:f}%. Let them sum to 100%.")]
    return []
