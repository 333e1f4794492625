from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from projects.rates.rules import Rate
from projects.rates.tables import TableRefused, read_table

FED = Path(__file__).parents[3] / "fixtures" / "rates" / "us_fed_monthly_rates_2020_on.csv"
MAY = date(2026, 5, 1)
ONE = Decimal(1)


def table(*lines, header="Date,Country,Exchange rate"):
    return read_table("\n".join([header, *lines]).encode())


def test_the_passed_on_table_is_read_as_units_for_one_dollar_because_the_krone_says_so():
    read = read_table(FED.read_bytes())

    assert read.direction == "units for one dollar"
    assert read.rates[MAY, "EUR"] == Rate(ONE, Decimal("0.8561"))
    assert read.rates[MAY, "GBP"] == Rate(ONE, Decimal("0.7409"))
    assert read.rates[MAY, "JPY"] == Rate(ONE, Decimal("158.1530"))
    assert len(read.rates) == 1794 - 22
    assert read.left_out == {"Venezuela": 22}


def test_every_month_of_it_agrees_with_the_peg_of_the_krone():
    rates = read_table(FED.read_bytes()).rates

    pegs = [rates[month, "DKK"].units / rates[month, "EUR"].units for month, code in rates if code == "EUR"]

    assert len(pegs) == 78
    assert all(Decimal("7.43") < peg < Decimal("7.48") for peg in pegs)


def test_the_table_as_published_quotes_four_currencies_the_other_way_round():
    read = table(
        "2026-05-01,Euro,1.1681",
        "2026-05-01,Denmark,6.3973",
        "2026-05-01,United Kingdom,1.3497",
        "2026-05-01,Australia,0.7188",
        "2026-05-01,New Zealand,0.5906",
        "2026-05-01,Canada,1.3717",
    )

    assert {code: rate for (_, code), rate in read.rates.items()} == {
        "EUR": Rate(Decimal("1.1681"), ONE),
        "DKK": Rate(ONE, Decimal("6.3973")),
        "GBP": Rate(Decimal("1.3497"), ONE),
        "AUD": Rate(Decimal("0.7188"), ONE),
        "NZD": Rate(Decimal("0.5906"), ONE),
        "CAD": Rate(ONE, Decimal("1.3717")),
    }


@pytest.mark.parametrize(("pound", "units"), [("0.7409", True), ("1.3497", False)])
def test_without_the_krone_the_pound_tells_the_direction(pound, units):
    read = table(f"2026-05-01,United Kingdom,{pound}", "2026-05-01,Australia,1.39")

    assert read.rates[MAY, "AUD"] == (Rate(ONE, Decimal("1.39")) if units else Rate(Decimal("1.39"), ONE))


def test_a_table_that_changes_its_direction_is_refused():
    with pytest.raises(TableRefused, match="Split the table") as refused:
        table("2026-05-01,United Kingdom,0.74", "2026-06-01,United Kingdom,1.35")

    assert refused.value.code == "direction_unclear"


def test_our_own_table_gives_dollars_for_one_unit():
    read = table("2026-05,eur,1.17", "2026-06-01,CHF,1.2345678901234567890", header="Month,Currency,Dollars_per_unit")

    assert read.rates == {
        (MAY, "EUR"): Rate(Decimal("1.17"), ONE),
        (date(2026, 6, 1), "CHF"): Rate(Decimal("1.2345678901234567890"), ONE),
    }


@pytest.mark.parametrize(
    ("line", "column", "reason"),
    [
        ("2026-13-01,Euro,1.1", "Date", "is not a month"),
        ("2026-05-02,Euro,1.1", "Date", "is not a month"),
        ("2026-05-01,Euro,ND", "Exchange rate", "is not a number above zero"),
        ("2026-05-01,Euro,0", "Exchange rate", "is not a number above zero"),
        ("2026-05-01,Euro,-1", "Exchange rate", "is not a number above zero"),
        ("2026-05-01,Euro,NaN", "Exchange rate", "is not a number above zero"),
        ("2026-05-01,Euro", "", "has 2 cells instead of 3"),
        ("2026-05-01,Japan,150", "Country", "is given twice for May 2026"),
    ],
)
def test_a_bad_line_refuses_the_whole_table_and_is_named(line, column, reason):
    with pytest.raises(TableRefused) as refused:
        table("2026-05-01,Japan,158.1530", line)

    bad = refused.value.lines[0]
    assert (bad.line, bad.column) == (3, column)
    assert reason in bad.reason


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"\xff\xfe\x00", b"Date,Rate\n"])
def test_another_file_is_refused_with_what_is_expected(content):
    with pytest.raises(TableRefused, match=r"columns Date, Country|UTF-8"):
        read_table(content)


def test_a_dollar_has_no_rate_of_its_own():
    with pytest.raises(TableRefused) as refused:
        table("2026-05,USD,1", header="month,currency,dollars_per_unit")

    assert "another currency than the dollar" in refused.value.lines[0].reason
