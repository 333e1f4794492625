"""Write exact amounts."""

from decimal import Decimal


def exact_text(amount: Decimal) -> str:
    """Write an amount in full, without exponent and without zeros that say nothing: 18.74189573593, 0, -3."""
    text = format(amount, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text
