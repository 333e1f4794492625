"""Amounts as people write them: signs, symbols, thousands, units of thousands and millions, words instead."""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from projects.intake.import_values import Read, is_blank, one_line

SYMBOLS = {"£": "GBP", "€": "EUR", "$": "USD", "¥": "JPY"}
DOLLARS = frozenset({"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "TWD"})
UNITS = {"k": 10**3, "thousand": 10**3, "m": 10**6, "mn": 10**6, "million": 10**6, "millions": 10**6}
UNITS |= {"bn": 10**9, "b": 10**9, "billion": 10**9}
AMOUNT_LIMIT = Decimal(10) ** 15
CENT = Decimal("0.01")
MONEY = re.compile(
    r"(?P<sign>[-−+]?)\s*(?P<symbol>[£€$¥]|[A-Z]{3}(?=[\s\d.-]))?\s*(?P<inner>[-−]?)"
    r"(?P<number>[0-9][0-9.,' ]*|\.[0-9]+)(?P<power>[eE][+-]?[0-9]{1,2})?\s*(?P<unit>[A-Za-z]*)\.?"
)


@dataclass(frozen=True)
class Money:
    """How a column writes money: the factor of its unit, its currency ("" if each cell says), its decimal mark."""

    factor: Decimal = Decimal(1)
    currency: str = ""
    decimal: str = "."


def read_money(text: str, money: Money) -> Read[tuple[Decimal, str]]:
    """Return an amount in whole currency and its currency; 0 is 0, blank is nothing, words are a note."""
    text = one_line(text)
    if is_blank(text):
        return Read()
    bare, negative = (text[1:-1], True) if text.startswith("(") and text.endswith(")") else (text, False)
    match = MONEY.fullmatch(bare)
    if match is None or (match["sign"] and match["inner"]):
        return _words_or_problem(text)
    digits = _plain_digits(match["number"].strip(), money.decimal)
    if digits is None:
        return Read(problem="can be read as two amounts: write thousands and decimals as the mapping says")
    unit = match["unit"].lower()
    if unit and unit not in UNITS and unit.upper() not in _currencies(money):
        return Read(note=text)
    amount = Decimal(digits + (match["power"] or "")) * (UNITS.get(unit) or money.factor)
    if negative or "".join((match["sign"], match["inner"])).replace("−", "-") == "-":
        amount = -amount
    named = "" if unit in UNITS else unit.upper()
    return _in_currency(amount, match["symbol"] or named, money)


def _plain_digits(number: str, mark: str) -> str | None:
    other = "," if mark == "." else "."
    whole, _, decimals = number.partition(mark)
    if mark in decimals or other in decimals or not (decimals or whole).strip():
        return None
    groups = re.split(rf"[{re.escape(other)}' ]", whole)
    if len(groups) > 1 and not (1 <= len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:])):
        return None
    if not re.fullmatch(r"[0-9]*", decimals):
        return None
    return ("".join(groups) or "0") + (f".{decimals}" if decimals else "")


def _words_or_problem(text: str) -> Read[tuple[Decimal, str]]:
    if re.match(r"[-−+(]?\s*[£€$¥]?\s*[-−]?[0-9.]", text) and not re.search(r"[A-Za-z]{4}", text):
        return Read(problem="is not an amount of money")
    return Read(note=text)


def _currencies(money: Money) -> frozenset[str]:
    return frozenset({money.currency, *SYMBOLS.values()}) | DOLLARS


def _in_currency(amount: Decimal, symbol: str, money: Money) -> Read[tuple[Decimal, str]]:
    said = SYMBOLS.get(symbol, symbol)
    if money.currency and said and said != money.currency and not (symbol == "$" and money.currency in DOLLARS):
        return Read(problem=f"is in {said} where {money.currency} is expected")
    if abs(amount) >= AMOUNT_LIMIT:
        return Read(problem="is larger than any amount that can be decided")
    return Read((amount.quantize(CENT, ROUND_HALF_EVEN) + 0, money.currency or said))
