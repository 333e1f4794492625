"""How answers are written: JSON whose figures are strings of exact decimals."""

from decimal import Decimal
from typing import Any

from rest_framework.renderers import JSONRenderer
from rest_framework.utils.encoders import JSONEncoder


class ExactEncoder(JSONEncoder):
    """Write a decimal as a string without idle zeros, never as a binary fraction."""

    def default(self, obj: Any) -> Any:
        """Return what JSON can hold."""
        return f"{obj.normalize():f}" if isinstance(obj, Decimal) else super().default(obj)


class ExactRenderer(JSONRenderer):
    """Write JSON with exact decimals."""

    encoder_class = ExactEncoder
