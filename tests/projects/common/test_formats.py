from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from projects.common import formats


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        ("0", "$0"),
        ("0.4", "$0"),
        ("900", "$900"),
        ("999.49", "$999"),
        ("999.5", "$1k"),
        ("1000", "$1k"),
        ("71200", "$71k"),
        ("198500", "$198k"),
        ("199500", "$200k"),
        ("636480", "$636k"),
        ("999499.99", "$999k"),
        ("999500", "$1.00m"),
        ("1286400", "$1.29m"),
        ("6631000", "$6.63m"),
        ("9995000", "$10.0m"),
        ("12340000", "$12.3m"),
        ("123400000", "$123m"),
        ("999499999", "$999m"),
        ("999500000", "$1.00bn"),
        ("1234567890123", "$1,235bn"),
        ("-116480", "−$116k"),
    ],
)
def test_key_figure_has_at_most_three_figures(amount, written):
    assert formats.money_key(Decimal(amount)) == written


@pytest.mark.parametrize(
    ("amount", "written"),
    [("687000", "+$687k"), ("-687000", "−$687k"), ("0", "$0"), ("0.4", "$0"), ("-0.4", "$0")],
)
def test_signed_key_figure_leaves_zero_bare(amount, written):
    assert formats.money_key(Decimal(amount), plus=True) == written


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        ("636480", "636,480"),
        ("0.5", "0"),
        ("1.5", "2"),
        ("2.5", "2"),
        ("2.5000001", "3"),
        ("-0.5", "0"),
        ("-1200", "−1,200"),
        ("123456789012345678901234567890.5", "123,456,789,012,345,678,901,234,567,890"),
    ],
)
def test_table_figure_is_rounded_half_to_even_once(amount, written):
    assert formats.grouped(Decimal(amount)) == written


@pytest.mark.parametrize(
    ("currency", "written"),
    [("USD", "$1,200"), ("EUR", "€1,200"), ("GBP", "£1,200"), ("CHF", "CHF\u00a01,200"), ("SEK", "SEK\u00a01,200")],
)
def test_full_amount_names_its_currency(currency, written):
    assert formats.money_full(Decimal(1200), currency) == written


def test_exact_number_survives_more_digits_than_the_arithmetic_keeps():
    assert formats.exact(Decimal("1234567890123456789012345678901234567890.12")).endswith("567,890.12")


def test_minus_stands_before_the_currency():
    assert formats.money_full(Decimal(-1200), "EUR") == "−€1,200"


@pytest.mark.parametrize(
    ("currency", "written"), [("USD", "$1,200.50"), ("JPY", "JP¥1,200"), ("KWD", "KWD\u00a01,200.500")]
)
def test_minor_unit_is_the_currencys_own(currency, written):
    assert formats.money_minor(Decimal("1200.5"), currency) == written


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        ("0.0000125", "$0.0000125"),
        ("1E+3", "$1,000"),
        ("1E-12", "$0.000000000001"),
        ("-3.10", "−$3.10"),
        ("0.00", "$0.00"),
    ],
)
def test_exact_amount_keeps_every_digit(amount, written):
    assert formats.money_exact(Decimal(amount)) == written


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        ("0", "$0"),
        ("900", "$900"),
        ("1000", "$1k"),
        ("1500000", "$1.5m"),
        ("2000000", "$2m"),
        ("-500000", "−$500k"),
        ("0.5", "$0.5"),
    ],
)
def test_axis_has_no_idle_zeros(amount, written):
    assert formats.money_axis(Decimal(amount)) == written


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        ("4.62", "$4.62"),
        ("0.1", "$0.10"),
        ("0.0999", "$0.100"),
        ("0.087", "$0.087"),
        ("0.00042", "$0.00042"),
        ("0", "$0.00"),
    ],
)
def test_unit_cost_shows_two_figures_below_ten_cents(amount, written):
    assert formats.unit_cost(Decimal(amount)) == written


