"""Read figures as exact decimal text, whatever a spreadsheet or a report made of them."""

import re
from decimal import Decimal

import polars as pl

from projects.sources.readers.interface import DecimalMark
from projects.sources.readers.schema import is_blank, is_constant

# A figure that PostgreSQL takes as it is. Bounded, because "1e400" and a megabyte of nines are not money.
PLAIN = r"^-?[0-9]+(\.[0-9]+)?$"
WHOLE = r"^-?[0-9]+$"
_COUNT = r"^[0-9]{1,12}$"  # of which a file's rows add up to less than an integer of the database holds
_LARGE_COUNT = r"^[0-9]{13,}$"
BEYOND_COUNTS = 10**12
MOST_DIGITS = 150
LARGEST_EXPONENT = 100

_POINT = re.compile(r"(?:-?\$?|\$-)(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]*)(?:\.[0-9]*)?(?:[eE][+-]?[0-9]{1,6})?")
_COMMA = re.compile(r"(?:-?\$?|\$-)(?:[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]*)(?:,[0-9]*)?(?:[eE][+-]?[0-9]{1,6})?")
_COMMA_ONLY = re.compile(r"-?[0-9]{1,3},[0-9]{3}")
_BOOKED = re.compile(r"\(\s*(\$?[0-9][0-9.,]*)\s*\)")  # as bookkeepers write what is taken away

_MINUS_AFTER = re.compile(r"^([0-9][0-9.,]*)-$")
_GROUPED = re.compile(r"-?[0-9]{1,3}(?:[ \u00a0\u202f\u2009'\u2019][0-9]{3})+(?:[.,][0-9]+)?")
_SPACED = re.compile(r"[ \u00a0\u202f\u2009'\u2019]")

# What stands in exports where there is no figure, beside the words that mean no value anywhere.
NO_FIGURE = frozenset(
    ("-", "--", "\u2013", "\u2014", "na", "nan", "n.a.", "#n/a", "<na>", "(null)", "null", "none", "nil", "undefined")
)


class NotANumber(ValueError):
    """Text that is no figure; the message is the reason shown for the row."""


def read_number(text: str, mark: DecimalMark = ".") -> str:
    """Give a figure in plain decimal notation. Raise NotANumber with the reason."""
    value = _BOOKED.sub(r"-\1", text.strip()).replace("\u2212", "-")
    value = value[1:] if re.match(r"\+[$0-9.]", value) else value
    value = _MINUS_AFTER.sub(r"-\1", value)
    value = _SPACED.sub("", value) if _GROUPED.fullmatch(value) else value
    pattern = _POINT if mark == "." else _COMMA
    if not pattern.fullmatch(value) or not re.search(r"[0-9]", value.lower().split("e")[0]):
        raise NotANumber(_reason(value))
    if mark == "." and _COMMA_ONLY.fullmatch(value):
        raise NotANumber("could be thousands or decimals; say in the mapping which mark stands before decimals")
    bare = value.replace("$", "")
    bare = bare.replace(",", "") if mark == "." else bare.replace(".", "").replace(",", ".")
    return _plain(bare)


def _plain(bare: str) -> str:
    mantissa, _, exponent = bare.lower().partition("e")
    if abs(int(exponent or 0)) > LARGEST_EXPONENT or len(mantissa) > MOST_DIGITS:
        raise NotANumber("is larger or finer than any amount of money")
    return format(Decimal(bare), "f")


def _reason(value: str) -> str:
    if re.fullmatch(r"[+-]?(nan|inf|infinity)", value, re.IGNORECASE):
        return "is not a finite number"
    if any(character.isdigit() and not character.isascii() for character in value):
        return "is not written in the digits 0 to 9"
    if re.fullmatch(r"-?[0-9.,]+,[0-9]*", value):
        return "has a comma before its decimals; say so in the mapping (decimal_mark)"
    if re.fullmatch(r"-?\$?[0-9.,]+\s*[A-Za-z€£$]+|[€£¥][0-9.,]+[a-z]?", value):
        return "carries a currency or unit; amounts are figures only"
    return "is not a number"


