"""Ask for many rows by their ids in one parameter: `initiative__in=Among(ids)`. A list of ten thousand costs Django more to write than PostgreSQL to answer."""

from collections.abc import Iterable

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BigIntegerField, Expression
from django.db.models.sql.compiler import SQLCompiler


class Among(Expression):
    """The ids themselves, as a subquery."""

    def __init__(self, ids: Iterable[int]) -> None:
        """Keep the ids as PostgreSQL reads an array."""
        super().__init__(output_field=BigIntegerField())
        self.array = "{" + ",".join(map(str, map(int, ids))) + "}"

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[str | int, ...]]:
        """Return the subquery with its one parameter."""
        return "(SELECT unnest(%s::bigint[]))", (self.array,)
