from datetime import date
from decimal import Decimal

import pytest

from projects.rates.rules import Rate, RateBook
from projects.spend.converting import Cost, add_up, amounts, plus_words

MAY, JUNE = date(2026, 5, 1), date(2026, 6, 1)
BOOK = RateBook({(MAY, "EUR"): Rate(Decimal(1), Decimal("0.8")), (MAY, "GBP"): Rate(Decimal("1.5"), Decimal(1))})


def cost(amount, currency="USD", month=MAY, of="fraud", wanted="USD"):
    return Cost(of, wanted, currency, month, Decimal(amount))


def test_foreign_costs_are_added_at_the_rate_of_their_month_and_kept_beside_it():
    tally = add_up([cost("10.01"), cost("8", "EUR"), cost("4", "EUR"), cost("2", "GBP")], BOOK)["fraud"]

    assert tally.amount == Decimal("28.01")
    assert [(part.currency, part.amount, part.converted) for part in tally.foreign] == [
        ("EUR", Decimal(12), Decimal(15)),
        ("GBP", Decimal(2), Decimal(3)),
    ]
    assert tally.missing == ()
    assert tally.plus == ""


def test_a_month_without_a_rate_is_left_out_and_named():
    tally = add_up([cost("10"), cost("1200", "EUR", JUNE), cost("8", "EUR")], BOOK)["fraud"]

    assert tally.amount == Decimal(20)
    assert tally.plus == "plus 1,200.00 EUR without a rate for June 2026"


def test_the_missing_rate_may_be_that_of_the_own_currency():
    tally = add_up([cost("5", "USD", wanted="CHF")], BOOK)["fraud"]

    assert tally.plus == "plus 5.00 USD without a rate of CHF for May 2026"


def test_a_third_is_carried_to_the_end_and_thrice_it_is_whole():
    thirds = [cost("1", "USD", wanted="GBP"), cost("2", "USD", wanted="GBP", month=MAY)]

    assert add_up(thirds, BOOK)["fraud"].amount == Decimal(2)


def test_what_is_only_unknown_is_absent_and_not_zero():
    found = add_up([cost("5", "EUR", JUNE), cost("0", of="other")], BOOK)

    assert amounts(found) == {"other": Decimal(0)}


@pytest.mark.parametrize(
    ("months", "ending"), [(3, "March 2026"), (4, "; and 1 month more"), (5, "; and 2 months more")]
)
def test_many_missing_months_are_told_shortly(months, ending):
    costs = [cost("1", "EUR", date(2026, number, 1)) for number in range(1, months + 1)]

    assert plus_words(add_up(costs, RateBook({}))["fraud"].missing).endswith(ending)
