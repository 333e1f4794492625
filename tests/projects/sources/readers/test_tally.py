from decimal import Decimal
from fractions import Fraction

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from projects.sources.readers.tally import Tally, exact_sum
from tests.projects.sources.readers.samples import sums

figures = st.decimals(allow_nan=False, allow_infinity=False, places=None, min_value=-(10**30), max_value=10**30)


@given(st.lists(figures | st.none()))
def test_a_sum_is_exact_whatever_the_digits(values: list[Decimal | None]) -> None:
    texts = [None if value is None else format(value, "f") for value in values]

    total = exact_sum(pl.Series(texts, dtype=pl.String))

    assert Fraction(total) == sum((Fraction(text) for text in texts if text), Fraction(0))


def test_the_smallest_and_the_largest_amount_stand_in_one_sum() -> None:
    assert exact_sum(pl.Series(["12345678901234567890", "0.00000000000000000001"])) == Decimal(
        "12345678901234567890.00000000000000000001"
    )


def test_currencies_are_never_added_and_unreadable_amounts_are_counted() -> None:
    tally = Tally()
    rows = pl.DataFrame(
        {
            "billing_currency": ["USD", "EUR", "USD", None],
            "billed_cost": ["1.10", "5", "2.20", None],
            "effective_cost": ["1", "4", None, "7"],
        }
    )

    tally.accept(rows.head(2))
    tally.refuse(rows.tail(2), misfits=2)

    assert tally.totals.accepted == {"EUR": sums(1, "5", "4"), "USD": sums(1, "1.10", "1")}
    refused = tally.totals.refused
    assert (refused["USD"].rows, refused["USD"].billed_cost, refused["USD"].unreadable) == (1, Decimal("2.20"), 1)
    assert (refused[""].rows, refused[""].effective_cost, refused[""].unreadable) == (3, Decimal(7), 3)
    assert (tally.totals.accepted_rows, tally.totals.refused_rows, tally.totals.rows) == (2, 4, 6)
