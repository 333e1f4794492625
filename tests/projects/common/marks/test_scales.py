from datetime import date
from decimal import Decimal

import pytest

from projects.common.marks.scales import Frame, Money, Months, ticks

FRAME = Frame.of(0, 120, 0, 100)


@pytest.mark.parametrize(
    ("largest", "marks"),
    [
        ("0", [0, 1]),
        ("5", [0, 1, 2, 3, 4, 5]),
        ("5.01", [0, 2, 4, 6]),
        ("6800000", [0, 2_000_000, 4_000_000, 6_000_000, 8_000_000]),
        ("105000", [0, 25_000, 50_000, 75_000, 100_000, 125_000]),
        ("0.087", [0, Decimal("0.02"), Decimal("0.04"), Decimal("0.06"), Decimal("0.08"), Decimal("0.10")]),
    ],
)
def test_axis_has_round_marks_that_hold_the_largest(largest, marks):
    assert ticks(Decimal(largest)) == marks


@pytest.mark.parametrize("largest", ["1", "9.99", "10", "10.01", "123456", "999999999"])
def test_axis_has_at_most_five_steps(largest):
    marks = ticks(Decimal(largest))

    assert len(marks) <= 6
    assert marks[-1] >= Decimal(largest) > marks[-2]


def test_money_starts_at_the_bottom():
    money = Money.to(Decimal(100), FRAME, "USD")

    assert money.y(Decimal(0)) == 100
    assert money.y(Decimal(100)) == 0


def test_only_zero_carries_the_currency():
    words = [shape.words for shape in Money.to(Decimal(2_000_000), FRAME, "EUR").grid() if hasattr(shape, "words")]

    assert words[0] == "€0"
    assert words[-1] == "2m"


def test_day_begins_where_the_day_before_ends():
    months = Months(FRAME, date(2026, 1, 1), 12)

    assert months.start_of(date(2026, 3, 17)) == months.end_of(date(2026, 3, 16))


def test_month_ends_at_the_next_slot():
    months = Months(FRAME, date(2026, 1, 1), 12)

    assert months.end_of(date(2026, 2, 28)) == 20
    assert months.start_of(date(2026, 3, 1)) == 20


@pytest.mark.parametrize(("day", "x"), [(date(2025, 6, 1), 0), (date(2028, 1, 1), 120)])
def test_days_outside_the_period_stay_at_its_edges(day, x):
    assert Months(FRAME, date(2026, 1, 1), 12).start_of(day) == x


def test_months_run_over_the_turn_of_the_year():
    words = [shape.words for shape in Months(FRAME, date(2026, 11, 1), 3).axis(Decimal(110))]

    assert words == ["Nov", "Dec", "Jan"]


def test_narrow_axis_names_months_by_a_letter():
    words = [shape.words for shape in Months(FRAME, date(2026, 11, 1), 3).axis(Decimal(110), short=True)]

    assert words == ["N", "D", "J"]
