from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects.prices.quotes import Price, Unpriced
from projects.prices.rules import Rate, Tier
from projects.usage.rules import (
    Computed,
    Counts,
    cache_read_share,
    cache_saving,
    compute,
    nearest_rank,
    retry_cost,
    share,
    tier_mix,
    total,
)

D = Decimal
RATES = {"input_mtok": Rate(D(3)), "cache_read_mtok": Rate(D("0.3")), "output_mtok": Rate(D(15))}
PRICE = Price("openai", "m", RATES, "USD", "public", date(2026, 11, 9))


def test_counts_add_up_field_by_field():
    added = total([Counts(calls=1, input_tokens=2, retries=3), Counts(calls=10, output_tokens=5)])

    assert added == Counts(calls=11, input_tokens=2, output_tokens=5, retries=3)
    assert total([]) == Counts()


def test_all_input_and_output_are_the_sums_of_their_buckets():
    counts = Counts(
        input_tokens=1, cached_read_tokens=2, cached_write_tokens=4, output_tokens=8, reasoning_tokens=16,
        context_tokens=1,
    )  # fmt: skip

    assert (counts.all_input, counts.all_output, counts.tokens) == (7, 24, 31)


def test_usage_costs_each_bucket_at_its_own_price():
    counts = Counts(calls=2, input_tokens=100, cached_read_tokens=900, output_tokens=10, reasoning_tokens=10)

    assert compute(counts, PRICE) == Computed(D("0.00087"), "USD")


def test_usage_without_a_price_has_an_unknown_cost_and_a_reason():
    computed = compute(Counts(calls=1, input_tokens=5), Unpriced("openai", "m", "Nobody knows m."))

    assert computed == Computed(None, reason="Nobody knows m.")


def test_a_bucket_without_a_price_makes_the_cost_unknown_and_names_it():
    half = Price("openai", "m", {"input_mtok": Rate(D(1))}, "USD")

    computed = compute(Counts(calls=1, input_tokens=5, output_tokens=1), half)

    assert computed.amount is None
    assert "m of openai has no price for output_tokens" in computed.reason
    assert compute(Counts(calls=1, input_tokens=5), half).amount == D("0.000005")


@pytest.mark.parametrize(
    ("calls", "length", "amount", "assumed"),
    [(1, None, "6", False), (2, None, "3", True), (2, 200_001, "6", False), (2, 200_000, "3", False)],
)
def test_a_sum_of_requests_is_priced_by_the_length_of_one_where_it_is_known(calls, length, amount, assumed):
    tiered = Price("openai", "m", {"input_mtok": Rate(D(3), (Tier(200_000, D(6)),))}, "USD")

    computed = compute(Counts(calls=calls, input_tokens=1_000_000), tiered, length=length)

    assert computed == Computed(D(amount), "USD", tier_assumed=assumed)


def test_an_unknown_part_makes_the_sum_unknown():
    known, unknown = Computed(D(1), "USD"), Computed(None, reason="Nobody knows m.")

    assert known + known == Computed(D(2), "USD")
    assert (known + unknown).reason == (unknown + known).reason == "Nobody knows m."
    assert (known + unknown).amount is None


def test_costs_in_two_currencies_are_never_added():
    mixed = Computed(D(1), "USD") + Computed(D(1), "EUR")

    assert mixed == Computed(None, reason="Prices stand in USD and EUR.")


@pytest.mark.parametrize(
    ("number", "percent", "index"),
    [(1, 50, 0), (2, 50, 0), (3, 50, 1), (20, 95, 18), (21, 95, 19), (100, 95, 94), (100, 99, 98), (4, 100, 3)],
)
def test_a_percentile_is_the_value_at_the_nearest_rank(number, percent, index):
    assert nearest_rank(number, percent) == index


@pytest.mark.parametrize(("number", "percent"), [(0, 50), (5, 0), (5, 101)])
def test_a_percentile_of_nothing_does_not_exist(number, percent):
    with pytest.raises(ValueError, match="percentile"):
        nearest_rank(number, percent)


@given(st.integers(1, 5000), st.integers(1, 100))
def test_at_least_its_percentage_of_values_stand_at_or_below_a_percentile(number, percent):
    index = nearest_rank(number, percent)

    assert 0 <= index < number
    assert (index + 1) * 100 >= percent * number
    assert index * 100 < percent * number


def test_a_share_of_nothing_is_unknown_and_not_zero():
    assert share(0, 0) is None
    assert share(1, 4) == D("0.25")
    assert cache_read_share(Counts()) is None


def test_the_cache_share_is_of_all_input():
    assert cache_read_share(Counts(input_tokens=1, cached_read_tokens=2, cached_write_tokens=1)) == D("0.5")


def test_the_tier_mix_adds_up_to_one_and_keeps_unknown_tiers():
    assert tier_mix({"small": 3, "": 1}) == {"small": D("0.75"), "": D("0.25")}
    assert tier_mix({}) == {}


def test_retries_cost_their_share_of_all_attempts():
    assert retry_cost(D(10), Counts(calls=8, retries=2)) == D(2)
    assert retry_cost(None, Counts(calls=8, retries=2)) is None
    assert retry_cost(D(10), Counts()) is None


def test_cached_reads_save_the_difference_to_uncached_input():
    assert cache_saving(Counts(cached_read_tokens=1_000_000), PRICE) == D("2.7")
    assert cache_saving(Counts(cached_read_tokens=1), Price("o", "m", {"input_mtok": Rate(D(1))}, "USD")) is None
