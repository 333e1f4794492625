from datetime import date
from decimal import Decimal

import pytest

from projects.wallets.rules import Moves, is_virtual, unit_key, wallet_of

DAY = date(2025, 4, 1)


def moves(unit="Token", bought="0", used="0", **said):
    usual = {"currency": "USD", "paid": Decimal(0), "drawn": Decimal(0), "first_day": DAY, "last_day": DAY}
    return Moves(unit=unit, bought=Decimal(bought), used=Decimal(used), **usual | said)


@pytest.mark.parametrize(
    ("unit", "virtual"),
    [("Token", True), ("AI credits", True), ("tokens", True), ("Hours", False), ("GB-Mo", False), ("Tokenised", False)],
)
def test_a_unit_is_known_for_a_credit_by_its_name(unit, virtual):
    assert is_virtual(unit) == virtual


def test_one_unit_is_compared_whatever_its_case_and_number():
    assert unit_key(" Tokens ") == unit_key("token") != unit_key("credit")


def test_the_balance_is_bought_less_used():
    wallet = wallet_of("saas", "ACME", [moves(bought="100000"), moves(used="615", is_priced_in=True)])

    assert (wallet.bought, wallet.used, wallet.balance, wallet.is_overdrawn) == (100000, 615, 99385, False)


@pytest.mark.parametrize(("used", "overdrawn"), [("10", False), ("10.01", True)])
def test_a_wallet_is_overdrawn_below_zero_and_not_at_it(used, overdrawn):
    wallet = wallet_of("saas", "ACME", [moves(bought="10", used=used)])

    assert wallet.is_overdrawn == overdrawn


@pytest.mark.parametrize(
    ("unit", "priced", "found"), [("Hours", False, False), ("Hours", True, True), ("Token", False, True)]
)
def test_hours_and_gigabytes_are_no_wallet_unless_a_use_is_priced_in_them(unit, priced, found):
    assert (wallet_of("cloud", "AWS", [moves(unit, bought="1", is_priced_in=priced)]) is not None) == found


def test_money_stays_apart_by_currency():
    wallet = wallet_of("saas", "ACME", [moves(paid=Decimal(5)), moves(paid=Decimal(7), currency="EUR")])

    assert wallet.paid == {"USD": 5, "EUR": 7}
    assert wallet.drawn == {}
