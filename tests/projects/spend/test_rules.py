from datetime import date
from decimal import Decimal

import pytest

from projects.attribution.rules import split_exactly
from projects.sources.tags import comparable_key, environment_of, tag_index
from projects.spend.rules import exact_text, growth, is_provisional


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("18.74189573593", "18.74189573593"),
        ("1E+3", "1000"),
        ("4E-10", "0.0000000004"),
        ("-3.000", "-3"),
        ("0.00", "0"),
        ("-0.0", "0"),
        ("100", "100"),
        ("12345678901234567890123456789012345678.5", "12345678901234567890123456789012345678.5"),
    ],
)
def test_amounts_are_written_in_full(amount, text):
    assert exact_text(Decimal(amount)) == text


@pytest.mark.parametrize(
    ("day", "provisional"),
    [
        (date(2026, 11, 19), True),
        (date(2026, 11, 16), True),
        (date(2026, 11, 1), True),
        (date(2026, 10, 31), False),
        (date(2026, 10, 1), False),
    ],
)
def test_days_within_the_lag_and_of_a_month_that_is_not_over_may_still_change(day, provisional):
    assert is_provisional(day, on=date(2026, 11, 19), lag_days=3) is provisional


@pytest.mark.parametrize(("on", "provisional"), [(date(2026, 11, 3), True), (date(2026, 11, 4), False)])
def test_the_last_day_of_a_month_is_final_once_the_lag_after_it_has_passed(on, provisional):
    assert is_provisional(date(2026, 10, 31), on=on, lag_days=3) is provisional


@pytest.mark.parametrize(
    ("before", "after", "ratio"),
    [("100", "112.1", "0.121"), ("100", "100", "0"), ("0", "5", None), ("-2", "5", None), ("10", "-5", "-1.5")],
)
def test_growth_needs_something_to_grow_from(before, after, ratio):
    assert growth(Decimal(before), Decimal(after)) == (None if ratio is None else Decimal(ratio))


@pytest.mark.parametrize(
    ("amount", "shares"),
    [
        ("10", ["0.333333", "0.333333", "0.333334"]),
        ("-0.0000000004", ["0.6", "0.4"]),
        ("7", ["1"]),
        ("0", ["0.5", "0.5"]),
    ],
)
def test_shares_of_a_charge_sum_to_it_exactly(amount, shares):
    parts = split_exactly(Decimal(amount), [Decimal(share) for share in shares])

    assert sum(parts) == Decimal(amount)
    assert len(parts) == len(shares)


def test_the_last_share_takes_the_rest():
    assert split_exactly(Decimal("0.1"), [Decimal(1) / 3, Decimal(1) / 3, Decimal(1) / 3]) == [
        Decimal("0.0333333"),
        Decimal("0.0333333"),
        Decimal("0.0333334"),
    ]


@pytest.mark.parametrize(
    "key",
    [
        "CostCenter",
        "cost-center",
        " cost_center",
        "Cost Center",
        "user:CostCenter",
        "aws:user:cost-center",
        "resourceTags/user:CostCenter",
    ],
)
def test_spellings_of_one_tag_key_compare_equal(key):
    assert comparable_key(key) == "costcenter"


def test_tags_with_several_spellings_keep_the_first_value_that_is_not_empty():
    assert tag_index({" org": "", "org": "a", "user:org": "b", "pilot": True, "none": None, "n": 3}) == {
        "org": "a",
        "pilot": "true",
        "none": "",
        "n": "3",
    }


def test_environment_comes_from_its_tag_in_lower_case():
    assert environment_of({"env": "Prod"}) == "prod"
    assert environment_of({"environment": "", "env": "dev"}) == "dev"
    assert environment_of({"application": "x"}) is None
