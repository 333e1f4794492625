from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projects.prices.quotes import PriceBook
from projects.prices.rules import Rate, Tier
from projects.prices.sheets import DatedRates, PricedModel, Provider, Sheet, Variant
from projects.usage.frames import UsageGatherer, day_figures
from projects.usage.rules import LONGEST_KEPT, total

D = Decimal
START = datetime(2026, 11, 2, 9, tzinfo=UTC)
SCHEMA = {
    "initiative_id": pl.Int64,
    "provider_name": pl.String,
    "model": pl.String,
    "billing_currency": pl.String,
    "charge_period_start": pl.Datetime("us", "UTC"),
    "charge_period_end": pl.Datetime("us", "UTC"),
    "effective_cost": pl.String,
    "charge_description": pl.String,
    "user_id": pl.String,
    "session_id": pl.String,
    "row_number": pl.Int64,
    "calls": pl.Int64,
    "input_tokens": pl.Int64,
    "cached_read_tokens": pl.Int64,
    "cached_write_tokens": pl.Int64,
    "output_tokens": pl.Int64,
    "reasoning_tokens": pl.Int64,
}
FLAT = {"input_mtok": Rate(D(2)), "output_mtok": Rate(D(8))}
LONG = {"input_mtok": Rate(D(2), (Tier(1000, D(4)),)), "output_mtok": Rate(D(8))}
HALF = (Variant({"processing": "batch"}, {"input_mtok": Rate(D(1)), "output_mtok": Rate(D(4))}),)
OPENAI = Provider(
    "openai",
    "OpenAI",
    (
        PricedModel("flat", {"equals": "flat"}, (DatedRates(FLAT),), variants=HALF),
        PricedModel("long", {"equals": "long"}, (DatedRates(LONG),)),
    ),
)
SHEET = Sheet("public", date(2026, 11, 9), (OPENAI,))


def book_of(day: date) -> PriceBook:
    return PriceBook(datetime(day.year, day.month, day.day, 12, tzinfo=UTC), (SHEET,))


def row(**changes: object) -> dict:
    fields = {
        "initiative_id": 7,
        "provider_name": "openai",
        "model": "flat",
        "billing_currency": "USD",
        "charge_period_start": START,
        "charge_period_end": START + timedelta(milliseconds=800),
        "effective_cost": "0.01",
        "charge_description": "chat",
        "user_id": "u1",
        "calls": 1,
        "input_tokens": 100,
        "output_tokens": 10,
    }
    return {**fields, **changes}


def frame(*rows: dict, **flags: list) -> pl.DataFrame:
    made = pl.DataFrame([{name: one.get(name) for name in SCHEMA} for one in rows], schema=SCHEMA)
    return made.with_columns(pl.Series(name, values) for name, values in flags.items())


def days(*rows: dict, **flags: list):
    return day_figures([frame(*rows, **flags)], book_of)


def test_requests_of_a_day_become_one_line_with_their_sums():
    (day,) = days(row(), row(input_tokens=200, cached_read_tokens=50, reasoning_tokens=5, effective_cost="0.02"))

    assert (day.initiative_id, day.provider, day.model, day.day) == (7, "openai", "flat", date(2026, 11, 2))
    assert (day.counts.calls, day.counts.input_tokens, day.counts.cached_read_tokens) == (2, 300, 50)
    assert (day.counts.output_tokens, day.counts.reasoning_tokens) == (20, 5)
    assert day.stated_cost == D("0.03")
    assert day.computed.amount == (350 * D(2) + 25 * D(8)) / 1_000_000
    assert day.sheet == "public"


def test_lines_are_apart_by_initiative_model_day_and_currency():
    lines = days(
        row(),
        row(initiative_id=None),
        row(model="long"),
        row(charge_period_start=START + timedelta(days=1)),
        row(billing_currency="EUR"),
    )

    assert len(lines) == 5
    assert [line.initiative_id for line in lines].count(None) == 1


def test_a_day_is_a_utc_day_and_its_end_is_not_included():
    midnight = datetime(2026, 11, 3, tzinfo=UTC)

    lines = days(row(charge_period_start=midnight), row(charge_period_start=midnight - timedelta(microseconds=1)))

    assert sorted(line.day for line in lines) == [date(2026, 11, 2), date(2026, 11, 3)]


