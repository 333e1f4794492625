"""Columns that Django does not bring."""

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django_fsm import FSMField


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


class StateField(FSMField):
    """A state that only transitions move. In migrations it is the plain column it is in the database.

    The machine's field listens to every model class ever made, so hundreds of historical ones would slow migrations.
    """

    def deconstruct(self) -> Any:
        """Give migrations a text column."""
        name, _, args, kwargs = super().deconstruct()
        kwargs.pop("protected", None)
        return name, "django.db.models.CharField", args, kwargs
