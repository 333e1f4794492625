"""Filters of the council's pages: figures kept as text, outcomes in words, initials."""

from decimal import Decimal

from django import template

from council.decisions.models import Outcome
from projects.common import formats

register = template.Library()


@register.filter
def money_text(amount: str, currency: str) -> str:
    """Write an amount that is kept as text in whole units, or to the minor unit where it has one: $636,480."""
    exact = Decimal(amount)
    written = formats.money_full if exact == exact.to_integral_value() else formats.money_minor
    return written(exact, currency)


@register.filter
def outcome_word(outcome: str) -> str:
    """Name an outcome: Go with conditions."""
    return str(Outcome(outcome).label)


@register.filter
def initials(name: str) -> str:
    """Return at most two capitals for an avatar."""
    parts = name.split()
    return "".join(part[0] for part in (parts[:1] + parts[-1:] if len(parts) > 1 else parts)).upper()


@register.filter
def words(name: str) -> str:
    """Turn a figure's name into words: Last due on."""
    return name.replace("_", " ").capitalize()
