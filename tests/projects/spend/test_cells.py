"""One number stands for everything a sum is told apart by, and gives it back."""

from datetime import date

import polars as pl
import pytest

from projects.spend.cells import DAY, Cells

HIGHEST = {
    "part_id": 2**34 - 2,
    "group_id": 2**34 - 2,
    "initiative_id": 2**32 - 2,
    "currency": "USD",
    "charge_on": date(2100, 12, 31),
}
LOWEST = {"part_id": 0, "group_id": 0, "initiative_id": None, "currency": "EUR", "charge_on": date(2000, 1, 1)}


def charges(*rows):
    kinds = {"part_id": pl.Int64, "group_id": pl.Int64, "initiative_id": pl.Int64}
    return pl.DataFrame(rows, schema={**dict.fromkeys(DAY), **kinds})


def numbered(cells, rows):
    assert cells.hold(rows)
    return rows.select(cells.number(), pl.lit("5").alias("effective_cost"))


def test_highest_and_lowest_come_back_as_they_were():
    cells, rows = Cells(), charges(HIGHEST, LOWEST)

    found = cells.apart(numbered(cells, rows))

    assert found.select(DAY).equals(rows)
    assert found["effective_cost"].to_list() == ["5", "5"]


def test_a_currency_keeps_its_number_when_others_come():
    cells = Cells()
    first = numbered(cells, charges({**LOWEST, "currency": "USD"}))
    numbered(cells, charges({**LOWEST, "currency": "CHF"}))
    again = numbered(cells, charges({**LOWEST, "currency": "USD"}))

    assert again.equals(first)
    assert cells.apart(first)["currency"].to_list() == ["USD"]


@pytest.mark.parametrize("column", ["part_id", "group_id", "initiative_id"])
def test_ids_beyond_the_room_are_not_held(column):
    assert not Cells().hold(charges({**HIGHEST, column: HIGHEST[column] + 1}, LOWEST))


def test_more_currencies_than_there_is_room_for_are_not_held():
    codes = [f"{number:03}" for number in range(255)]
    rows = [{**LOWEST, "currency": code} for code in codes]

    assert Cells().hold(charges(*rows[:254]))
    assert not Cells().hold(charges(*rows))


def test_numbers_are_in_the_order_of_the_index_that_keeps_days_apart():
    later = {**LOWEST, "charge_on": date(2000, 1, 2), "initiative_id": 1}
    rows = charges({**LOWEST, "initiative_id": 5}, LOWEST, later, {**LOWEST, "group_id": 1}, {**LOWEST, "part_id": 1})

    numbers = numbered(Cells(), rows)["cell"]

    assert numbers.is_sorted()
    assert numbers.n_unique() == rows.height
