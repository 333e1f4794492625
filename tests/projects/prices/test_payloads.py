import gzip
import json
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects.prices.payloads import Difference, PayloadsUnreadable, compare, read_payloads
from projects.prices.rules import Rate
from projects.prices.sheets import DatedRates, PricedModel, Provider, Sheet
from projects.prices.shipped import FOLDER, in_order_of_force, shipped_sheets

PUBLISHED = gzip.decompress((FOLDER / "usage_payloads_with_expected_prices.json.gz").read_bytes())


def sheet(price: str, *, cached: bool = True, day: str = "2026-01-01", models: tuple[str, ...] = ("m",)) -> Sheet:
    mappings = [{"path": "in", "dest": "input_tokens", "required": True}]
    if cached:
        mappings.append({"path": "hit", "dest": "cache_read_tokens", "required": False})
    directions = {"api_flavor": "chat", "root": "usage", "model_path": "model", "mappings": mappings}
    rates = DatedRates({"input_mtok": Rate(Decimal(price)), "cache_read_mtok": Rate(Decimal(0))})
    priced = tuple(PricedModel(name, {"equals": name}, (rates,)) for name in models)
    return Sheet("test", date.fromisoformat(day), (Provider("acme", "Acme", priced, (directions,)),))


def payload(*, price: object = "0.000002", usage: dict | None = None, model: str = "m", **fields: object) -> dict:
    usage = usage or {"in": 2}
    return {
        "body": fields.get("body") or {"model": model, "usage": usage},
        "extracted": [
            {
                "usage": {"input_tokens": usage.get("in", 0)},
                "extractors": [
                    {"provider_id": "acme", "api_flavor": "chat", "input_price": price, "output_price": "0"},
                    {"provider_id": "other", "api_flavor": "chat"},
                ],
            }
        ],
    }


def outcome(payloads: list, *sheets: Sheet):
    return compare(read_payloads(json.dumps(payloads).encode()), sheets or (sheet("1"),))


def test_all_published_payloads_price_as_expected():
    result = compare(read_payloads(PUBLISHED), in_order_of_force(shipped_sheets(), date(2025, 11, 6)))

    assert (result.expectations, result.matched, result.unpriced, result.differences) == (1731, 1731, 0, [])


def test_a_wrong_price_in_a_published_payload_is_found():
    payloads = json.loads(PUBLISHED)[:1]
    payloads[0]["extracted"][0]["extractors"][0]["input_price"] = "0.0082290001"

    result = compare(
        read_payloads(json.dumps(payloads).encode()), in_order_of_force(shipped_sheets(), date(2025, 11, 6))
    )

    assert [(one.field, one.expected, one.got) for one in result.differences] == [
        ("input_price", "0.0082290001", "0.008229")
    ]


def test_only_entries_with_a_price_are_expectations():
    result = outcome([payload(), payload()])

    assert (result.expectations, result.matched) == (2, 2)


def test_a_price_that_is_null_is_no_expectation():
    nothing = payload(price=None)
    nothing["extracted"][0]["extractors"][0]["output_price"] = None

    assert (outcome([nothing]).expectations, outcome([payload(price=None)]).matched) == (0, 1)


def test_a_model_that_is_null_is_read_from_the_body():
    assert outcome([{**payload(), "model": None}]).matched == 1


def test_a_price_is_compared_as_a_decimal_whatever_its_zeros():
    assert outcome([payload(price="0.00000200")]).matched == 1


def test_a_different_price_is_reported_with_both_figures():
    result = outcome([payload(), payload(price="0.000003")])

    assert result.differences == [Difference(2, "acme", "chat", "input_price", expected="0.000003", got="0.000002")]


def test_a_different_token_count_is_reported_before_the_price():
    wrong = payload()
    wrong["extracted"][0]["usage"] = {"input_tokens": 3}

    assert outcome([wrong]).differences[0].field == "input_tokens"


def test_an_unknown_model_is_unpriced_and_neither_matched_nor_different():
    result = outcome([payload(model="unheard-of")])

    assert (result.matched, result.unpriced, result.differences) == (0, 1, [])


def test_a_body_without_usage_is_unpriced():
    assert outcome([payload(body={"model": "m"})]).unpriced == 1


def test_counts_that_contradict_one_another_are_unpriced():
    assert outcome([payload(usage={"in": 2, "hit": 3})]).unpriced == 1


def test_a_later_sheet_prices_what_the_sheet_in_force_does_not_know():
    result = outcome([payload(model="new", price="0.000010")], sheet("1"), sheet("5", models=("new",)))

    assert result.matched == 1


def test_the_price_follows_from_what_the_pricing_sheet_reads():
    with_hits = payload(usage={"in": 2, "hit": 2})

    assert outcome([with_hits], sheet("1", cached=False), sheet("1")).matched == 1
    assert outcome([with_hits], sheet("1"), sheet("1", cached=False)).differences[0].got == "0"


@pytest.mark.parametrize("content", [b"", b"\xff", b"{}", b"3", b"[" * 100_000, b"null"])
def test_a_file_that_is_no_list_of_payloads_is_refused(content):
    with pytest.raises(PayloadsUnreadable) as refused:
        read_payloads(content)

    assert refused.value.payload is None