@pytest.mark.parametrize(
    ("ratio", "written"),
    [
        ("0.224", "+22.4%"),
        ("-0.094", "−9.4%"),
        ("0", "0.0%"),
        ("0.0004", "0.0%"),
        ("-0.0004", "0.0%"),
        ("0.0005", "0.0%"),
        ("0.0015", "+0.2%"),
    ],
)
def test_signed_percent_uses_real_signs_and_leaves_zero_bare(ratio, written):
    assert formats.percent(Decimal(ratio), plus=True) == written


@pytest.mark.parametrize(
    ("ratio", "written"),
    [
        ("0.9499", "94.9%"),
        ("0.95", "95.0%"),
        ("0.99999", "99.9%"),
        ("1", "100.0%"),
        ("0", "0.0%"),
        ("-0.0001", "−0.1%"),
    ],
)
def test_what_falls_short_of_a_limit_never_reads_as_the_limit(ratio, written):
    assert formats.covered(Decimal(ratio)) == written


def test_percent_of_a_card_has_no_places():
    assert formats.percent(Decimal("-0.0937"), 0, plus=True) == "−9%"


@pytest.mark.parametrize(
    ("ratio", "words"),
    [("0.224", "22.4% over"), ("-0.0942", "9.4% under"), ("0", "on budget"), ("0.0004", "on budget")],
)
def test_variance_in_a_sentence_has_no_sign(ratio, words):
    assert formats.variance_words(Decimal(ratio)) == words


def test_dates_are_written_day_first():
    day = date(2026, 11, 19)

    assert formats.on_day(day) == "19 Nov 2026"
    assert formats.on_day(day, year=False) == "19 Nov"
    assert formats.on_day(day, weekday=True, year=False) == "Thu 19 Nov"
    assert formats.on_day(day, weekday=True) == "Thu 19 Nov 2026"
    assert formats.on_day_long(day) == "19 November 2026"
    assert formats.in_month(day) == "Nov 2026"


def test_moment_has_hours_and_minutes():
    assert formats.at_time(datetime(2026, 9, 7, 6, 5, tzinfo=UTC)) == "7 Sep 2026, 06:05"


@pytest.mark.parametrize(("count", "written"), [(0, "0 initiatives"), (1, "1 initiative"), (1200, "1,200 initiatives")])
def test_count_agrees_with_its_noun(count, written):
    assert formats.counted(count, "initiative") == written


def test_count_may_have_an_irregular_plural():
    assert formats.counted(2, "entry", "entries") == "2 entries"


def test_currency_is_named_in_words():
    assert formats.currency_name("USD") == "US dollars"


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Direct API keys beside the gateway", "direct API keys beside the gateway"),
        ("AI add-ons inside other software", "AI add-ons inside other software"),
        ("Developer tools", "developer tools"),
        ("", ""),
    ],
)
def test_a_title_within_a_sentence_keeps_its_abbreviations(title, words):
    assert formats.in_a_sentence(title) == words


@pytest.mark.parametrize(
    ("amount", "currency", "words"),
    [
        ("252.5", "USD", "252.50"),
        ("0", "USD", "0.00"),
        ("1200", "JPY", "1,200"),
        ("0.0000125", "USD", "0.0000125"),
        ("-1234.5", "USD", "−1,234.50"),
        ("1E+3", "USD", "1,000.00"),
    ],
)
def test_a_cell_has_every_digit_and_at_least_the_minor_units(amount, currency, words):
    assert formats.digits(Decimal(amount), currency) == words


@pytest.mark.parametrize(
    ("amount", "words"),
    [("48.75000000000", "+$48.75"), ("-0.0000125", "−$0.0000125"), ("0.000", "$0.00"), ("1200", "+$1,200.00")],
)
def test_a_change_has_its_sign_and_every_digit_that_counts(amount, words):
    assert formats.money_digits(Decimal(amount), "USD", plus=True) == words
