"""The canonical form of a list, its hash, and how long a ticket to sign it holds. Pure."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

TICKET_MINUTES = 5


def canonical(content: Mapping[str, Any]) -> str:
    """Return the one JSON text of a list: keys sorted, no spaces, amounts as decimal strings."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=str)


def list_hash(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 over the canonical text, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def totals(lines: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return the sum of the lines by currency; currencies are never added to each other."""
    sums: dict[str, Decimal] = {}
    for line in lines:
        currency = str(line["currency"])
        sums[currency] = sums.get(currency, Decimal(0)) + Decimal(str(line["amount"]))
    return {currency: str(amount) for currency, amount in sorted(sums.items())}


def ticket_holds(*, issued_at: datetime, used_at: datetime | None, at: datetime) -> bool:
    """Say whether a re-authentication still counts: unused, and at most five minutes old."""
    return used_at is None and issued_at <= at <= issued_at + timedelta(minutes=TICKET_MINUTES)
