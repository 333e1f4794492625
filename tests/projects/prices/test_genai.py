import gzip
import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from genai_prices.data import providers as library
from hypothesis import given, settings
from hypothesis import strategies as st

from projects.prices.genai import SheetUnreadable, read_sheet, write_sheet
from projects.prices.rules import Rate, Tier, UnusableUsage, charge

DAY = date(2026, 8, 21)
MODEL = {"id": "m", "match": {"equals": "m"}, "prices": {"input_mtok": 2.5}}


def document(*models: dict, **envelope: object) -> bytes:
    providers = [{"id": "p", "name": "P", "models": [*models]}]
    return json.dumps({"providers": providers, **envelope} if envelope else providers).encode()


def read_model(**fields: object):
    return read_sheet(document({**MODEL, **fields}), taken_on=DAY).providers[0].models[0]


def test_prices_are_read_as_decimals_and_never_as_floats():
    priced = read_model(prices={"input_mtok": 2.5e-06, "output_mtok": "0.1"})

    assert priced.prices[0].rates == {"input_mtok": Rate(Decimal("0.0000025")), "output_mtok": Rate(Decimal("0.1"))}


def test_tiers_are_put_in_order():
    tiers = [{"start": 200_000, "price": 4}, {"start": 128_000, "price": 2}]

    priced = read_model(prices={"input_mtok": {"base": 1, "tiers": tiers}})

    rate = Rate(Decimal(1), (Tier(128_000, Decimal(2)), Tier(200_000, Decimal(4))))
    assert priced.prices[0].rates["input_mtok"] == rate


def test_days_and_hours_of_prices_are_read():
    priced = read_model(
        prices=[
            {"prices": {"input_mtok": 1}},
            {"constraint": {"start_date": "2026-09-01"}, "prices": {"input_mtok": 2}},
            {
                "constraint": {"start_time": "00:30:00Z", "end_time": "16:30:00Z"},
                "prices": {"input_mtok": 3},
            },
        ]
    )

    assert priced.rates_at(datetime(2026, 9, 1, 20, tzinfo=UTC))["input_mtok"].base == 2
    assert priced.rates_at(datetime(2026, 9, 1, 16, tzinfo=UTC))["input_mtok"].base == 3


def test_a_price_for_an_unknown_unit_is_left_out():
    assert list(read_model(prices={"input_mtok": 1, "moon_dust": 2}).prices[0].rates) == ["input_mtok"]


def test_an_envelope_names_source_and_day_and_the_checksum_is_of_the_plain_text():
    content = document(MODEL, source="somebody", taken_on="2026-08-21")

    plain, packed = read_sheet(content), read_sheet(gzip.compress(content))

    assert (plain.source, plain.taken_on, plain.entries) == ("somebody", DAY, 1)
    assert plain.sha256 == packed.sha256


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\x1f\x8bbroken",
        b"[]",
        b'{"taken_on": "2026-08-21"}',
        b'{"taken_on": "soon", "providers": []}',
        b'{"taken_on": "2026-08-21", "providers": [1]}',
        b"[" * 100_000,
    ],
)
def test_a_document_of_another_shape_is_refused(content):
    with pytest.raises(SheetUnreadable):
        read_sheet(content)


@pytest.mark.parametrize(
    "fields",
    [
        {"prices": {"input_mtok": -1}},
        {"prices": {"input_mtok": "NaN"}},
        {"prices": {"input_mtok": "much"}},
        {"prices": {"input_mtok": {"base": 1}}},
        {"match": {"sounds_like": "m"}},
        {"match": {}},
    ],
)
def test_a_model_with_an_impossible_price_or_match_is_refused(fields):
    with pytest.raises(SheetUnreadable):
        read_model(**fields)


def test_a_price_of_zero_is_a_price():
    assert read_model(prices={"input_mtok": 0}).prices[0].rates == {"input_mtok": Rate(Decimal(0))}


def test_what_is_written_of_the_library_reads_back_whole():
    sheet = read_sheet(write_sheet("library", DAY, library))

    assert sheet.entries == sum(len(provider.models) for provider in library)
    assert [provider.id for provider in sheet.providers] == [provider.id for provider in library]


SHEET = read_sheet(write_sheet("library", DAY, library))
PAIRS = [
    (theirs, model, ours.models[number])
    for theirs, ours in zip(library, SHEET.providers, strict=True)
    for number, model in enumerate(theirs.models)
]
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 2, 1), timezones=st.just(UTC))
SMALL = st.integers(0, 400_000)


@settings(max_examples=300, deadline=None)
@given(
    pair=st.sampled_from(PAIRS),
    moment=MOMENTS,
    parts=st.tuples(SMALL, SMALL, SMALL, SMALL, SMALL, SMALL),
    batch=st.booleans(),
)
def test_our_arithmetic_agrees_with_the_library_for_any_model_moment_and_usage(pair, moment, parts, batch):
    provider, theirs, ours = pair
    fresh, read, short, hour, spoken, thought = parts
    counts = {
        "input_tokens": fresh + read + short + hour,
        "cache_read_tokens": read,
        "cache_write_tokens": short + hour,
        "cache_write_5m_tokens": short,
        "cache_write_1h_tokens": hour,
        "output_tokens": spoken + thought,
        "output_reasoning_tokens": thought,
    }
    context = {"processing": "batch"} if batch else None

    expected = theirs.calc_price(counts, provider, genai_request_timestamp=moment, price_context=context)
    got = charge({key: Decimal(count) for key, count in counts.items()}, ours.rates_at(moment, context))

    assert (got.input, got.output, got.total) == (expected.input_price, expected.output_price, expected.total_price)


@settings(max_examples=200, deadline=None)
@given(pair=st.sampled_from(PAIRS), whole=SMALL, read=SMALL)
def test_we_refuse_contradicting_counts_exactly_where_the_library_does(pair, whole, read):
    provider, theirs, ours = pair
    moment = datetime(2026, 8, 21, 12, tzinfo=UTC)
    counts = {"input_tokens": whole, "cache_read_tokens": read}

    try:
        expected = theirs.calc_price(counts, provider, genai_request_timestamp=moment).input_price
    except ValueError:
        expected = None
    try:
        got = charge({key: Decimal(count) for key, count in counts.items()}, ours.rates_at(moment)).input
    except UnusableUsage:
        got = None

    assert got == expected
