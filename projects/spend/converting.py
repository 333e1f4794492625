"""Turn foreign spend into an initiative's own currency at the rate of its charge month, the original kept beside it."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Generic, TypeVar

from babel.numbers import get_currency_precision

from projects.common.formats import MONTHS, counted, grouped
from projects.common.money import ZERO
from projects.rates.rules import RateBook, as_decimal
from projects.rates.selectors import rate_book

Of = TypeVar("Of", bound=Hashable)
SHOWN = 3


@dataclass(frozen=True)
class Foreign:
    """What one month cost in another currency, and what that is in the own one; unknown where a rate is missing."""

    currency: str
    month: date
    amount: Decimal
    converted: Decimal | None
    lacking: str = ""

    @property
    def words(self) -> str:
        """Say the amount and which rate is missing: 1,200.00 EUR without a rate for May 2026."""
        of = "" if self.lacking in {"", self.currency} else f" of {self.lacking}"
        written = grouped(self.amount, get_currency_precision(self.currency))
        return f"{written} {self.currency} without a rate{of} for {MONTHS[self.month.month - 1]} {self.month.year}"

    @property
    def gap(self) -> str:
        """Say which rate is missing and what follows."""
        return f"No rate of {self.lacking}: not in the sums"


@dataclass(frozen=True)
class Tally:
    """A sum in one currency, and the foreign sums in it or, where a rate is missing, left out of it."""

    amount: Decimal
    foreign: tuple[Foreign, ...] = ()

    @property
    def missing(self) -> tuple[Foreign, ...]:
        """Return what could not be converted, and therefore is not in the amount."""
        return tuple(part for part in self.foreign if part.converted is None)

    @property
    def plus(self) -> str:
        """Say what the amount lacks, or nothing."""
        return plus_words(self.missing)


NOTHING = Tally(ZERO)


def plus_words(missing: Sequence[Foreign]) -> str:
    """Say what an amount lacks because no rate converts it: plus 1,200.00 EUR without a rate for May 2026."""
    if not missing:
        return ""
    told = "; ".join(part.words for part in missing[:SHOWN])
    more = len(missing) - SHOWN
    return f"plus {told}" + (f"; and {counted(more, 'month')} more" if more > 0 else "")


@dataclass(frozen=True)
class Cost(Generic[Of]):
    """A cost of something in the currency of its bill, and the one it is wanted in; the month matters only abroad."""

    of: Of
    wanted: str
    currency: str
    month: date | None
    amount: Decimal


def tallies(costs: Iterable[Cost[Of]]) -> dict[Of, Tally]:
    """Add up costs by what they are of, each in its wanted currency. Asks for rates only where something is foreign."""
    rows = list(costs)
    abroad = {row.month for row in rows if row.month and row.currency != row.wanted}
    return add_up(rows, rate_book(abroad) if abroad else RateBook({}))


def add_up(costs: Iterable[Cost[Of]], book: RateBook) -> dict[Of, Tally]:
    """Add up costs by what they are of with the rates of a book; exact to the end, and only then a decimal."""
    wanted: dict[Of, str] = {}
    own: dict[Of, list[Decimal]] = {}
    foreign: dict[Of, dict[tuple[date, str], Fraction]] = {}
    for cost in costs:
        wanted[cost.of] = cost.wanted
        here = own.setdefault(cost.of, [])
        if cost.month is None or cost.currency == cost.wanted:
            here.append(cost.amount)
        else:
            heap, place = foreign.setdefault(cost.of, {}), (cost.month, cost.currency)
            heap[place] = heap.get(place, Fraction(0)) + Fraction(cost.amount)
    return {of: _tally(amounts, foreign.get(of, {}), wanted[of], book) for of, amounts in own.items()}


def _tally(own: Sequence[Decimal], foreign: Mapping[tuple[date, str], Fraction], wanted: str, book: RateBook) -> Tally:
    if len(own) == 1 and not foreign:
        return Tally(own[0])
    total, parts = sum(map(Fraction, own), Fraction(0)), []
    for (month, currency), heap in sorted(foreign.items()):
        amount = as_decimal(heap)
        became = book.convert(amount, currency, wanted, month)
        lacking = book.lacking(currency, wanted, month) if became is None else ""
        parts.append(Foreign(currency, month, amount, None if became is None else as_decimal(became), lacking))
        total += became or 0
    return Tally(as_decimal(total), tuple(parts))


def amounts(found: Mapping[Of, Tally]) -> dict[Of, Decimal]:
    """Return the amounts alone; where nothing could be converted it is left out, because unknown is not zero."""
    return {of: tally.amount for of, tally in found.items() if tally.amount or not tally.missing}