def plain_columns(texts: pl.DataFrame, mark: DecimalMark) -> list[str]:
    """Tell which columns hold nothing but figures in plain notation: most do, and are looked at together."""
    if not texts.width:
        return []
    are_plain = texts.select(_is_plain(pl.all(), mark).all())
    return [name for name, is_plain in zip(are_plain.columns, are_plain.row(0), strict=True) if is_plain]


def _is_plain(texts: pl.Expr, mark: DecimalMark) -> pl.Expr:
    return texts.str.contains(PLAIN if mark == "." else WHOLE) & (texts.str.len_bytes() <= MOST_DIGITS)


def shortest(name: str) -> pl.Expr:
    """Leave out zeros that end the decimals of a column's figures, so that equal figures are equal text."""
    figure = pl.col(name)
    decimals = figure.str.strip_chars_end("0").str.strip_chars_end(".")
    return pl.when(figure.str.contains(".", literal=True)).then(decimals).otherwise(figure).alias(name)


def most_digits(figures: pl.DataFrame) -> tuple[int, int]:
    """Return the most characters before and behind the point in any figure in plain notation; a sign counts as one."""
    sizes = {name: (pl.col(name).str.len_bytes(), pl.col(name).str.find(".", literal=True)) for name in figures.columns}
    whole = [pl.coalesce(point, length).max().alias(name) for name, (length, point) in sizes.items()]
    places = [(length - point - 1).max().alias(name) for name, (length, point) in sizes.items()]
    found = figures.select(pl.max_horizontal(whole).alias("whole"), pl.max_horizontal(places).alias("places"))
    most, finest = found.row(0)
    return most or 0, finest or 0


def normalise_numbers(
    texts: pl.Series, mark: DecimalMark = ".", *, optional: bool = False
) -> tuple[pl.Series, dict[str, str]]:
    """Give the figures in plain notation, null where unreadable, and the reason for each unreadable text.

    Where a figure is optional, the words that exports put in the place of none are none.
    """
    if is_constant(texts):
        read_once, reason = _normalised(texts.head(1), mark, optional)
        return read_once.new_from_index(0, len(texts)), reason
    return _normalised(texts, mark, optional)


def _normalised(texts: pl.Series, mark: DecimalMark, optional: bool) -> tuple[pl.Series, dict[str, str]]:
    plain = texts.to_frame().select(_is_plain(pl.all(), mark)).to_series()
    if plain.all():
        return texts, {}
    read: dict[str, str | None] = {}
    reasons: dict[str, str] = {}
    for text in texts.filter(~plain).unique().drop_nulls().to_list():
        try:
            nothing = is_blank(text) or (optional and text.strip().lower() in NO_FIGURE)
            read[text] = None if nothing else read_number(text, mark)
        except NotANumber as error:
            read[text], reasons[text] = None, str(error)
    if not read:
        return texts, {}
    return texts.replace(list(read), pl.Series(list(read.values()), dtype=pl.String)), reasons


def normalise_counts(texts: pl.Series) -> tuple[pl.Series, dict[str, str]]:
    """Give whole numbers, null where the text is none, and the reason for each such text."""
    whole = texts.str.strip_chars().str.replace(r"\.0+$", "")
    if not whole.str.contains(_COUNT).all():
        figures, _ = normalise_numbers(texts)  # 1,234 and 1.2E+3 are counts too
        whole = figures.str.strip_chars().str.replace(r"\.0+$", "")
    good = whole.str.contains(_COUNT)
    numbers = whole.set(~good.fill_null(False), None).cast(pl.Int64)
    nothing = texts.str.strip_chars().str.to_lowercase().is_in([*NO_FIGURE, ""])
    wrong = ~good.fill_null(False) & ~nothing.fill_null(True)
    large = wrong & whole.str.contains(_LARGE_COUNT).fill_null(False)
    return numbers, {
        **dict.fromkeys(_distinct(texts, wrong), "is not a whole number of 0 or more"),
        **dict.fromkeys(_distinct(texts, large), "is larger than any count of calls or tokens"),
    }


def _distinct(texts: pl.Series, which: pl.Series) -> list[str]:
    return texts.filter(which).unique().drop_nulls().to_list()
