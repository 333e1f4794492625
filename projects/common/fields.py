"""Columns that Django does not bring."""

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


class ExactField(models.DecimalField):  # type: ignore[type-arg]
    """A finite decimal of any precision: ``numeric`` without a limit, for cost facts that need 11 to 20 places."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Lift Django's own limits."""
        kwargs["max_digits"], kwargs["decimal_places"] = 1000, 500
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        """Leave the lifted limits out of migrations."""
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("max_digits", None)
        kwargs.pop("decimal_places", None)
        return name, path, args, kwargs

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        """Return ``numeric``."""
        return "numeric"

    def db_check(self, connection: BaseDatabaseWrapper) -> str:
        """Keep out infinity and, being larger than it, "not a number"."""
        return f"\"{self.column}\" < 'Infinity' AND \"{self.column}\" > '-Infinity'"
