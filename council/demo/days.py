"""Spread a month's amount over its days."""

import hashlib
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Any

CENT = Decimal("0.01")


def days_of(first: date, last: date) -> list[date]:
    """Return every day from one to another."""
    return [first + timedelta(days=step) for step in range((last - first).days + 1)]


def spread(amount: Decimal, places: list[Any], salt: str) -> list[tuple[Any, Decimal]]:
    """Split an amount over places in cents, weekends and chance weighing less, so that the parts sum to it exactly."""
    if not amount or not places:
        return []
    weights = [_weight(place, salt) for place in places]
    whole, parts, given, seen = sum(weights), [], Decimal(0), 0
    for place, weight in zip(places, weights, strict=True):
        seen += weight
        part = (amount * seen / whole).quantize(CENT, ROUND_DOWN) - given
        given += part
        parts.append((place, part))
    last_place, last = parts[-1]
    parts[-1] = (last_place, last + amount - given)
    return parts


def _weight(place: Any, salt: str) -> int:
    chance = int(hashlib.sha256(f"{salt}{place}".encode()).hexdigest()[:4], 16) % 30
    weekend = isinstance(place, date) and place.weekday() >= 5
    return (60 if weekend else 100) + chance