def test_rows_of_money_alone_are_passed_over():
    assert days(row(calls=None, input_tokens=None, output_tokens=0)) == []
    assert day_figures([], book_of) == []


def test_no_request_is_priced_by_the_length_of_the_sum():
    (short,) = days(row(model="long", input_tokens=900), row(model="long", input_tokens=900))
    (mixed,) = days(row(model="long", input_tokens=1000), row(model="long", input_tokens=1001))

    assert short.computed.amount == (1800 * D(2) + 20 * D(8)) / 1_000_000
    assert mixed.computed.amount == (1000 * D(2) + 1001 * D(4) + 20 * D(8)) / 1_000_000
    assert not mixed.computed.tier_assumed


def test_cached_input_counts_towards_the_length_of_a_request():
    (day,) = days(row(model="long", input_tokens=1, cached_read_tokens=1000, output_tokens=0))

    assert day.computed.amount == 1001 * D(4) / 1_000_000


def test_a_row_that_sums_requests_stands_at_the_base_tier_and_says_so():
    (day,) = days(row(model="long", calls=3, input_tokens=3000, output_tokens=0))

    assert (day.computed.amount, day.computed.tier_assumed) == (D("0.006"), True)
    assert (day.output_tokens_max, day.latency_p50_ms, day.cost_p95) == (None, None, None)


def test_batch_requests_cost_the_batch_price():
    (day,) = days(row(output_tokens=0), row(output_tokens=0), batch=[True, False])

    assert day.computed.amount == 100 * (D(1) + D(2)) / 1_000_000
    assert day.counts.batch_calls == 1


def test_a_yes_counts_all_calls_of_its_row_and_a_number_only_itself():
    (yes,) = days(row(calls=5), failed=[True])
    (number,) = days(row(calls=5), failed=[2])

    assert (yes.counts.failed_calls, number.counts.failed_calls) == (5, 2)


def test_an_unknown_model_has_an_unknown_cost_that_names_it():
    (day,) = days(row(model="house-llama"))

    assert day.computed.amount is None
    assert "house-llama" in day.computed.reason
    assert day.stated_cost == D("0.01")


def test_percentiles_come_from_single_requests_only():
    requests = [
        row(effective_cost=f"0.{number:03}", charge_period_end=START + timedelta(milliseconds=number))
        for number in range(1, 21)
    ]
    (day,) = days(*requests, row(calls=50, effective_cost="9", charge_period_end=START + timedelta(seconds=90)))

    assert (day.latency_p50_ms, day.latency_p95_ms) == (10, 19)
    assert (day.cost_p95, day.cost_p99) == (D("0.019"), D("0.020"))


@pytest.mark.parametrize(("milliseconds", "latency"), [(0, None), (1, 1), (3_599_999, 3_599_999), (3_600_000, None)])
def test_a_span_of_an_hour_or_none_is_no_latency(milliseconds, latency):
    (day,) = days(row(charge_period_end=START + timedelta(milliseconds=milliseconds)))

    assert day.latency_p50_ms == latency


@pytest.mark.parametrize(("limit", "over"), [(9, 2), (10, 1), (11, 1), (12, 0)])
def test_calls_over_the_output_limit_say_more_than_it(limit, over):
    (day,) = day_figures(
        [frame(row(output_tokens=10), row(output_tokens=7, reasoning_tokens=5))], book_of, output_limits={7: limit}
    )

    assert (day.output_limit, day.calls_over_limit, day.output_tokens_max) == (limit, over, 12)


def test_without_a_limit_calls_over_it_are_unknown():
    assert days(row())[0].calls_over_limit is None


def test_calls_by_type_and_users_are_counted_without_naming_anybody():
    (day,) = days(row(), row(user_id="u2"), row(user_id=None, charge_description=None))

    assert day.calls_by_type == {"": 1, "chat": 2}
    assert day.users == 2
    assert "u2" not in repr(day)


def test_delivered_batches_give_the_same_days_as_one():
    rows = [row(input_tokens=number, effective_cost=f"0.0{number}") for number in range(1, 8)]

    assert day_figures([frame(*rows[:3]), frame(*rows[3:])], book_of) == days(*rows)


