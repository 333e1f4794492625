from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects.prices.quotes import Agreed, Choice, Price, PriceBook, Unpriced, cheaper, is_capable, shortlist_blockers
from projects.prices.rules import Rate, Tier, uncharged_units
from projects.prices.sheets import DatedRates, PricedModel, Provider, Sheet

D = Decimal
NOON = datetime(2026, 11, 19, 12, tzinfo=UTC)


def sheet(price: str, *models: str, source: str = "public") -> Sheet:
    rates = DatedRates({"input_mtok": Rate(D(price)), "output_mtok": Rate(D(price) * 4)})
    priced = tuple(PricedModel(name, {"starts_with": name}, (rates,)) for name in models)
    return Sheet(source, date(2026, 11, 9), (Provider("openai", "OpenAI", priced),))


def agreed(price: str = "2", *, pattern: str = "gpt-4o", key: str = "input_mtok", **fields: object) -> Agreed:
    values = {"id": 1, "provider": "openai", "currency": "USD", "valid_from": date(2026, 6, 1), **fields}
    return Agreed(model_pattern=pattern, price_key=key, price=D(price), **values)


def quote(*ours: Agreed, sheets: tuple[Sheet, ...] = (sheet("2.5", "gpt-4o"),), model: str = "gpt-4o"):
    return PriceBook(NOON, sheets, ours).price("openai", model)


def test_a_listed_model_is_quoted_with_its_sheet():
    price = quote()

    assert (price.input, price.output, price.currency) == (D("2.5"), D(10), "USD")
    assert (price.sheet, price.taken_on, price.override_ids) == ("public", date(2026, 11, 9), ())


def test_the_sheet_in_force_is_asked_before_others():
    assert quote(sheets=(sheet("1", "gpt-4o"), sheet("9", "gpt-4o"))).input == 1


def test_another_sheet_is_asked_for_what_the_one_in_force_does_not_know():
    price = quote(sheets=(sheet("1", "other", source="old"), sheet("9", "gpt-4o", source="new")))

    assert (price.input, price.sheet) == (D(9), "new")


@pytest.mark.parametrize(
    ("book", "provider", "model", "reason"),
    [
        (PriceBook(NOON, ()), "openai", "gpt-4o", "No price sheet is loaded."),
        (PriceBook(NOON, (sheet("1", "m"),)), "openai", "gpt-9", "No price sheet has a price for gpt-9 of openai."),
        (PriceBook(NOON, (sheet("1", "m"),)), "", "gpt-9", "No price sheet has a price for gpt-9."),
        (
            PriceBook(NOON, (sheet("1", "m"),)),
            "Acme AI",
            "m",
            "No price sheet knows the provider Acme AI, so m has no price.",
        ),
        (PriceBook(NOON, (sheet("1", "m"),)), "openai", " ", "openai names no model."),
    ],
)
def test_an_unknown_model_or_provider_is_named_and_never_a_zero(book, provider, model, reason):
    assert book.price(provider, model) == Unpriced(provider, model, reason)


def test_an_agreed_price_replaces_only_its_own_unit():
    price = quote(agreed("2"))

    assert (price.input, price.output, price.override_ids) == (D(2), D(10), (1,))


def test_an_agreed_price_has_no_tiers():
    tiered = PricedModel(
        "gpt-4o", {"equals": "gpt-4o"}, (DatedRates({"input_mtok": Rate(D(3), (Tier(200_000, D(6)),))}),)
    )
    long = Sheet("public", date(2026, 11, 9), (Provider("openai", "OpenAI", (tiered,)),))

    assert quote(sheets=(long,)).thresholds == (200_000,)
    assert quote(agreed("2"), sheets=(long,)).thresholds == ()


def test_an_agreed_price_stands_for_a_model_that_no_sheet_knows():
    price = quote(agreed("7", pattern="house-*"), model="house-llama")

    assert (price.input, price.output, price.sheet) == (D(7), None, "")


def test_the_longer_pattern_and_then_the_later_day_decides():
    broad = agreed("1", pattern="gpt*", id=1)
    narrow = agreed("2", pattern="gpt-4o", id=2)
    later = agreed("3", pattern="gpt-4o", id=3, valid_from=date(2026, 7, 1))

    assert quote(narrow, broad).input == 2
    assert quote(later, narrow, broad).input == 3


@pytest.mark.parametrize("provider", ["openai", "OpenAI", "OPENAI"])
def test_an_agreed_price_knows_its_provider_by_id_or_name(provider):
    assert quote(agreed("2", provider=provider)).input == 2


def test_an_agreed_price_of_another_provider_or_model_is_passed_over():
    assert quote(agreed("2", provider="azure"), agreed("2", pattern="gpt-4")).input == D("2.5")


