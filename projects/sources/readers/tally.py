"""Add up what was accepted and what was refused, exactly, by currency."""

from collections.abc import Mapping
from decimal import Decimal, localcontext

import polars as pl

from projects.sources.readers.interface import Sums, Totals
from projects.sources.readers.numbers import most_digits
from projects.sources.readers.schema import COSTS, is_constant

_DECIMAL_DIGITS = 38


def exact_sum(texts: pl.Series) -> Decimal:
    """Add figures in plain notation without rounding; nulls count nothing."""
    return exact_sums(texts.to_frame())[0]


def exact_sums(figures: pl.DataFrame) -> list[Decimal]:
    """Add each column of figures in plain notation without rounding; nulls count nothing."""
    whole, places = most_digits(figures)
    if whole + places + len(str(figures.height)) <= _DECIMAL_DIGITS:
        sums = figures.select(pl.all().cast(pl.Decimal(_DECIMAL_DIGITS, places)).sum())
        return [Decimal(total or 0) for total in sums.row(0)]
    with localcontext(prec=400):
        return [sum(map(Decimal, texts.drop_nulls().to_list()), Decimal(0)) for texts in figures.iter_columns()]


def sums_by_currency(rows: pl.DataFrame) -> dict[str, Sums]:
    """Add up canonical rows by currency, "" standing for rows without a readable one."""
    costs, currencies = rows.select(COSTS), rows["billing_currency"]
    if is_constant(currencies):
        return {currencies[0]: _sums(costs)}
    currencies = currencies.fill_null("")
    return {code: _sums(costs.filter(currencies == code)) for code in currencies.unique().to_list()}


def _sums(costs: pl.DataFrame) -> Sums:
    has_gaps = any(column.null_count() for column in costs.iter_columns())
    unreadable = costs.select(pl.any_horizontal(pl.all().is_null()).sum()).item() if has_gaps else 0
    billed, effective = exact_sums(costs)
    return Sums(costs.height, billed, effective, unreadable)


class Tally:
    """Totals that grow batch by batch."""

    def __init__(self) -> None:
        self._accepted: dict[str, Sums] = {}
        self._refused: dict[str, Sums] = {}

    def accept(self, rows: pl.DataFrame) -> None:
        """Count accepted rows."""
        _add(self._accepted, sums_by_currency(rows))

    def refuse(self, rows: pl.DataFrame, misfits: int = 0) -> None:
        """Count refused rows; misfits are rows whose cells could not even be told apart."""
        _add(self._refused, sums_by_currency(rows))
        if misfits:
            _add(self._refused, {"": Sums(rows=misfits, unreadable=misfits)})

    @property
    def totals(self) -> Totals:
        """Give what has been counted so far."""
        return Totals(dict(sorted(self._accepted.items())), dict(sorted(self._refused.items())))


def _add(totals: dict[str, Sums], more: Mapping[str, Sums]) -> None:
    with localcontext(prec=400):
        for code, sums in more.items():
            old = totals.get(code, Sums())
            totals[code] = Sums(
                old.rows + sums.rows,
                old.billed_cost + sums.billed_cost,
                old.effective_cost + sums.effective_cost,
                old.unreadable + sums.unreadable,
            )