COUNT = st.integers(0, 3000)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(COUNT, COUNT, COUNT, st.sampled_from(["flat", "long"]), st.sampled_from([1, 2])), max_size=12)
)
def test_days_hold_every_token_and_the_cost_of_every_request(requests):
    rows = [
        row(input_tokens=fresh, cached_read_tokens=read, output_tokens=said, model=model, calls=calls)
        for fresh, read, said, model, calls in requests
    ]

    lines = days(*rows) if rows else []

    assert total(line.counts for line in lines).tokens == sum(sum(one[:3]) for one in requests)
    expected = sum(
        (fresh + read) * (4 if model == "long" and calls == 1 and fresh + read > 1000 else 2) + said * 8
        for fresh, read, said, model, calls in requests
    )
    assert sum((line.computed.amount for line in lines), D(0)) == D(expected) / 1_000_000


def with_parts(part_id: int, key: int, *rows: dict) -> pl.DataFrame:
    return frame(*rows).with_columns(pl.lit(part_id).alias("part_id"), pl.lit(key).alias("cost_key_id"))


def test_a_gatherer_keeps_parts_apart_over_many_batches():
    gatherer = UsageGatherer()
    gatherer.add(with_parts(1, 5, row(), row()))
    gatherer.add(with_parts(2, 5, row()))
    gatherer.add(with_parts(1, 5, row()))

    parts = {
        part_id: [(line.cost_key_id, line.counts.calls) for line in lines] for part_id, lines in gatherer.parts(book_of)
    }

    assert parts == {1: [(5, 3)], 2: [(5, 1)]}


def test_a_gatherer_keeps_keys_apart_so_that_attribution_can_move_them():
    gatherer = UsageGatherer()
    gatherer.add(with_parts(1, 5, row()))
    gatherer.add(with_parts(1, 6, row()))

    ((_, lines),) = gatherer.parts(book_of)

    assert [line.cost_key_id for line in lines] == [5, 6]


def test_a_gatherer_keeps_nothing_of_rows_without_usage():
    gatherer = UsageGatherer()
    gatherer.add(with_parts(1, 5, row(calls=None, input_tokens=None, output_tokens=None)))
    gatherer.add(with_parts(1, 5))

    assert list(gatherer.parts(book_of)) == []


def test_longest_answers_keep_their_lines_so_that_a_later_limit_finds_them():
    rows = [row(row_number=line, output_tokens=line) for line in range(1, LONGEST_KEPT + 3)]

    (day,) = day_figures([frame(*rows)], book_of)

    assert len(day.longest_answers) == LONGEST_KEPT
    assert day.longest_answers[0] == (LONGEST_KEPT + 2, LONGEST_KEPT + 2)
    assert day.longest_answers[-1] == (3, 3)


def test_largest_task_is_measured_over_its_models_and_told_once_a_day():
    later = {
        "charge_period_start": START + timedelta(seconds=80),
        "charge_period_end": START + timedelta(seconds=89, milliseconds=1),
    }
    rows = [
        row(session_id="a", output_tokens=10, input_tokens=0),
        row(session_id="a", model="long", output_tokens=5, input_tokens=0, **later),
        row(session_id="b", output_tokens=12, input_tokens=0),
        row(session_id="", output_tokens=999, input_tokens=0),
    ]

    days = day_figures([frame(*rows)], book_of)

    told = [day for day in days if day.iterations_max is not None]
    assert len(told) == 1
    assert (told[0].iterations_max, told[0].task_tokens_max, told[0].task_seconds_max) == (2, 15, 90)


def test_a_task_that_nobody_saw_end_has_no_seconds_and_its_other_measures():
    (day,) = day_figures([frame(row(session_id="a", charge_period_end=None))], book_of)

    assert (day.iterations_max, day.task_tokens_max, day.task_seconds_max) == (1, 110, None)


def test_rows_without_a_task_measure_none():
    (day,) = day_figures([frame(row())], book_of)

    assert (day.iterations_max, day.task_tokens_max, day.longest_answers) == (None, None, ())


def test_names_longer_than_a_day_keeps_are_cut_and_add_up_to_one_day():
    long = row(model="m" * 2000, provider_name="p" * 2000)

    (day,) = day_figures([frame(long, {**long, "model": "m" * 301})], book_of)

    assert (len(day.model), len(day.provider), day.counts.calls) == (300, 200, 2)
