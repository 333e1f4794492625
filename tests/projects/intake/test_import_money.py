from decimal import Decimal

import pytest

from projects.intake.import_money import Money, read_money

PLAIN = Money()
MILLIONS = Money(Decimal(10**6), "GBP")


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("$10,100.00 ", "10100.00", "USD"),
        ("1234.5", "1234.50", ""),
        ("-12", "-12.00", ""),
        ("(1,234.50)", "-1234.50", ""),
        ("−12", "-12.00", ""),
        ("€ 1 234 567", "1234567.00", "EUR"),
        ("1'234'567.89", "1234567.89", ""),
        ("£1.90m", "1900000.00", "GBP"),
        ("$130k", "130000.00", "USD"),
        ("£1.2 billion", "1200000000.00", "GBP"),
        ("USD 5", "5.00", "USD"),
        ("5 EUR", "5.00", "EUR"),
        ("5.64902E-05", "0.00", ""),
        ("1E+5", "100000.00", ""),
        (".5", "0.50", ""),
        ("0.125", "0.12", ""),
        ("0.135", "0.14", ""),
    ],
)
def test_amounts_are_read_as_people_write_them(text, amount, currency):
    assert read_money(text, PLAIN).value == (Decimal(amount), currency)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("£2,013.02", "2013020000.00"),
        ("£1.90m", "1900000.00"),
        ("-£120.11m", "-120110000.00"),
        ("£-2.60", "-2600000.00"),
        ("£0m", "0.00"),
        ("43099.318688", "43099318688.00"),
    ],
)
def test_a_column_in_millions_multiplies_unless_the_cell_says_its_own_unit(text, amount):
    assert read_money(text, MILLIONS).value == (Decimal(amount), "GBP")


@pytest.mark.parametrize("text", ["0", "£0.00", "-0", "0.000"])
def test_zero_is_zero(text):
    amount, _ = read_money(text, PLAIN).value

    assert amount == 0
    assert str(amount) == "0.00"


@pytest.mark.parametrize("text", ["", " ", "N/A", "null", "NULL", "-", "NaN"])
def test_blank_is_no_amount(text):
    read = read_money(text, PLAIN)

    assert (read.value, read.note, read.problem) == (None, "", "")


@pytest.mark.parametrize(
    "text",
    ["Exempt under Section 43 of the Act (2000)", "Data not provided by department", "TBC", "12 months", ">1000%"],
)
def test_words_are_kept_as_a_note(text):
    read = read_money(text, MILLIONS)

    assert (read.value, read.note, read.problem) == (None, text, "")


@pytest.mark.parametrize("text", ["1.234,50", "1,23", "12,34,567", "1.2.3", "1,234,5"])
def test_an_amount_that_reads_two_ways_is_a_problem(text):
    assert "two amounts" in read_money(text, PLAIN).problem


def test_a_decimal_comma_is_read_where_the_mapping_says_so():
    assert read_money("1.234,50", Money(decimal=",")).value == (Decimal("1234.50"), "")
    assert "two amounts" in read_money("1,234.50", Money(decimal=",")).problem


@pytest.mark.parametrize("text", ["1e400", "1_000", "1..2", "--5", "5%%"])
def test_digits_that_are_no_amount_are_a_problem(text):
    assert read_money(text, PLAIN).problem


def test_an_amount_at_the_limit_is_a_problem_and_one_below_it_is_not():
    assert "larger" in read_money("1000000000000000", PLAIN).problem
    assert read_money("999999999999999.99", PLAIN).value == (Decimal("999999999999999.99"), "")


def test_another_currency_than_the_columns_is_a_problem_and_its_own_dollar_is_not():
    assert read_money("£5", Money(currency="USD")).problem == "is in GBP where USD is expected"
    assert read_money("$5", Money(currency="CAD")).value == (Decimal(5), "CAD")
    assert read_money("$5", Money(currency="GBP")).problem
