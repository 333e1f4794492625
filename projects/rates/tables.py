"""One format: tables of monthly rates, as the Federal Reserve's are passed on and as finance keeps its own.

The Federal Reserve publishes euro, pound, Australian and New Zealand dollar as dollars for one unit and all others as units
for one dollar; copies of its table that are passed on write all of them as units for one dollar. Both are met, and nothing in
the file says which it is. The Danish krone does: it is held to the euro at 7.46 within two and a quarter percent, so only one
reading of the euro column agrees with it. Without the krone the pound tells, which has never been worth less than a dollar.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from projects.rates.rules import Rate

PUBLISHED = ("Date", "Country", "Exchange rate")
OWN = ("month", "currency", "dollars_per_unit")
BRITISH_WAY = frozenset({"EUR", "GBP", "AUD", "NZD", "IEP"})
KRONE_PER_EURO = (Decimal("7.29"), Decimal("7.63"))
NEW_BOLIVAR = date(2021, 11, 1)  # the bolívar of the months before was a million times smaller, under the same code
CURRENCIES = {
    "Australia": "AUD",
    "Brazil": "BRL",
    "Canada": "CAD",
    "China": "CNY",
    "Denmark": "DKK",
    "Euro": "EUR",
    "Hong Kong": "HKD",
    "India": "INR",
    "Ireland": "IEP",
    "Japan": "JPY",
    "Malaysia": "MYR",
    "Mexico": "MXN",
    "New Zealand": "NZD",
    "Norway": "NOK",
    "Singapore": "SGD",
    "South Africa": "ZAR",
    "South Korea": "KRW",
    "Sri Lanka": "LKR",
    "Sweden": "SEK",
    "Switzerland": "CHF",
    "Taiwan": "TWD",
    "Thailand": "THB",
    "United Kingdom": "GBP",
    "Venezuela": "VES",
}


@dataclass(frozen=True)
class BadLine:
    """A line that is refused: where, which column, what stands there, why."""

    line: int
    column: str
    value: str
    reason: str


class TableRefused(Exception):
    """A table of which nothing is taken."""

    def __init__(self, code: str, message: str, lines: Iterable[BadLine] = ()) -> None:
        """Keep the code and the lines at fault."""
        super().__init__(message)
        self.code = code
        self.lines = list(lines)


@dataclass
class RateTable:
    """The rates of a table by month and currency, which way round it quotes, and what of it was left out."""

    rates: dict[tuple[date, str], Rate] = field(default_factory=dict)
    direction: str = ""
    left_out: dict[str, int] = field(default_factory=dict)


def read_table(content: bytes) -> RateTable:
    """Read a table of rates whole. Raise TableRefused."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise TableRefused("not_text", "The file is not UTF-8 text. Save it as CSV in UTF-8.") from wrong
    rows = csv.reader(io.StringIO(text, newline=""))
    header = tuple(cell.strip() for cell in next(rows, ()))
    if header == PUBLISHED:
        return _published(rows)
    if tuple(cell.lower() for cell in header) == OWN:
        return _own(rows)
    raise TableRefused(
        "not_a_rate_table",
        f"A table of rates has the columns {', '.join(PUBLISHED)}, or {', '.join(OWN)}. This one has "
        f"{', '.join(header[:6]) or 'none'}.",
    )


def _published(rows: Iterator[list[str]]) -> RateTable:
    table, bad = RateTable(), list[BadLine]()
    quoted: dict[tuple[date, str], Decimal] = {}
    for line, month, country, number in _lines(rows, PUBLISHED, bad):
        code = CURRENCIES.get(country)
        if code is None or (code == "VES" and month < NEW_BOLIVAR):
            table.left_out[country] = table.left_out.get(country, 0) + 1
        elif (month, code) in quoted:
            bad.append(BadLine(line, "Country", country, f"is given twice for {month:%B %Y}"))
        else:
            quoted[month, code] = number
    _refuse(bad)
    inverted = _inverted(quoted)
    table.direction = "mixed, as the Federal Reserve publishes it" if inverted else "units for one dollar"
    one = Decimal(1)
    for (month, code), number in quoted.items():
        turned = inverted and code in BRITISH_WAY
        table.rates[month, code] = Rate(number, one) if turned else Rate(one, number)
    return table


def _own(rows: Iterator[list[str]]) -> RateTable:
    table, bad = RateTable(direction="dollars for one unit"), list[BadLine]()
    for line, month, code, number in _lines(rows, OWN, bad):
        code = code.upper()
        if not re.fullmatch("[A-Z]{3}", code) or code == "USD":
            bad.append(BadLine(line, "currency", code, "is not the code of another currency than the dollar"))
        elif (month, code) in table.rates:
            bad.append(BadLine(line, "currency", code, f"is given twice for {month:%B %Y}"))
        else:
            table.rates[month, code] = Rate(number, Decimal(1))
    _refuse(bad)
    return table


def _lines(
    rows: Iterator[list[str]], columns: tuple[str, ...], bad: list[BadLine]
) -> Iterator[tuple[int, date, str, Decimal]]:
    for line, cells in enumerate(rows, start=2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(columns):
            bad.append(BadLine(line, "", ",".join(cells)[:80], f"has {len(cells)} cells instead of {len(columns)}"))
            continue
        month, number = _month(cells[0].strip()), _number(cells[2].strip())
        if month is None:
            bad.append(BadLine(line, columns[0], cells[0][:80], "is not a month, as 2026-05 or 2026-05-01"))
        if number is None:
            bad.append(BadLine(line, columns[2], cells[2][:80], "is not a number above zero"))
        if month is not None and number is not None:
            yield line, month, cells[1].strip(), number


def _month(text: str) -> date | None:
    if not re.fullmatch(r"\d{4}-\d{2}(-01)?", text):
        return None
    try:
        return date.fromisoformat(f"{text[:7]}-01")
    except ValueError:
        return None


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and number > 0 else None


def _refuse(bad: list[BadLine]) -> None:
    if bad:
        raise TableRefused("bad_rows", f"{len(bad)} lines cannot be read, so nothing is taken.", bad)


def _inverted(quoted: Mapping[tuple[date, str], Decimal]) -> bool:
    """Say whether euro and pound stand as dollars for one unit. Raise TableRefused where the months contradict."""
    found = {answer for (month, code), number in quoted.items() if (answer := _tells(month, code, number, quoted))}
    if len(found) > 1:
        raise TableRefused(
            "direction_unclear",
            "Some months quote the euro or the pound in dollars and others the dollar in them. Split the table.",
        )
    return found != {"units"}


def _tells(month: date, code: str, number: Decimal, quoted: Mapping[tuple[date, str], Any]) -> str:
    """Return which way a line quotes, where it gives that away: "dollars" or "units"."""
    if code == "EUR" and (krone := quoted.get((month, "DKK"))):
        low, high = KRONE_PER_EURO
        if low <= krone / number <= high:
            return "units"
        return "dollars" if low <= krone * number <= high else ""
    if code == "GBP" and (month, "DKK") not in quoted:
        return "dollars" if number > 1 else "units"
    return ""
