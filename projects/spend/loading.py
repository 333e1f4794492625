"""Load the rows of one delivery into the fact table, batch by batch, with their keys and owners."""

import io
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from types import TracebackType
from typing import Any, Self

import polars as pl
from django.db import connection, connections

from projects.attribution.layers import layer_columns, with_layers
from projects.attribution.owners import OwnerBook
from projects.attribution.purposes import purposes_statement
from projects.common.alongside import Alongside
from projects.sources.fingerprints import Fingerprint
from projects.sources.keys import NEW_KEYS, KeyBook
from projects.sources.models import Source, SourceScope
from projects.sources.readers.schema import is_constant
from projects.spend.days import DayBook, printed
from projects.usage.frames import UsageGatherer
from projects.wallets.frames import WalletGatherer

_COLUMNS = (
    "billing_month",
    "part_id",
    "row_number",
    "charge_on",
    "cost_key_id",
    "initiative_id",
    "rule_id",
    "currency",
    "billed_cost",
    "effective_cost",
)
# Into the month's own table: to be handed on by the whole one costs a row a third more.
_COPY = "COPY projects_spendfact_{:%Y%m} ({}) FROM STDIN (FORMAT csv)"
# Initiatives' charges together and in the order of their days, which is how ranges of pages find them.
_TOGETHER = pl.col("initiative_id").fill_null(0) * 100_000 + pl.col("charge_on").to_physical()
# What gatherers need beside the row itself.
_OF_FACTS = ("charge_on", "currency", "cost_key_id", "initiative_id", "part_id")
_SCOPE = ["account", "billing_period_start"]
_SUM_UP = "SELECT projects_summarise_facts(%s)"
_SUMMED_UP_AT = 6  # batches, after which new pages are summed up while the next rows are read


@dataclass
class LoadedPart:
    """One scope of the delivery, under the id its rows carry."""

    part_id: int
    account: str
    period: date
    rows: int = 0


