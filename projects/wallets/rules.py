"""What a wallet is, and what is left in it."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

# Units that are bought to be drawn down, by their names; any other unit is a wallet once a use is priced in it.
VIRTUAL = re.compile(r"\b(tokens?|credits?|coins?|points?)\b", re.IGNORECASE)


def unit_key(unit: str) -> str:
    """Return a unit as it is compared: one purchase says Token, another tokens."""
    return re.sub(r"s$", "", unit.strip().casefold())


def is_virtual(unit: str) -> bool:
    """Say whether a unit is by its name something that is bought to be drawn down."""
    return bool(VIRTUAL.search(unit))


@dataclass(frozen=True)
class Moves:
    """What came into and went out of a wallet in one unit, and the money on both sides in one currency."""

    unit: str
    currency: str
    bought: Decimal
    used: Decimal
    paid: Decimal
    drawn: Decimal
    first_day: date
    last_day: date
    recent: Decimal = Decimal(0)
    is_priced_in: bool = False


@dataclass(frozen=True)
class Wallet:
    """The balance of one unit of a provider at one source, with money by currency beside it."""

    source: str
    provider: str
    unit: str
    bought: Decimal
    used: Decimal
    paid: dict[str, Decimal]
    drawn: dict[str, Decimal]
    first_day: date
    last_day: date
    recent: Decimal

    @property
    def balance(self) -> Decimal:
        """Return bought less used; below zero where uses were delivered and their purchase was not."""
        return self.bought - self.used

    @property
    def is_overdrawn(self) -> bool:
        """Say whether more was used than is known to be bought."""
        return self.balance < 0


def wallet_of(source: str, provider: str, moves: list[Moves]) -> Wallet | None:
    """Add up the moves of one unit; None where nothing is priced in it and its name says nothing of a credit."""
    if not any(move.is_priced_in for move in moves) and not is_virtual(moves[0].unit):
        return None
    paid: dict[str, Decimal] = {}
    drawn: dict[str, Decimal] = {}
    for move in moves:
        if move.paid:
            paid[move.currency] = paid.get(move.currency, Decimal(0)) + move.paid
        if move.drawn:
            drawn[move.currency] = drawn.get(move.currency, Decimal(0)) + move.drawn
    return Wallet(
        source=source,
        provider=provider,
        unit=moves[0].unit,
        bought=sum((move.bought for move in moves), Decimal(0)),
        used=sum((move.used for move in moves), Decimal(0)),
        paid=paid,
        drawn=drawn,
        first_day=min(move.first_day for move in moves),
        last_day=max(move.last_day for move in moves),
        recent=sum((move.recent for move in moves), Decimal(0)),
    )
