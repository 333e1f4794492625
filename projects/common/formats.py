"""Write figures and dates the way every page writes them; round half to even, once, at the moment of writing."""

from datetime import date, datetime
from decimal import ROUND_FLOOR, Decimal

from babel.numbers import get_currency_name, get_currency_precision, get_currency_symbol

MINUS = "−"
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
SCALES = ((0, "", 0), (3, "k", 0), (6, "m", 2), (9, "bn", 2))  # power of ten, its sign, places of a short figure


def in_a_sentence(title: str) -> str:
    """Write a title as it stands within a sentence: direct API keys, but AI add-ons as they are."""
    first = title.partition(" ")[0]
    return title if first.isupper() else f"{title[:1].lower()}{title[1:]}"


def grouped(amount: Decimal, places: int = 0) -> str:
    """Write a number with thousands separators and a real minus sign, to so many places: 636,480."""
    text = f"{amount.copy_abs():,.{places}f}"
    return f"{MINUS}{text}" if amount < 0 and _has_figure(text) else text


def _has_figure(text: str) -> bool:
    """Say whether a written number is anything but zero."""
    return any(character in "123456789" for character in text)


def exact(amount: Decimal) -> str:
    """Write a number in full, with every digit it has and no exponent: 0.0000125."""
    text = f"{amount.copy_abs():,f}"
    return f"{MINUS}{text}" if amount < 0 else text


def symbol(currency: str) -> str:
    """Name a currency before an amount: $, € or, where no sign is known to all, CHF and a space."""
    sign = get_currency_symbol(currency, locale="en_GB")
    if sign == "US$":
        return "$"
    return sign if not sign[-1].isalpha() else f"{sign}\u00a0"


def currency_name(currency: str) -> str:
    """Name a currency in words, in the plural: US dollars."""
    name: str = get_currency_name(currency, count=2, locale="en_GB")
    return name


def _signed(text: str, currency: str, plus: bool) -> str:
    """Put the sign before the currency: −$1,200, +$687k."""
    sign = MINUS if text.startswith(MINUS) else "+" if plus and _has_figure(text) else ""
    return f"{sign}{symbol(currency)}{text.removeprefix(MINUS)}"


def money_full(amount: Decimal, currency: str = "USD", *, places: int = 0, plus: bool = False) -> str:
    """Write an amount in whole units with its currency, where money is decided: $636,480."""
    return _signed(grouped(amount, places), currency, plus)


def money_minor(amount: Decimal, currency: str = "USD") -> str:
    """Write an amount to the currency's minor unit, as the ledger keeps it: $636,480.00, ¥1,200."""
    return money_full(amount, currency, places=get_currency_precision(currency))


def money_exact(amount: Decimal, currency: str = "USD") -> str:
    """Write an amount with every digit it has: $0.0000125."""
    return _signed(exact(amount), currency, plus=False)


def digits(amount: Decimal, currency: str) -> str:
    """Write an amount with every digit it has and at least those of the minor unit, without the currency: 252.50."""
    exponent = amount.normalize().as_tuple().exponent
    has = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    return grouped(amount, max(get_currency_precision(currency), has))


def money_digits(amount: Decimal, currency: str = "USD", *, plus: bool = False) -> str:
    """Write an amount with every digit it has, at least those of the minor unit, and its currency: $252.50."""
    return _signed(digits(amount, currency), currency, plus)


def money_key(amount: Decimal, currency: str = "USD", *, plus: bool = False) -> str:
    """Write an amount short, for a key figure or a sentence: $900, $636k, $1.29m, $12.3m."""
    for power, unit, places in SCALES:
        for precision in range(places, -1, -1):
            text = grouped(amount.scaleb(-power), precision)
            if sum(character.isdigit() for character in text) <= 3:
                return _signed(f"{text}{unit}", currency, plus)
    return _signed(f"{grouped(amount.scaleb(-9))}bn", currency, plus)


def money_axis(amount: Decimal, currency: str = "USD") -> str:
    """Write an amount for an axis, with no idle zeros: $0, $200k, $1.5m."""
    power, unit = next(((power, unit) for power, unit, _ in reversed(SCALES) if abs(amount) >= 10**power), (0, ""))
    text = grouped(amount.scaleb(-power), 3).rstrip("0").rstrip(".")
    return _signed(f"{text}{unit}", currency, plus=False)


def unit_cost(amount: Decimal, currency: str = "USD") -> str:
    """Write the cost of one thing: $4.62, and two figures where it is below ten cents: $0.087, $0.00042."""
    places = 2
    if amount and abs(amount) < Decimal("0.1"):
        places = 1 - amount.adjusted()
    return money_full(amount, currency, places=places)


def unit_key(amount: Decimal, currency: str = "USD") -> str:
    """Write the cost of one thing on a chart: $268, and with cents below ten: $4.62."""
    if abs(amount) < 10:
        return unit_cost(amount, currency)
    return money_full(amount, currency)


def percent(ratio: Decimal, places: int = 1, *, plus: bool = False) -> str:
    """Write a ratio as a percentage: 0.224 as 22.4%; with plus, signed as +22.4%, and zero bare."""
    text = grouped(ratio * 100, places)
    lead = "+" if plus and not text.startswith(MINUS) and _has_figure(text) else ""
    return f"{lead}{text}%"


def covered(ratio: Decimal) -> str:
    """Write how much of something is covered, rounded down, so that what falls short of a limit never reads as the limit."""
    return percent(ratio.quantize(Decimal("0.001"), ROUND_FLOOR))


def variance_words(ratio: Decimal, places: int = 1) -> str:
    """Say a variance in a sentence, without a sign: 22.4% over, 9.4% under, on budget."""
    text = grouped(abs(ratio) * 100, places)
    if not _has_figure(text):
        return "on budget"
    return f"{text}% {'over' if ratio > 0 else 'under'}"


def on_day(day: date, *, weekday: bool = False, year: bool = True) -> str:
    """Write a date: 19 Nov 2026; with weekday, for a day on which someone must act: Thu 19 Nov 2026."""
    lead = f"{WEEKDAYS[day.weekday()]} " if weekday else ""
    return f"{lead}{day.day} {MONTHS[day.month - 1][:3]}{f' {day.year}' if year else ''}"


def on_day_long(day: date) -> str:
    """Write a date with its month in full: 16 November 2026."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def in_month(day: date, *, year: bool = True) -> str:
    """Write the month of a date: Nov 2026."""
    return f"{MONTHS[day.month - 1][:3]}{f' {day.year}' if year else ''}"


def at_time(moment: datetime) -> str:
    """Write a moment, already in the reader's time zone: 17 Nov 2026, 18:00."""
    return f"{on_day(moment)}, {moment:%H:%M}"


def counted(count: int, one: str, many: str = "") -> str:
    """Write a count with its noun: 1 initiative, 12 initiatives."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
