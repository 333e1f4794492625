from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from projects.common.form_fields import DayField, FigureField, MoneyField, clean_text, date_of, written


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("130000", "130000"),
        ("130,000", "130000"),
        ("$130k", "130000"),
        (" 1.5m ", "1500000"),
        ("2bn", "2000000000"),
        ("0", "0"),
        ("12.34", "12.34"),
        ("€5", "5"),
    ],
)
def test_money_is_read_as_people_write_it(typed, amount):
    assert MoneyField().clean(typed) == Decimal(amount)
    assert f"{MoneyField().clean(typed):f}" == amount


@pytest.mark.parametrize(
    "typed",
    [
        "-5",
        "+5",
        "NaN",
        "Infinity",
        "1e400",
        "1E+5",
        "1_000",
        "１３０",
        "١٢",
        "1,23",
        "1.234,50",
        "5 USD",
        "12.345",
        "99999999999999",
        "k",
        "5kk",
    ],
)
def test_anything_else_is_no_amount(typed):
    with pytest.raises(ValidationError):
        MoneyField().clean(typed)


def test_empty_amount_is_unknown_and_not_zero():
    assert MoneyField(required=False).clean("") is None


@pytest.mark.parametrize(("amount", "text"), [(None, ""), ("130000", "130,000"), ("12.5", "12.50")])
def test_amount_is_shown_back(amount, text):
    assert written(Decimal(amount) if amount else None) == text


@pytest.mark.parametrize(
    ("text", "lines", "clean"),
    [
        ("a\u202eb", False, "ab"),
        ("a\nb", False, "a b"),
        ("a\r\nb", True, "a\nb"),
        ("e\u0301", False, "é"),
        ("👩\u200d💻", False, "👩\u200d💻"),
        ("\x00\ud800x", False, "x"),
    ],
)
def test_text_loses_what_cannot_be_seen(text, lines, clean):
    assert clean_text(text, lines=lines) == clean


@pytest.mark.parametrize(
    ("parts", "day"),
    [(("26", "3", "2027"), date(2027, 3, 26)), (("29", "2", "2028"), date(2028, 2, 29)), (("", "", ""), None)],
)
def test_date_is_read_from_three_parts(parts, day):
    assert date_of(*parts) == day


@pytest.mark.parametrize(
    "parts",
    [
        ("30", "2", "2026"),
        ("29", "2", "2100"),
        ("1", "1", "1999"),
        ("1", "1", "2101"),
        ("1", "13", "2026"),
        ("", "1", "2026"),
        ("one", "1", "2026"),
        ("1", "1", "99999"),
    ],
)
def test_no_such_date_is_refused(parts):
    with pytest.raises(ValidationError):
        date_of(*parts)


@pytest.mark.parametrize(
    ("typed", "figure"), [("1,060", "1060"), ("4.4", "4.4"), ("-3", "-3"), ("\u22123", "-3"), ("0", "0"), (" 7 ", "7")]
)
def test_figure_is_read_as_people_write_it(typed, figure):
    assert FigureField().clean(typed) == Decimal(figure)


@pytest.mark.parametrize("typed", ["1,06", "NaN", "Infinity", "1e5", "１２", "four", "1" * 19, "0.1234567", "1_000"])
def test_what_is_no_figure_is_refused(typed):
    with pytest.raises(ValidationError):
        FigureField().clean(typed)


@pytest.mark.parametrize(
    ("typed", "stands"), [("2000-01-01", True), ("2100-12-31", True), ("1999-12-31", False), ("9999-12-31", False)]
)
def test_day_lies_in_our_time(typed, stands):
    if stands:
        assert DayField().clean(typed) == date.fromisoformat(typed)
    else:
        with pytest.raises(ValidationError):
            DayField().clean(typed)
