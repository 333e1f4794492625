import polars as pl
import pytest

from projects.sources.readers.numbers import (
    NotANumber,
    most_digits,
    normalise_counts,
    normalise_numbers,
    plain_columns,
    read_number,
)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("0", "0"),
        ("-2.6137", "-2.6137"),
        ("0.00000080000", "0.00000080000"),
        ("$10,100.00 ", "10100.00"),
        ("-$5.00", "-5.00"),
        ("1,234,567.5", "1234567.5"),
        ("1,234.50", "1234.50"),
        ("5.64902E-05", "0.0000564902"),
        ("1E+5", "100000"),
        ("1e-11", "0.00000000001"),
        ("3.6300000000000003", "3.6300000000000003"),
        ("0.1234567890123456789012345678901", "0.1234567890123456789012345678901"),
        ("12345678901234567890123456789012345678", "12345678901234567890123456789012345678"),
        ("1e100", "1" + "0" * 100),
        ("9" * 150, "9" * 150),
        (".5", "0.5"),
        ("5.", "5"),
        ("-0", "-0"),
        ("$1,234", "1234"),
        ("$-3.10", "-3.10"),
        ("(12.50)", "-12.50"),
        ("($1,234.50) ", "-1234.50"),
        ("+5", "5"),
        ("12.50-", "-12.50"),
        ("\u22122.5", "-2.5"),
        ("1 234 567.5", "1234567.5"),
        ("1\u00a0234.50", "1234.50"),
        ("12'345.60", "12345.60"),
    ],
)
def test_a_figure_is_read_exactly(text: str, plain: str) -> None:
    assert read_number(text) == plain


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("NaN", "is not a finite number"),
        ("Infinity", "is not a finite number"),
        ("-inf", "is not a finite number"),
        ("1e400", "is larger or finer than any amount of money"),
        ("1e-400", "is larger or finer than any amount of money"),
        ("9" * 151, "is larger or finer than any amount of money"),
        ("1e101", "is larger or finer than any amount of money"),
        ("1_000", "is not a number"),
        ("+-5", "is not a number"),
        ("5--", "is not a number"),
        ("12 34", "is not a number"),
        ("\uff11\uff12", "is not written in the digits 0 to 9"),
        ("٣٫٥", "is not written in the digits 0 to 9"),
        ("5 USD", "carries a currency or unit; amounts are figures only"),
        ("£1.90m", "carries a currency or unit; amounts are figures only"),
        ("1.234,50", "has a comma before its decimals; say so in the mapping (decimal_mark)"),
        ("1,5", "has a comma before its decimals; say so in the mapping (decimal_mark)"),
        ("1,234", "could be thousands or decimals; say in the mapping which mark stands before decimals"),
        ("1,23,456.00", "is not a number"),
        ("", "is not a number"),
        ("-", "is not a number"),
        ("-(5)", "is not a number"),
        ("(-5)", "is not a number"),
        ("(5", "is not a number"),
        ("()", "is not a number"),
        ("-$-5", "is not a number"),
        ("e5", "is not a number"),
        ("0x1F", "is not a number"),
        ("Exempt under Section 43", "is not a number"),
    ],
)
def test_what_is_no_figure_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(NotANumber) as refused:
        read_number(text)

    assert str(refused.value) == reason


@pytest.mark.parametrize(
    ("text", "plain"),
    [("1.234,50", "1234.50"), ("1234,5", "1234.5"), ("-0,01", "-0.01"), ("7", "7"), ("1.234", "1234")],
)
def test_a_decimal_comma_is_read_where_the_mapping_says_so(text: str, plain: str) -> None:
    assert read_number(text, ",") == plain


def test_a_decimal_comma_holds_for_whole_columns_and_a_point_then_groups_thousands() -> None:
    figures, reasons = normalise_numbers(pl.Series(["1.234", "1,5", "12"]), ",")

    assert figures.to_list() == ["1234", "1.5", "12"]
    assert reasons == {}


def test_a_column_keeps_plain_figures_and_nulls_and_gives_reasons_for_the_rest() -> None:
    figures, reasons = normalise_numbers(pl.Series(["1.50", None, "$2.00 ", "abc", "1e400", "abc"]))

    assert figures.to_list() == ["1.50", None, "2.00", None, None, None]
    assert reasons == {"abc": "is not a number", "1e400": "is larger or finer than any amount of money"}


def test_a_column_of_nulls_is_a_column_of_nulls() -> None:
    figures, reasons = normalise_numbers(pl.Series([None, None], dtype=pl.String))

    assert figures.to_list() == [None, None]
    assert reasons == {}


def test_counts_are_whole_and_not_negative() -> None:
    counts, reasons = normalise_counts(pl.Series(["0", "8638.000000", "12", None, "-1", "1.5", "x"]))

    assert counts.to_list() == [0, 8638, 12, None, None, None, None]
    assert sorted(reasons) == ["-1", "1.5", "x"]


def test_a_count_that_no_row_can_have_is_refused_before_sums_overflow() -> None:
    counts, reasons = normalise_counts(pl.Series(["999999999999", "1000000000000", "1e30", "0.5"]))

    assert counts.to_list() == [999_999_999_999, None, None, None]
    assert reasons == {
        "1000000000000": "is larger than any count of calls or tokens",
        "1e30": "is larger than any count of calls or tokens",
        "0.5": "is not a whole number of 0 or more",
    }


def test_a_cell_of_nothing_but_space_is_no_figure_and_no_fault() -> None:
    figures, reasons = normalise_numbers(pl.Series(["  ", "\t", "1.5"]))

    assert (figures.to_list(), reasons) == ([None, None, "1.5"], {})


def test_only_columns_of_plain_figures_alone_are_passed_over():
    texts = pl.DataFrame(
        {
            "plain": ["1", "-2.50", None],
            "none": [None, None, None],
            "worded": ["1", "n/a", "2"],
            "vast": ["1", "9" * 151, "2"],
        },
        schema_overrides={"none": pl.String},
    )

    assert plain_columns(texts, ".") == ["plain", "none"]
    assert plain_columns(texts, ",") == ["none"]
    assert plain_columns(texts.select(), ".") == []


@pytest.mark.parametrize(
    ("figures", "digits"),
    [(["1", "22"], (2, 0)), (["-1.25", "100"], (3, 2)), ([None, "0.001"], (1, 3)), ([None], (0, 0)), ([], (0, 0))],
)
def test_digits_are_counted_before_and_behind_the_point(figures, digits):
    frame = pl.DataFrame(
        {"a": pl.Series(figures, dtype=pl.String), "b": pl.Series([None] * len(figures), dtype=pl.String)}
    )

    assert most_digits(frame) == digits
