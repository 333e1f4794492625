"""Shapes of what is sent: exact figures, days, clean text, and nothing that the address does not know."""

import json
import re
from datetime import date
from decimal import Decimal
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from projects.common.form_fields import clean_text
from projects.common.outcomes import Refused

LARGEST_BODY = 1_000_000
FIGURE = re.compile(r"-?\d{1,12}(?:\.\d{1,6})?", re.ASCII)


class BodyTooLarge(Refused):
    """More was sent than one call may bring."""

    status = 413
    code = "body_too_large"


class ExactJSON(BaseParser):
    """Read JSON of a bounded size, its figures as exact decimals."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """Return what was sent. Raise ParseError for what is no JSON, BodyTooLarge for too much of it."""
        content = stream.read(LARGEST_BODY + 1)
        if len(content) > LARGEST_BODY:
            raise BodyTooLarge(f"One call brings at most {LARGEST_BODY:,} bytes. Split it.")
        try:
            return json.loads(content.decode("utf-8"), parse_float=Decimal, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise ParseError(f"The body is not readable as JSON in UTF-8: {str(error)[:200]}.") from error


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no figure")


class StrictSerializer(serializers.Serializer[Any]):
    """Refuse fields that it does not know, so that a misspelt one is never silently left out."""

    def to_internal_value(self, data: Any) -> Any:
        """Read the fields."""
        if isinstance(data, dict) and (unknown := sorted(str(name) for name in data if name not in self.fields)):
            known = ", ".join(self.fields)
            raise serializers.ValidationError(
                {unknown[0][:60]: [f"there is no such field. Fields are {known}"]}, code="unknown"
            )
        return super().to_internal_value(data)


class LineOfText(serializers.CharField):
    """One line, or several with ``lines``, without control and direction characters."""

    def __init__(self, *, lines: bool = False, **options: Any) -> None:
        """Keep whether line breaks stay."""
        self.lines = lines
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> str:
        """Return clean text; a number is no text."""
        if not isinstance(data, str):
            self.fail("invalid")
        return clean_text(data, lines=self.lines)


class Figure(serializers.DecimalField):
    """A figure of at most 12 digits and 6 decimals, as a string or a number."""

    def __init__(self, **options: Any) -> None:
        """Hold what figures of readings hold."""
        super().__init__(max_digits=18, decimal_places=6, **options)

    def to_internal_value(self, data: Any) -> Decimal:
        """Return the exact figure."""
        if isinstance(data, bool) or not isinstance(data, str | int | Decimal) or not FIGURE.fullmatch(str(data)):
            raise serializers.ValidationError("write a figure such as 1060 or “4.4”", code="invalid")
        return Decimal(str(data))


class Day(serializers.DateField):
    """A day between 2000 and 2100, written 2026-10-31."""

    def to_internal_value(self, data: Any) -> date:
        """Return the day."""
        day: date = super().to_internal_value(data)
        if not 2000 <= day.year <= 2100:
            raise serializers.ValidationError("the year must lie between 2000 and 2100", code="invalid")
        return day
