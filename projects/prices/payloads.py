"""One format: files of usage payloads with the tokens and prices that should follow from them.

A file proves our reading of usage and our arithmetic against published figures. Each price it names is an
expectation; it is matched when our tokens contain the named ones and our prices equal the named ones as decimals.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Context, Decimal
from typing import Any

from projects.prices.answers import NoUsage, extract, served_as
from projects.prices.rules import Charge, UnusableUsage, charge
from projects.prices.sheets import Sheet

# The day for which the publisher of the payloads computed their prices; the payloads themselves carry none.
PUBLISHED_FOR = date(2025, 11, 6)
PUBLISHED = Context(prec=28)
PRICES = ("input_price", "output_price", "total_price")


class PayloadsUnreadable(ValueError):
    """The file is not a list of payloads; ``reason`` says what is wrong at which payload."""

    def __init__(self, reason: str, *, payload: int | None = None, value: str = "") -> None:
        super().__init__(reason)
        self.payload = payload
        self.value = value


@dataclass(frozen=True)
class Difference:
    """One figure that is not as expected."""

    payload: int
    provider: str
    api: str
    field: str
    expected: str
    got: str


@dataclass
class Comparison:
    """How a file of payloads came out; every expectation is matched, unpriced or different, once."""

    expectations: int = 0
    matched: int = 0
    unpriced: int = 0
    differences: list[Difference] = field(default_factory=list)


@dataclass(frozen=True)
class Expectation:
    """What one provider's API should make of one payload."""

    payload: int
    provider: str
    api: str
    body: Mapping[str, Any]
    model: str
    tokens: Mapping[str, Decimal]
    prices: Mapping[str, Decimal]


def read_payloads(content: bytes) -> list[Expectation]:
    """Read every expectation that names a price. Raise PayloadsUnreadable for anything that is not such a file."""
    try:
        document = json.loads(content, parse_float=Decimal)
    except (ValueError, RecursionError) as broken:
        raise PayloadsUnreadable(f"The file is not JSON: {broken}") from broken
    if not isinstance(document, list):
        raise PayloadsUnreadable("The file must be a list of payloads.")
    return [one for number, payload in enumerate(document, start=1) for one in _expectations(number, payload)]


def _expectations(number: int, payload: Any) -> Iterator[Expectation]:
    try:
        for group in payload["extracted"]:
            tokens = {unit: _decimal(count) for unit, count in group["usage"].items()}
            for one in group["extractors"]:
                prices = {name: _decimal(one[name]) for name in PRICES if one.get(name) is not None}
                if prices:
                    names = [
                        _text(value) for value in (one["provider_id"], one["api_flavor"], payload.get("model") or "")
                    ]
                    provider, api, model = names
                    yield Expectation(number, provider, api, dict(payload["body"]), model, tokens, prices)
    except (KeyError, TypeError, AttributeError, ArithmeticError, ValueError) as broken:
        message = f"Payload {number} needs a body and a list `extracted` of usage and extractors with finite figures."
        raise PayloadsUnreadable(message, payload=number, value=json.dumps(payload, default=str)[:200]) from broken


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("a name is text")
    return value


def _decimal(value: Any) -> Decimal:
    if isinstance(value, bool):
        raise TypeError("a figure is no yes or no")
    figure = Decimal(value)
    if not figure.is_finite():
        raise ValueError(f"{value} is no figure")
    return figure


def compare(expectations: Sequence[Expectation], sheets: Sequence[Sheet], *, on: date = PUBLISHED_FOR) -> Comparison:
    """Price each payload at noon UTC of a day and compare. ``sheets`` are asked in order, the one in force first."""
    result = Comparison(expectations=len(expectations))
    moment = datetime.combine(on, time(12), UTC)
    for expected in expectations:
        bill = _bill(expected, sheets, moment)
        if bill is None:
            result.unpriced += 1
            continue
        difference = _difference(expected, *bill)
        if difference is None:
            result.matched += 1
        else:
            result.differences.append(difference)
    return result


def _bill(expected: Expectation, sheets: Sequence[Sheet], moment: datetime) -> tuple[dict[str, Decimal], Charge] | None:
    """Return tokens and cost by the first sheet that can read and price the payload; None if none can.

    Later sheets may tell more tokens apart; those are reported, but the price follows from what the pricing sheet
    reads.
    """
    charged: Charge | None = None
    tokens: dict[str, Decimal] = {}
    for sheet in sheets:
        provider = sheet.provider(expected.provider)
        if provider is None:
            continue
        try:
            named, counts = extract(provider, expected.api, expected.body)
            found = sheet.find(provider.id, named or expected.model) if charged is None else None
            if found is not None:
                charged = charge(counts, found[1].rates_at(moment, served_as(expected.body)))
        except (NoUsage, UnusableUsage, ArithmeticError):
            continue
        tokens = {**counts, **tokens}
    return (tokens, charged) if charged is not None else None


def _difference(expected: Expectation, tokens: Mapping[str, Decimal], charged: Charge) -> Difference | None:
    got = {
        **{unit: tokens.get(unit, Decimal(0)) for unit in expected.tokens},
        "input_price": charged.input,
        "output_price": charged.output,
        "total_price": charged.total,
    }
    for name, figure in {**expected.tokens, **expected.prices}.items():
        if figure not in (got[name], PUBLISHED.plus(got[name])):
            return Difference(expected.payload, expected.provider, expected.api, name, f"{figure:f}", f"{got[name]:f}")
    return None
