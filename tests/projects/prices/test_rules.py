from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects.prices.rules import EXACT, Buckets, Charge, Rate, Tier, UnusableUsage, charge, charged_counts, disjoint
from projects.prices.units import UNITS

D = Decimal
FLAT = {"input_mtok": Rate(D("2.5")), "output_mtok": Rate(D("10"))}
CACHED = {
    "input_mtok": Rate(D("3")),
    "cache_read_mtok": Rate(D("0.3")),
    "cache_write_mtok": Rate(D("3.75")),
    "cache_write_1h_mtok": Rate(D("6")),
    "output_mtok": Rate(D("15")),
}
LONG = 200_000
TIERED = {"input_mtok": Rate(D("3"), (Tier(LONG, D("6")),)), "output_mtok": Rate(D("15"), (Tier(LONG, D("22.5")),))}


def usage(**counts: int) -> dict[str, Decimal]:
    return {key: D(count) for key, count in counts.items()}


def test_one_token_costs_the_millionth_part_exactly():
    bill = charge(usage(input_tokens=1, output_tokens=1), FLAT)

    assert (bill.input, bill.output, bill.total) == (D("0.0000025"), D("0.00001"), D("0.0000125"))


def test_cached_tokens_are_charged_once_at_their_own_price():
    bill = charge(usage(input_tokens=1000, cache_read_tokens=900, output_tokens=0), CACHED)

    assert bill.input == D("0.0003") + D("0.00027")


def test_cache_writes_of_an_hour_cost_their_own_price_and_those_of_five_minutes_the_general_one():
    counts = usage(
        input_tokens=600, cache_write_tokens=500, cache_write_5m_tokens=200, cache_write_1h_tokens=300, output_tokens=0
    )

    bill = charge(counts, CACHED)

    assert bill.input == (100 * D("3") + 200 * D("3.75") + 300 * D("6")) / 1_000_000


def test_cached_tokens_without_a_cache_price_cost_as_input():
    assert charge(usage(input_tokens=1000, cache_read_tokens=900), FLAT).input == D("0.0025")


def test_reasoning_is_inside_output_unless_it_has_a_price():
    counts = usage(input_tokens=0, output_tokens=100, output_reasoning_tokens=60)
    apart = {**FLAT, "output_reasoning_mtok": Rate(D("3"))}

    assert charge(counts, FLAT).output == D("0.001")
    assert charge(counts, apart).output == D("0.0004") + D("0.00018")


@pytest.mark.parametrize(
    ("tokens", "price_in", "price_out"),
    [(199_999, "3", "15"), (200_000, "3", "15"), (200_001, "6", "22.5")],
)
def test_a_tier_reprices_the_whole_request_above_its_threshold_only(tokens, price_in, price_out):
    bill = charge(usage(input_tokens=tokens, output_tokens=1000), TIERED)

    assert bill.input == tokens * D(price_in) / 1_000_000
    assert bill.output == D(price_out) / 1000


def test_the_highest_tier_reached_holds():
    rate = Rate(D(1), (Tier(128_000, D(2)), Tier(200_000, D(4))))

    assert [rate.for_input(D(n)) for n in (128_000, 128_001, 200_000, 200_001)] == [D(1), D(2), D(2), D(4)]


def test_a_sum_of_requests_stands_at_the_base_tier_and_says_so():
    bill = charge(usage(input_tokens=900_000, output_tokens=0), TIERED, calls=9)

    assert bill == Charge(input=D("2.7"), tier_assumed=True)
    assert not charge(usage(input_tokens=900_000, output_tokens=0), FLAT, calls=9).tier_assumed


def test_a_fee_is_due_for_each_call_and_each_search():
    rates = {**FLAT, "requests_kcount": Rate(D(5)), "web_searches_kcount": Rate(D(10))}

    bill = charge(usage(input_tokens=0, output_tokens=0, web_searches=3), rates, calls=4)

    assert bill.fees == D("0.02") + D("0.03")
    assert bill.total == bill.fees