@pytest.mark.parametrize(
    "broken",
    [
        1,
        {},
        {"body": {}, "extracted": 3},
        payload(price="cheap"),
        payload(price="NaN"),
        payload(price=True),
        {**payload(), "body": 3},
        {**payload(), "model": 3},
    ],
)
def test_a_payload_of_another_shape_is_refused_by_its_number(broken):
    with pytest.raises(PayloadsUnreadable, match="Payload 2") as refused:
        read_payloads(json.dumps([payload(), broken]).encode())

    assert refused.value.payload == 2


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["body", "extracted", "usage", "extractors", "in", "hit"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.lists(JSON, max_size=3), JSON)
def test_any_json_is_either_refused_or_accounted_for(payloads, usage):
    odd = {**payload(), "body": {"model": "m", "usage": usage}}

    try:
        result = outcome([*payloads, odd])
    except PayloadsUnreadable:
        return

    assert result.matched + result.unpriced + len(result.differences) == result.expectations


def test_the_sheet_in_force_comes_first_then_later_ones_then_earlier_ones():
    first, second, third = sheets = [sheet("1", day=day) for day in ("2026-01-01", "2026-05-01", "2026-09-01")]

    assert in_order_of_force(sheets, date(2025, 12, 31)) == [first, second, third]
    assert in_order_of_force(sheets, date(2026, 1, 1)) == [first, second, third]
    assert in_order_of_force(sheets, date(2026, 5, 1)) == [second, third, first]
    assert in_order_of_force(sheets, date(2027, 1, 1)) == [third, second, first]


def test_shipped_sheets_are_dated_by_their_file_and_in_order():
    days = [one.taken_on.isoformat() for one in shipped_sheets()]

    assert days == sorted(days)
    assert days == sorted(path.name[len("genai-prices-") :][:10] for path in FOLDER.glob("genai-prices-*"))


CACHED = {"input_tokens": 1000, "cache_read_input_tokens": 2000, "cache_creation_input_tokens": 400,
          "cache_creation": {"ephemeral_5m_input_tokens": 300, "ephemeral_1h_input_tokens": 100},
          "output_tokens": 50}  # fmt: skip
SPOKEN = {"promptTokenCount": 1000, "candidatesTokenCount": 10,
          "promptTokensDetails": [{"modality": "AUDIO", "tokenCount": 600}, {"modality": "TEXT", "tokenCount": 400}]}  # fmt: skip
ASKED = {"prompt_tokens": 1000, "prompt_tokens_details": {"cached_tokens": 400}, "completion_tokens": 10}


@pytest.mark.parametrize(
    ("provider", "api", "body", "input_price", "output_price"),
    [
        # 1,000 at 3, 2,000 read at 0.3, 300 written for five minutes at 3.75, 100 for an hour at 6; 50 at 15
        ("anthropic", "default", {"model": "claude-sonnet-4-5-20250929", "usage": CACHED}, "0.005325", "0.00075"),
        ("anthropic", "default", {"model": "claude-sonnet-4-5", "usage": {"input_tokens": 200_000, "output_tokens": 100}},
         "0.6", "0.0015"),  # at the threshold
        ("anthropic", "default", {"model": "claude-sonnet-4-5", "usage": {"input_tokens": 200_001, "output_tokens": 100}},
         "1.200006", "0.00225"),  # above it the whole request costs 6 and 22.5
        ("openai", "chat", {"model": "gpt-4o-2024-08-06", "usage": ASKED}, "0.002", "0.0001"),
        ("openai", "chat", {"model": "gpt-4o", "service_tier": "priority", "usage": ASKED}, "0.0034", "0.00017"),
        ("anthropic", "default", {"model": "claude-sonnet-4-5", "usage": {**CACHED, "service_tier": "batch"}},
         "0.0026625", "0.000375"),  # half
        ("google", "default", {"modelVersion": "gemini-2.5-flash", "usageMetadata": SPOKEN}, "0.00072", "0.000025"),
        ("aws", "anthropic", {"model": "bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0",
                              "usage": {"input_tokens": 1000, "output_tokens": 10}}, "0.0033", "0.000165"),
        ("azure", "chat", {"model": "azure/gpt-4o-2024-11-20", "usage": {"prompt_tokens": 1000, "completion_tokens": 10}},
         "0.0025", "0.0001"),
    ],
)  # fmt: skip
def test_prices_worked_out_by_hand_are_met(provider, api, body, input_price, output_price):
    named = {"provider_id": provider, "api_flavor": api, "input_price": input_price, "output_price": output_price}
    payloads = json.dumps([{"body": body, "extracted": [{"usage": {}, "extractors": [named]}]}]).encode()
    on = date(2026, 11, 20)

    result = compare(read_payloads(payloads), in_order_of_force(shipped_sheets(), on), on=on)

    assert (result.matched, result.unpriced, result.differences) == (1, 0, [])


def test_a_dearer_tier_is_not_charged_before_its_price_is_known():
    body = {"model": "gpt-4o", "service_tier": "priority", "usage": ASKED}
    named = {"provider_id": "openai", "api_flavor": "chat", "input_price": "0.002", "output_price": "0.0001"}
    payloads = json.dumps([{"body": body, "extracted": [{"usage": {}, "extractors": [named]}]}]).encode()

    result = compare(read_payloads(payloads), in_order_of_force(shipped_sheets(), date(2025, 11, 6)))

    assert (result.matched, result.differences) == (1, [])