def test_an_agreed_price_in_another_currency_never_mixes_with_the_listed_one():
    price = quote(agreed("2", currency="EUR"))

    assert (price.currency, price.input, price.output) == ("EUR", D(2), None)
    assert uncharged_units({"input_tokens": D(1), "output_tokens": D(1)}, price.rates) == ["output_tokens"]


def test_agreed_prices_in_two_currencies_give_no_price():
    found = quote(agreed("2", currency="EUR"), agreed("8", key="output_mtok", currency="GBP"))

    assert found.reason == "Agreed prices of gpt-4o stand in EUR and GBP; keep one."


def test_a_price_counts_per_million_whatever_number_the_sheet_prices():
    price = Price("p", "m", {"requests_kcount": Rate(D(5))}, "USD")

    assert price.per_million("requests_kcount") == 5000
    assert price.input is None
    assert price.blended is None


def test_the_blended_price_is_of_three_parts_input_and_one_part_output():
    assert quote().blended == D("4.375")


def test_a_unit_without_a_price_is_named_unless_a_wider_unit_has_one():
    rates = {"input_mtok": Rate(D(1))}

    assert uncharged_units({"input_tokens": D(1), "cache_read_tokens": D(1)}, rates) == []
    assert uncharged_units({"output_tokens": D(0), "web_searches": D(2)}, rates) == ["web_searches"]


def choice(reference: str, cost: str | None, *, tier: str = "mid", currency: str = "USD") -> Choice:
    provider, model = reference.split(":")
    if cost is None:
        return Choice(reference, tier, "approved", Unpriced(provider, model, "No price sheet is loaded."))
    rates = {"input_mtok": Rate(D(cost)), "output_mtok": Rate(D(cost))}
    return Choice(reference, tier, "approved", Price(provider, model, rates, currency))


@pytest.mark.parametrize(
    ("tier", "wanted", "capable"),
    [("small", "mid", False), ("mid", "mid", True), ("reasoning", "mid", True), ("", "mid", False), ("", "", True)],
)
def test_a_model_is_capable_of_its_own_tier_and_those_below(tier, wanted, capable):
    assert is_capable(tier, wanted) is capable


def test_cheaper_models_come_cheapest_first_without_equal_ones():
    intended = choice("o:intended", "3")
    others = [choice("o:b", "2"), choice("o:same", "3"), choice("o:a", "1"), choice("o:dear", "4"), choice("o:x", None)]

    assert [one.reference for one in cheaper(intended.price, others)] == ["o:a", "o:b"]


def test_models_in_another_currency_or_below_the_tier_are_not_compared():
    intended = choice("o:intended", "3", tier="frontier")
    others = [choice("o:euro", "1", tier="frontier", currency="EUR"), choice("o:small", "1", tier="small")]

    assert cheaper(intended.price, others, tier="frontier") == []


def codes(shortlist: list[Choice], catalogue: list[Choice], tier: str = "") -> list[str]:
    return [blocker.code for blocker in shortlist_blockers(shortlist, catalogue, tier=tier)]


def test_an_empty_shortlist_lacks_models():
    assert codes([], []) == ["shortlist_empty"]


def test_a_shortlist_with_a_cheaper_alternative_lacks_nothing():
    assert codes([choice("o:big", "3"), choice("o:lean", "2")], [choice("o:tiny", "1")]) == []


def test_a_shortlist_without_a_cheaper_alternative_is_told_of_one():
    blockers = shortlist_blockers([choice("o:big", "3"), choice("o:dear", "4")], [choice("o:tiny", "1")])

    assert [blocker.code for blocker in blockers] == ["no_cheaper_alternative"]
    assert "o:tiny" in blockers[0].message


def test_the_cheapest_capable_model_needs_no_alternative():
    catalogue = [choice("o:tiny", "1", tier="small"), choice("o:same", "3", tier="frontier")]

    assert codes([choice("o:big", "3", tier="frontier")], catalogue, tier="frontier") == []
    assert codes([choice("o:big", "3", tier="frontier")], catalogue, tier="small") == ["no_cheaper_alternative"]


def test_every_model_of_a_shortlist_needs_a_price():
    assert codes([choice("o:big", "3"), choice("o:odd", None)], []) == ["model_unpriced"]
    assert codes([choice("o:odd", None), choice("o:big", "3")], []) == ["model_unpriced"]


def test_a_model_priced_for_input_alone_cannot_lead_a_shortlist():
    half = Choice("o:half", "mid", "approved", Price("o", "half", {"input_mtok": Rate(D(1))}, "USD"))

    assert codes([half], []) == ["model_unpriced"]


@given(st.lists(st.integers(1, 50), min_size=1, max_size=8), st.integers(1, 50))
def test_what_is_cheaper_is_exactly_what_costs_less(costs, intended):
    catalogue = [choice(f"o:{number}", str(cost)) for number, cost in enumerate(costs)]

    found = cheaper(choice("o:intended", str(intended)).price, catalogue)

    assert sorted(one.price.input for one in found) == sorted(D(cost) for cost in costs if cost < intended)
