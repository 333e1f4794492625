from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal

import pytest

from projects.prices.rules import Rate
from projects.prices.sheets import DatedRates, PricedModel, Provider, Sheet, Validity, Variant, matches, spread_day


def rate(price: str) -> dict[str, Rate]:
    return {"input_mtok": Rate(Decimal(price))}


def model(name: str, *, prices: tuple[DatedRates, ...] = (), variants: tuple[Variant, ...] = ()) -> PricedModel:
    return PricedModel(name, {"equals": name}, prices or (DatedRates(rate("1")),), variants=variants)


def at(day: str, hour: int = 12) -> datetime:
    return datetime.fromisoformat(day).replace(hour=hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "price"), [("2026-08-31", "1"), ("2026-09-01", "2"), ("2026-09-30", "2"), ("2026-10-01", "3")]
)
def test_the_last_price_that_has_started_holds(day, price):
    dated = model(
        "m",
        prices=(
            DatedRates(rate("1")),
            DatedRates(rate("2"), Validity(start=date(2026, 9, 1))),
            DatedRates(rate("3"), Validity(start=date(2026, 10, 1))),
        ),
    )

    assert dated.rates_at(at(day)) == rate(price)


def test_the_first_price_stands_in_before_any_has_started():
    dated = model("m", prices=(DatedRates(rate("7"), Validity(start=date(2026, 9, 1))),))

    assert dated.rates_at(at("2026-01-01")) == rate("7")


@pytest.mark.parametrize(
    ("hours", "hour", "holds"),
    [
        ((1, 16), 0, False),
        ((1, 16), 1, True),
        ((1, 16), 15, True),
        ((1, 16), 16, False),
        ((16, 1), 23, True),
        ((16, 1), 0, True),
        ((16, 1), 1, False),
    ],
)
def test_hours_hold_from_their_start_to_before_their_end_even_over_midnight(hours, hour, holds):
    validity = Validity(hours=(time(hours[0]), time(hours[1])))

    assert validity.holds(at("2026-01-01", hour)) is holds


def test_a_start_day_is_a_day_in_utc():
    validity = Validity(start=date(2026, 9, 1))
    late_in_new_york = datetime(2026, 8, 31, 21, tzinfo=timezone(timedelta(hours=-4)))

    assert validity.holds(late_in_new_york)


def test_a_batch_price_replaces_the_standard_one_only_in_batch():
    batch = model("m", variants=(Variant({"processing": "batch"}, rate("0.5")),))

    assert batch.rates_at(at("2026-01-01"), {"processing": "batch"}) == rate("0.5")
    assert batch.rates_at(at("2026-01-01"), {"processing": "stream"}) == rate("1")
    assert batch.rates_at(at("2026-01-01")) == rate("1")


def test_the_first_fitting_variant_decides_each_price():
    two = model(
        "m",
        variants=(
            Variant({"service_tier": "flex"}, rate("0.4")),
            Variant({"processing": "batch"}, {**rate("0.5"), "output_mtok": Rate(Decimal(9))}),
        ),
    )

    rates = two.rates_at(at("2026-01-01"), {"service_tier": "flex", "processing": "batch"})

    assert rates == {"input_mtok": Rate(Decimal("0.4")), "output_mtok": Rate(Decimal(9))}


def test_a_variant_waits_for_its_day():
    later = model("m", variants=(Variant({"processing": "batch"}, rate("0.5"), Validity(start=date(2026, 9, 1))),))

    assert later.rates_at(at("2026-08-31"), {"processing": "batch"}) == rate("1")
    assert later.rates_at(at("2026-09-01"), {"processing": "batch"}) == rate("0.5")


@pytest.mark.parametrize(
    ("clause", "yes", "no"),
    [
        ({"equals": "GPT-4o"}, "gpt-4O", "gpt-4o-mini"),
        ({"contains": "claude"}, "eu.anthropic.Claude-3", "gpt"),
        ({"starts_with": "gpt-"}, "GPT-5", "my-gpt-5"),
        ({"ends_with": "-mini"}, "gpt-4o-Mini", "mini-gpt"),
        ({"regex": "^o[134]"}, "o3-pro", "o2"),
        ({"or": [{"equals": "a"}, {"equals": "b"}]}, "b", "c"),
        ({"and": [{"contains": "a"}, {"contains": "b"}]}, "ab", "a"),
    ],
)
def test_a_clause_tells_names_apart_whatever_their_case(clause, yes, no):
    assert matches(clause, yes)
    assert not matches(clause, no)


@pytest.mark.parametrize(
    ("written", "spread"),
    [
        ("gpt-5.2-20251211", "gpt-5.2-2025-12-11"),
        ("gpt-5.2-20251211-v1:0", "gpt-5.2-2025-12-11-v1:0"),
        ("gpt-5.2-20250231", "gpt-5.2-20250231"),
        ("gpt-5.2-2025-12-11", "gpt-5.2-2025-12-11"),
        ("model-202512111", "model-202512111"),
    ],
)
def test_a_compact_day_is_spread_where_it_is_a_day(written, spread):
    assert spread_day(written) == spread


OPENAI = Provider("openai", "OpenAI", (model("gpt-4o"), model("gpt-5-2025-12-11")), model_match={"starts_with": "gpt"})
AZURE = Provider(
    "azure",
    "Azure",
    (model("phi"),),
    provider_match={"contains": "azure"},
    model_match={"contains": "phi"},
    fallbacks=("openai",),
)
SHEET = Sheet("test", date(2026, 1, 1), (OPENAI, AZURE))


@pytest.mark.parametrize(
    ("provider", "name", "found"),
    [
        ("openai", "gpt-4o", ("openai", "gpt-4o")),
        ("OpenAI ", "GPT-4o", ("openai", "gpt-4o")),
        ("Azure OpenAI", "gpt-4o", ("azure", "gpt-4o")),
        ("", "gpt-4o", ("openai", "gpt-4o")),
        ("", "azure/gpt-4o", ("azure", "gpt-4o")),
        ("litellm", "openai/gpt-4o", ("openai", "gpt-4o")),
        ("openai", "gpt-5-20251211", ("openai", "gpt-5-2025-12-11")),
        ("openai", "openai/gpt-4o", ("openai", "gpt-4o")),
        ("azure", "azure/gpt-4o", ("azure", "gpt-4o")),
        ("Azure OpenAI", "azure/gpt-5-20251211", ("azure", "gpt-5-2025-12-11")),
    ],
)
def test_a_model_is_found_by_the_names_that_bills_use(provider, name, found):
    who, what = SHEET.find(provider, name)

    assert (who.id, what.id) == found


@pytest.mark.parametrize(
    ("provider", "name"),
    [
        ("openai", "phi"),
        ("nobody", "gpt-4o"),
        ("", "llama"),
        ("openai", ""),
        ("openai", "azure/gpt-4o"),
        ("openai", "openai/"),
        ("nobody", "nobody/gpt-4o"),
        ("openai", "/gpt-4o"),
    ],
)
def test_an_unknown_model_is_not_found(provider, name):
    assert SHEET.find(provider, name) is None