class FactLoader:
    """Take canonical rows of one source; `parts` and `fingerprint` are complete after `finish`.

    Rows are copied into the database and gathered alongside, while the next ones are read and given their keys.
    """

    def __init__(self, source: Source) -> None:
        """Begin with nothing loaded. The caller holds the source's lock in an open transaction."""
        self._keys = KeyBook(source.pk, layer_columns(), with_layers, purposes_statement(NEW_KEYS))
        self._owners = OwnerBook()
        self._by_account = source.scope == SourceScope.ACCOUNT_PERIOD
        self._print = Fingerprint()
        self._months: set[date] = set()
        self._part_ids: dict[tuple[str, date], int] = {}
        self.parts: dict[int, LoadedPart] = {}
        self.usage = UsageGatherer()
        self.wallets = WalletGatherer()
        self.days = DayBook()
        self._held = ExitStack()
        self._copying, self._gathering = Alongside("copy"), Alongside("gather")
        self._database = connections[connection.alias]
        self._batches = 0

    def __enter__(self) -> Self:
        """Begin. From here on, every statement on this connection waits for the rows being copied."""
        self._held.enter_context(connection.execute_wrapper(self._when_copied))
        self._held.enter_context(self._copying)
        self._held.enter_context(self._gathering)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait until nothing uses the connection any more."""
        self._held.__exit__(kind, error, trace)

    def finish(self) -> None:
        """Wait until all rows are in the database, in the fingerprint and with the gatherers."""
        self._gathering.start(self.days.fold)
        self._copying.wait()
        self._gathering.wait()

    @property
    def fingerprint(self) -> str:
        """Return the hash of everything that counts in the rows, whatever the file was called or packed in."""
        return self._print.hexdigest()

    @property
    def months(self) -> list[date]:
        """Return the billing months that rows went to."""
        return sorted(self._months)

    def add(self, rows: pl.DataFrame) -> None:
        """Load some rows in the canonical schema."""
        if rows.is_empty():
            return
        ids, new_keys = self._keys.resolve(rows)
        self._owners.learn(new_keys)
        account = pl.col("billing_account_id").fill_null("") if self._by_account else pl.lit("")
        facts = rows.select(
            "row_number",
            "billing_period_start",
            *("billed_cost", "effective_cost"),
            account.alias("account"),
            pl.col("charge_period_start").dt.date().alias("charge_on"),
            pl.col("billing_period_start").dt.truncate("1mo").alias("billing_month"),
            pl.col("billing_currency").alias("currency"),
        )
        facts = self._with_parts(self._owners.assign(facts.hstack(ids)))
        self._open_months(facts)
        self._copying.start(self._copy, facts)
        self._gathering.start(self._gather, rows, facts)

    def _copy(self, facts: pl.DataFrame) -> None:
        """Copy rows in the thread for it: on the connection of the thread that began, which waits before it asks."""
        self._batches += 1
        with self._database.wrap_database_errors, self._database.connection.cursor() as cursor:
            for month, of_month in _by_month(facts):
                text = _csv(_printed(of_month.select(_COLUMNS).sort(_TOGETHER), month))
                with cursor.copy(_COPY.format(month, ", ".join(_COLUMNS))) as copy:
                    copy.write(text)
                if self._batches % _SUMMED_UP_AT == 0:
                    cursor.execute(_SUM_UP, [month])

    def _gather(self, rows: pl.DataFrame, facts: pl.DataFrame) -> None:
        """Take what is kept aside of the rows, in the thread for it."""
        self._print.add(rows, facts["key_print"])
        rows = rows.with_columns(facts[name] for name in _OF_FACTS)
        self.usage.add(rows)
        self.wallets.add(rows)
        self.days.add(facts)

    def _when_copied(
        self, execute: Callable[..., Any], sql: Any, parameters: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        self._copying.wait()
        return execute(sql, parameters, many, context)

    def _with_parts(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Add `part_id`, and count the rows of each part."""
        scopes = _counted(rows.select(_SCOPE))
        places = scopes.select(_SCOPE)
        new = [place for place in places.rows() if place not in self._part_ids]
        for place, part_id in zip(new, _next_part_ids(len(new)) if new else (), strict=True):
            self._part_ids[place], self.parts[part_id] = part_id, LoadedPart(part_id, *place)
        ids = [self._part_ids[place] for place in places.rows()]
        for part_id, count in zip(ids, scopes["len"], strict=True):
            self.parts[part_id].rows += count
        if len(ids) == 1:
            return rows.with_columns(pl.lit(ids[0], pl.Int64).alias("part_id"))
        known = places.with_columns(pl.Series("part_id", ids, dtype=pl.Int64))
        return rows.join(known, on=_SCOPE, how="left", maintain_order="left")

    def _open_months(self, rows: pl.DataFrame) -> None:
        for month in rows["billing_month"].unique().to_list():
            if month not in self._months:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT projects_open_month(%s)", [month])
                self._months.add(month)


def make_findable(months: Sequence[date]) -> None:
    """Sum up the new pages of these billing months, so that readers find charges without reading them whole."""
    with connection.cursor() as cursor:
        for month in months:
            cursor.execute(_SUM_UP, [month])


def _by_month(facts: pl.DataFrame) -> Iterable[tuple[date, pl.DataFrame]]:
    """Part charges by the month that bills them; most files have one."""
    if is_constant(facts["billing_month"]):
        return [(facts["billing_month"][0], facts)]
    return ((month, some) for (month,), some in facts.group_by("billing_month"))


def _counted(scopes: pl.DataFrame) -> pl.DataFrame:
    """Count the rows of each scope; most files have one."""
    if all(is_constant(column) for column in scopes.iter_columns()):
        return scopes.head(1).with_columns(pl.lit(scopes.height, pl.UInt32).alias("len"))
    return scopes.group_by(_SCOPE).len().sort(_SCOPE)


def _next_part_ids(count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('projects_deliverypart', 'id')) FROM generate_series(1, %s)", [count]
        )
        return [row[0] for row in cursor.fetchall()]


def _printed(facts: pl.DataFrame, month: date) -> pl.DataFrame:
    return facts.with_columns(pl.lit(month.isoformat()).alias("billing_month"), printed(facts["charge_on"]))


def _csv(frame: pl.DataFrame) -> memoryview:
    """Print ids, days, codes and plain figures, none of which can hold what would need quotes."""
    text = io.BytesIO()
    frame.write_csv(text, include_header=False, quote_style="never")
    return text.getbuffer()
