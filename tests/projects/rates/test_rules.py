from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from projects.rates.rules import Rate, RateBook, as_decimal

MAY, JUNE = date(2026, 5, 1), date(2026, 6, 1)
BOOK = RateBook(
    {
        (MAY, "EUR"): Rate(Decimal("1.17"), Decimal(1)),
        (MAY, "JPY"): Rate(Decimal(1), Decimal("158.1530")),
        (MAY, "GBP"): Rate(Decimal("1.35"), Decimal(1)),
    }
)


@pytest.mark.parametrize(
    ("amount", "currency", "to", "became"),
    [
        ("100", "EUR", "USD", Fraction(117)),
        ("117", "USD", "EUR", Fraction(100)),
        ("158.153", "JPY", "USD", Fraction(1)),
        ("2", "USD", "JPY", Fraction("316.306")),
        ("1", "EUR", "GBP", Fraction(117, 135)),
        ("-0.01", "EUR", "USD", Fraction("-0.0117")),
        ("12.345678901234567890123", "USD", "USD", Fraction("12.345678901234567890123")),
    ],
)
def test_an_amount_becomes_another_currency_through_the_dollar_without_rounding(amount, currency, to, became):
    assert BOOK.convert(Decimal(amount), currency, to, MAY) == became


def test_there_and_back_is_the_same_amount_to_the_last_digit():
    there = BOOK.convert(Decimal("33.33"), "EUR", "JPY", MAY)

    assert there / BOOK.rates[MAY, "EUR"].per_unit * BOOK.rates[MAY, "JPY"].per_unit == Fraction("33.33")


@pytest.mark.parametrize(
    ("currency", "to", "month", "lacking"),
    [
        ("EUR", "USD", JUNE, "EUR"),
        ("USD", "EUR", JUNE, "EUR"),
        ("CHF", "GBP", MAY, "CHF"),
        ("GBP", "CHF", MAY, "CHF"),
        ("EUR", "GBP", MAY, ""),
    ],
)
def test_a_month_without_a_rate_is_unknown_and_the_missing_one_named(currency, to, month, lacking):
    assert (BOOK.convert(Decimal(1), currency, to, month) is None) == bool(lacking)
    assert BOOK.lacking(currency, to, month) == lacking


def test_one_currency_needs_no_rate():
    assert BOOK.convert(Decimal(5), "CHF", "CHF", JUNE) == 5


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Fraction(0), "0"),
        (Fraction(-3, 8), "-0.375"),
        (Fraction(1200), "1200"),
        (
            Fraction("123456789012345678901234567890.1234567890123456789"),
            "123456789012345678901234567890.1234567890123456789",
        ),
        (Fraction(1, 3), "0.3333333333333333333333333333333333333333"),
        (Fraction(-2, 3), "-0.6666666666666666666666666666666666666667"),
    ],
)
def test_a_fraction_is_written_exactly_where_its_decimals_end_and_to_forty_digits_where_not(value, written):
    assert as_decimal(value) == Decimal(written)
