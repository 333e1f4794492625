"""Form fields for what people type: money in the ways they write it, dates in three parts, safe lines of text."""

import re
import unicodedata
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

SCALE = {"k": 3, "m": 6, "bn": 9}
MONEY = re.compile(r"(?P<digits>\d{1,3}(?:,\d{3})+|\d+)(?P<decimals>\.\d{1,6})?\s*(?P<scale>k|m|bn)?", re.IGNORECASE)
HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn"}
JOINERS = {"\u200c", "\u200d"}  # parts of written words and emoji, not disguises


def clean_text(text: str, *, lines: bool = False) -> str:
    """Return text in NFC without control and direction characters; ``lines`` keeps line breaks."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    kept = "\n\t" if lines else ""
    spaced = "".join(" " if letter in "\n\t" and letter not in kept else letter for letter in text)
    return "".join(
        letter for letter in spaced if letter in kept or letter in JOINERS or unicodedata.category(letter) not in HIDDEN
    ).strip()


class LineField(forms.CharField):
    """One line of text."""

    def to_python(self, value: Any) -> str:
        """Clean what was typed."""
        return clean_text(super().to_python(value) or "")


class TextField(forms.CharField):
    """Several lines of text, at most 4,000 characters unless told."""

    def __init__(self, *, rows: int = 4, max_length: int = 4000, **options: Any) -> None:
        """Draw an area of some rows."""
        super().__init__(max_length=max_length, widget=forms.Textarea(attrs={"rows": rows}), **options)

    def to_python(self, value: Any) -> str:
        """Clean what was typed."""
        return clean_text(super().to_python(value) or "", lines=True)


class MoneyField(forms.CharField):
    """An amount above or at zero: 130000, 130,000, $130k, 1.5m."""

    def __init__(self, *, places: int = 2, **options: Any) -> None:
        """Accept at most so many decimal places."""
        self.places = places
        super().__init__(max_length=40, **options)

    def clean(self, value: Any) -> Decimal | None:
        """Return the amount, None for an empty field that may be empty."""
        text = clean_text(super().clean(value))
        if not text:
            return None
        found = MONEY.fullmatch(text.lstrip("$€£ ").strip()) if text.isascii() or text[0] in "€£" else None
        if found is None:
            raise forms.ValidationError("Write the amount in figures, such as 130,000 or 130k")
        amount = Decimal(found["digits"].replace(",", "") + (found["decimals"] or ""))
        amount = amount.scaleb(SCALE.get((found["scale"] or "").lower(), 0)) + Decimal(0)
        if amount >= Decimal(10) ** 13:
            raise forms.ValidationError("That is more than any initiative costs. Check the amount")
        if amount != round(amount, self.places):
            raise forms.ValidationError(f"Give at most {self.places} decimal places")
        return amount


def written(amount: Decimal | None) -> str:
    """Write an amount as a money field shows it back: 130,000."""
    if amount is None:
        return ""
    return f"{amount:,.2f}".removesuffix(".00")


def date_of(day: str, month: str, year: str) -> date | None:
    """Read a date from three fields. Raise ValidationError for one that does not exist; None when all are empty."""
    parts = [part.strip() for part in (day, month, year)]
    if not any(parts):
        return None
    if not all(part.isascii() and part.isdigit() for part in parts):
        raise forms.ValidationError("Give day, month and year in figures")
    try:
        found = date(int(parts[2]), int(parts[1]), int(parts[0]))
    except (ValueError, OverflowError):
        raise forms.ValidationError("There is no such date") from None
    if not 2000 <= found.year <= 2100:
        raise forms.ValidationError("The year must lie between 2000 and 2100")
    return found


class DayField(forms.DateField):
    """A day between 2000 and 2100."""

    def clean(self, value: Any) -> date | None:
        """Return the day, None for an empty field that may be empty."""
        day: date | None = super().clean(value)
        if day is not None and not 2000 <= day.year <= 2100:
            raise forms.ValidationError("The year must lie between 2000 and 2100")
        return day


class FigureField(forms.DecimalField):
    """A figure of up to 18 digits and 6 decimals, as people write it: 1,060 or 4.4."""

    def __init__(self, **options: Any) -> None:
        """Take plain text, so that separators of thousands may be typed."""
        super().__init__(max_digits=18, decimal_places=6, widget=forms.TextInput(), **options)

    def to_python(self, value: Any) -> Any:
        """Read the figure; only commas between groups of three digits are let through."""
        text = clean_text(str(value)) if value is not None else ""
        if re.fullmatch(r"[-+\u2212]?\d{1,3}(?:,\d{3})+(?:\.\d+)?", text):
            text = text.replace(",", "")
        if text and not re.fullmatch(r"[-+\u2212]?\d+(?:\.\d+)?", text, re.ASCII):
            raise forms.ValidationError("Write a number in figures, such as 1,060 or 4.4")
        return super().to_python(text.replace("\u2212", "-").replace("+", ""))