def test_charges_add_up_part_by_part():
    total = Charge(D(1), D(2), D(3)) + Charge(D("0.1"), D("0.2"), D("0.3"), tier_assumed=True)

    assert total == Charge(D("1.1"), D("2.2"), D("3.3"), tier_assumed=True)


def test_more_cached_than_input_tokens_is_refused():
    with pytest.raises(UnusableUsage, match="input_tokens is 10, less than the 11"):
        charge(usage(input_tokens=10, cache_read_tokens=11), CACHED)


def test_a_part_without_its_whole_is_refused():
    with pytest.raises(UnusableUsage, match="input_tokens is missing although cache_read_tokens"):
        charge(usage(cache_read_tokens=11), CACHED)


def test_a_price_far_below_a_cent_is_not_rounded():
    rates = {"input_mtok": Rate(D("0.000000000001"))}

    assert charge(usage(input_tokens=1), rates).input == D("1E-18")


def test_disjoint_buckets_take_cache_out_of_an_input_that_includes_it():
    buckets = disjoint(
        input_tokens=D(100),
        output_tokens=D(50),
        cache_read=D(60),
        cache_write=D(30),
        reasoning=D(20),
        input_includes_cache=True,
    )

    assert buckets == Buckets(uncached_input=D(10), cache_read=D(60), cache_write=D(30), output=D(30), reasoning=D(20))


def test_disjoint_buckets_leave_an_input_that_excludes_cache_alone():
    buckets = disjoint(
        input_tokens=D(100),
        output_tokens=D(50),
        cache_read=D(600),
        cache_write=D(10),
        cache_write_5m=D(7),
        cache_write_1h=D(3),
        reasoning=D(5),
        input_includes_cache=False,
        output_includes_reasoning=False,
    )

    assert buckets == Buckets(
        uncached_input=D(100), cache_read=D(600), cache_write_5m=D(7), cache_write_1h=D(3), output=D(50), reasoning=D(5)
    )


@pytest.mark.parametrize("field", ["cache_read", "reasoning"])
def test_a_part_larger_than_its_whole_is_refused(field):
    exact = disjoint(input_tokens=D(5), output_tokens=D(5), input_includes_cache=True, **{field: D(5)})

    assert D(0) in (exact.uncached_input, exact.output)
    with pytest.raises(UnusableUsage):
        disjoint(input_tokens=D(5), output_tokens=D(5), input_includes_cache=True, **{field: D(6)})


COUNT = st.integers(min_value=0, max_value=10**12).map(D)


@given(COUNT, COUNT, COUNT, COUNT, COUNT, COUNT, COUNT)
def test_charged_counts_of_disjoint_buckets_add_up_to_all_tokens(fresh, read, short, hour, plain, spoken, thought):
    counts = Buckets(fresh, read, short, hour, plain, spoken, thought).as_usage()

    charged = charged_counts(counts, [UNITS[key] for key in counts])

    assert sum(charged.values()) == fresh + read + short + hour + plain + spoken + thought
    assert min(charged.values()) >= 0


@given(COUNT, st.decimals(min_value=0, max_value=10**6, places=12))
def test_a_cost_is_exact_for_any_count_and_price(count, price):
    cost = charge({"input_tokens": count}, {"input_mtok": Rate(price)}).input

    assert EXACT.multiply(cost, D(1_000_000)) == EXACT.multiply(count, price)


@given(COUNT, COUNT, COUNT)
def test_both_meanings_of_input_give_the_same_buckets(fresh, read, written):
    cached = {"cache_read": read, "cache_write": written, "output_tokens": D(0)}

    inside = disjoint(input_tokens=fresh + read + written, input_includes_cache=True, **cached)
    outside = disjoint(input_tokens=fresh, input_includes_cache=False, **cached)

    assert inside == outside
