"""Sums by day are exact however fine and large the figures are, or say that they are not."""

import random
from collections import defaultdict
from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from projects.spend import days
from projects.spend.days import DayBook


def charges(*costs, **other):
    columns = {
        "part_id": 1,
        "group_id": 7,
        "initiative_id": None,
        "currency": "USD",
        "charge_on": date(2026, 5, 1),
        **other,
    }
    frame = pl.DataFrame({"billed_cost": list(costs), "effective_cost": list(costs)})
    return frame.with_columns(pl.lit(value).alias(name) for name, value in columns.items()).with_columns(
        pl.col("initiative_id").cast(pl.Int64)
    )


def test_figures_of_several_scales_are_added_without_loss():
    book = DayBook()
    book.add(charges("0.1", "100"))
    book.add(charges("-0.00000000000000000001"))

    assert book.days().select("rows", "billed_cost", "effective_cost").rows() == [
        (3, "100.09999999999999999999", "100.09999999999999999999")
    ]


@pytest.mark.parametrize(("costs", "said"), [(("1000",), "1000"), (("0.50", "0.50"), "1"), (("5", "-5.0"), "0")])
def test_sums_are_written_plainly(costs, said):
    book = DayBook()
    book.add(charges(*costs))

    assert book.days()["billed_cost"].to_list() == [said]


def test_charges_are_told_apart_by_part_group_initiative_currency_and_day():
    book = DayBook()
    for other in ({}, {"part_id": 2}, {"group_id": 8}, {"initiative_id": 3}, {"currency": "EUR"}):
        book.add(charges("1", **other))
    book.add(charges("1", charge_on=date(2026, 5, 2)))

    assert book.days()["rows"].to_list() == [1] * 6


def test_any_number_of_folds_gives_the_same_sums(monkeypatch):
    monkeypatch.setattr(days, "FOLDED_ROWS", 50)
    chance, book, sums = random.Random(4), DayBook(), defaultdict(Decimal)
    for _ in range(30):
        group, places = chance.randrange(3), chance.randrange(12)
        costs = [f"{Decimal(chance.randrange(-(10**9), 10**12)).scaleb(-places):f}" for _ in range(20)]
        sums[group] += sum(map(Decimal, costs))
        book.add(charges(*costs, group_id=group))

    found = {row["group_id"]: Decimal(row["effective_cost"]) for row in book.days().iter_rows(named=True)}

    assert found == sums


def test_thirty_digits_are_exact_and_one_more_is_left_to_the_facts():
    exact, wide = DayBook(), DayBook()
    exact.add(charges("9" * 12 + "." + "9" * 18))
    wide.add(charges("9" * 12 + "." + "9" * 19))

    assert exact.is_exact
    assert exact.days()["billed_cost"].to_list() == ["9" * 12 + "." + "9" * 18]
    assert not wide.is_exact


def test_months_and_parts_are_the_sums_of_their_days():
    book = DayBook()
    book.add(charges("1.25", part_id=1, charge_on=date(2026, 5, 31)))
    book.add(charges("2.25", part_id=2, charge_on=date(2026, 5, 1)))
    book.fold()
    book.add(charges("0.5", part_id=2, charge_on=date(2026, 6, 1)))
    book.add(charges("7", part_id=2, currency="EUR"))

    months = book.months().select("currency", "month", "rows", "billed_cost").rows()
    parts = book.parts().select("part_id", "currency", "first", "last", "rows", "effective_cost").rows()

    assert months == [
        ("EUR", date(2026, 5, 1), 1, "7"),
        ("USD", date(2026, 5, 1), 2, "3.5"),
        ("USD", date(2026, 6, 1), 1, "0.5"),
    ]
    assert parts == [
        (1, "USD", date(2026, 5, 31), date(2026, 5, 31), 1, "1.25"),
        (2, "EUR", date(2026, 5, 1), date(2026, 5, 1), 1, "7"),
        (2, "USD", date(2026, 5, 1), date(2026, 6, 1), 2, "2.75"),
    ]


def test_digits_of_different_charges_count_together():
    book = DayBook()
    book.add(charges("9" * 20))
    book.add(charges("0." + "9" * 11))

    assert not book.is_exact


def test_ids_too_large_to_be_told_apart_are_left_to_the_facts():
    book = DayBook()
    book.add(charges("1", group_id=2**34 - 2))
    assert book.is_exact

    book.add(charges("1", group_id=2**34 - 1))

    assert not book.is_exact
