from datetime import date
from decimal import Decimal

import pytest

from projects.prices.quotes import Unpriced
from projects.prices.selectors import (
    catalogue,
    cheaper_alternatives,
    model_choices,
    price_book,
    price_of,
    search_prices,
    sheets,
    shortlist_finding,
    split_reference,
)
from projects.prices.services import approve_override, propose_override
from tests.factories.prices import AT, catalogued, terms

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 19)


def test_without_a_sheet_every_model_is_unpriced():
    assert price_of("openai", "gpt-4o", DAY) == Unpriced("openai", "gpt-4o", "No price sheet is loaded.")


def test_a_model_has_the_price_of_the_sheet_in_force(public_prices):
    price = price_of("openai", "gpt-4o", DAY)

    assert (price.input, price.output, price.taken_on) == (Decimal("2.5"), Decimal(10), date(2026, 11, 9))
    assert price_of("openai", "gpt-4o", date(2026, 9, 1)).taken_on == date(2026, 8, 19)


def test_a_day_before_the_first_sheet_is_priced_by_the_first(public_prices):
    assert sheets(date(2025, 1, 1))[0].taken_on == date(2026, 8, 19)


def test_batch_costs_half_where_the_sheet_says_so(public_prices):
    assert price_of("openai", "gpt-4o", DAY, {"processing": "batch"}).input == Decimal("1.25")


def test_an_override_changes_the_price_on_its_days_only(public_prices, fiona, felix):
    override = propose_override(terms=terms(valid_to=date(2026, 12, 1)), by=fiona, at=AT)
    approve_override(override_id=override.pk, by=felix, at=AT)

    prices = [price_of("OpenAI", "gpt-4o", date.fromisoformat(day)).input for day in ("2026-05-31", "2026-06-01")]

    assert prices == [Decimal("2.5"), Decimal(2)]
    assert price_of("OpenAI", "gpt-4o", date(2026, 11, 30)).override_ids == (override.pk,)
    assert price_of("OpenAI", "gpt-4o", date(2026, 12, 1)).override_ids == ()


def test_a_proposed_override_changes_nothing(public_prices, fiona):
    propose_override(terms=terms(), by=fiona, at=AT)

    assert price_of("openai", "gpt-4o", DAY).input == Decimal("2.5")


def test_a_book_prices_many_models_with_one_look_at_the_tables(public_prices, django_assert_num_queries):
    price_of("openai", "gpt-4o", DAY)

    with django_assert_num_queries(2):
        book = price_book(DAY)
        for model in ("gpt-4o", "gpt-4o-mini", "unheard-of"):
            book.price("openai", model)


@pytest.mark.parametrize(
    ("reference", "parts"),
    [("openai:gpt-4o", ("openai", "gpt-4o")), ("aws: nova:0 ", ("aws", "nova:0")), ("gpt-4o", ("", "gpt-4o"))],
)
def test_a_reference_splits_at_its_first_colon(reference, parts):
    assert split_reference(reference) == parts


def test_choices_are_the_usable_models_of_the_catalogue(public_prices):
    catalogued("openai", "gpt-4o", "frontier")
    catalogued("openai", "gpt-4o-mini", "small", "trial")
    catalogued("openai", "gpt-3.5-turbo", "small", "retiring")
    catalogued("openai", "gpt-4", "frontier", "barred")

    assert [one.reference for one in model_choices(DAY)] == ["openai:gpt-4o", "openai:gpt-4o-mini"]
    assert [one.reference for one in model_choices(DAY, tier="small")] == ["openai:gpt-4o-mini"]


def test_cheaper_alternatives_come_from_the_catalogue_and_can_do_the_work(public_prices):
    catalogued("openai", "gpt-4o", "frontier")
    catalogued("openai", "gpt-4o-mini", "small")

    assert [one.reference for one in cheaper_alternatives("openai:gpt-4o", DAY)] == ["openai:gpt-4o-mini"]
    assert cheaper_alternatives("openai:gpt-4o", DAY, tier="frontier") == []
    assert cheaper_alternatives("openai:unheard-of", DAY) == []


def test_a_shortlist_is_priced_and_judged(public_prices):
    catalogued("openai", "gpt-4o-mini", "small")

    alone = shortlist_finding(["openai:gpt-4o"], DAY)
    both = shortlist_finding(["openai:gpt-4o", "openai:gpt-4o-mini"], DAY)
    odd = shortlist_finding(["openai:unheard-of"], DAY)

    assert [blocker.code for blocker in alone.blockers] == ["no_cheaper_alternative"]
    assert both.blockers == []
    assert [line.price.input for line in both.lines] == [Decimal("2.5"), Decimal("0.15")]
    assert [blocker.code for blocker in odd.blockers] == ["model_unpriced"]


def test_search_finds_models_by_every_word(public_prices):
    found = search_prices("OPENAI mini 4o", DAY)

    assert found
    assert all("mini" in one.name and "4o" in one.name for one in found)
    assert search_prices("openai no-such-model", DAY) == []
    assert len(search_prices("", DAY, limit=7)) == 7


def test_a_barred_model_is_not_foreseen(public_prices):
    catalogued("openai", "gpt-4o", "frontier")
    catalogued("openai", "gpt-4", status="barred")
    known = catalogue(DAY)

    assert known.foresees("OpenAI", "GPT-4o")
    assert not known.foresees("openai", "gpt-4")
    assert not known.foresees("openai", "gpt-5")


def test_a_dated_name_stands_in_the_catalogue_under_its_listed_one(public_prices):
    catalogued("openai", "gpt-4o", "frontier")

    assert catalogue(DAY).entry("openai", "gpt-4o-2024-08-06").tier == "frontier"
    assert catalogue(DAY).entry("", "gpt-4o").tier == "frontier"
    assert catalogue(DAY).entry("openai", "unheard-of") is None
