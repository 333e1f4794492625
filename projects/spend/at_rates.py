"""The explorer's cells in the organisation's currency: each at the rate of its month, what no rate converts left out aloud."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Context, Decimal
from typing import Any

from projects.rates.rules import RateBook, as_decimal
from projects.rates.selectors import rate_book
from projects.spend.answering import Row
from projects.spend.asking import Question
from projects.spend.converting import Foreign
from projects.spend.rules import month_before

_WIDE = Context(prec=60)
_PLACES = Decimal("1e-12")  # a converted cell is rounded once, so that every sum of cells is exact


def converted(
    cells: Sequence[tuple[Any, ...]], question: Question, last: date
) -> tuple[dict[tuple[date, str | None], Decimal], list[Row], list[Foreign]]:
    """Add up cells at their month's rate: by time and layer or row, as the chart is stacked, by row, and what was foreign."""
    into = question.currency
    abroad = {cell[0] for cell in cells if cell[5] != into}
    book = rate_book(abroad) if abroad else RateBook({})
    timed: dict[tuple[date, str | None], Decimal] = defaultdict(Decimal)
    rows: dict[str | None, Row] = {}
    foreign: dict[tuple[date, str], tuple[Decimal, Decimal]] = {}
    for month, time, key, name, layer, currency, amount in cells:
        row = rows.setdefault(key, Row(key, name))
        became = book.convert(amount, currency, into, month)
        worth = (
            amount
            if currency == into
            else as_decimal(became).quantize(_PLACES, context=_WIDE)
            if became is not None
            else None
        )
        if currency != into:
            (row.left_out if worth is None else row.originals)[currency] += amount
            before = foreign.get((month, currency), (Decimal(0), Decimal(0)))
            foreign[month, currency] = (before[0] + amount, before[1] + (worth or Decimal(0)))
        if worth is None:
            row.compares = row.compares and month not in {last, month_before(last)}
            continue
        timed[time, layer if question.is_stacked_by_layer else key] += worth
        row.layers[layer] += worth
        row.last_month += worth if month == last else Decimal(0)
        row.month_before += worth if month == month_before(last) else Decimal(0)
    return timed, list(rows.values()), _told(foreign, into, book)


def _told(foreign: Mapping[tuple[date, str], tuple[Decimal, Decimal]], into: str, book: RateBook) -> list[Foreign]:
    """Return what was foreign, by month and currency, the newest month first."""
    found = []
    for (month, currency), (amount, worth) in foreign.items():
        lacking = book.lacking(currency, into, month)
        found.append(Foreign(currency, month, amount, None if lacking else worth, lacking))
    return sorted(found, key=lambda part: (-part.month.toordinal(), part.currency))
