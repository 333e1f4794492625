"""The least a bill can say: a date, a provider, a service, an amount, a currency and one key, named by a mapping."""

import json
from collections.abc import Callable

import polars as pl

from projects.sources.readers.interface import ColumnMapping, UnreadableFile
from projects.sources.readers.plans import Header, Kind, Plan

FIELDS = (
    "date",
    "provider",
    "service",
    "amount",
    "currency",
    "key",
    "account",
    "description",
    "invoice",
    "end",
    "period",
)
CANONICAL = {
    "date": "charge_period_start",
    "end": "charge_period_end",
    "period": "billing_period_start",
    "provider": "provider_name",
    "service": "service_name",
    "currency": "billing_currency",
    "account": "billing_account_id",
    "description": "charge_description",
    "invoice": "invoice_id",
}


def version(header: Header) -> str | None:
    """Know a table that uses the profile's own names; others need a mapping."""
    return "" if header.has("date", "service", "amount", "currency") else None


def plan(header: Header, mapping: ColumnMapping) -> Plan:
    """Pair the named columns with ours. Raise UnreadableFile naming what neither the file nor the mapping gives.

    Unless the mapping names a billing period, a newer file replaces the days that it has, so it may hold any stretch of them.
    """
    if unknown := sorted((set(mapping.columns) | set(mapping.values)) - set(FIELDS)):
        raise UnreadableFile("bad_mapping", f"The mapping names '{unknown[0]}'; it may name {', '.join(FIELDS)}.")
    sources = {field: _column(header, mapping, field) for field in FIELDS}
    for field in ("date", "service", "amount", "currency"):
        if sources[field] is None and field not in mapping.values:
            raise UnreadableFile(
                "missing_column",
                f"The column for {field} is missing. Name it in the mapping, or give a fixed value.",
                columns=header.columns,
            )
    columns = {CANONICAL[field]: column for field, column in sources.items() if column and field in CANONICAL}
    constants = {CANONICAL[field]: text for field, text in mapping.values.items() if field in CANONICAL}
    if amount := sources["amount"]:
        columns |= dict.fromkeys(("billed_cost", "effective_cost", "list_cost"), amount)
    constants |= {"charge_category": "Usage"}
    key = sources["key"]
    by_day = "billing_period_start" not in columns | constants
    return Plan(columns, constants, derive=_tag(key) if key else None, by_day=by_day)


def _column(header: Header, mapping: ColumnMapping, field: str) -> str | None:
    if field in mapping.values:
        return None
    named = mapping.columns.get(field)
    if named is None:
        if field == "key":
            return header.find("key", "initiative")
        return header.find(field) if field != "period" else None  # what replaces what is said, never guessed
    found = header.find(named)
    if found is None:
        raise UnreadableFile("missing_column", f"The mapping names the column {named}, which the file does not have.")
    return found


def _tag(column: str) -> Callable[[pl.DataFrame], pl.DataFrame]:
    """Keep the one key as a tag under the name of its column."""

    def derive(rows: pl.DataFrame) -> pl.DataFrame:
        values = rows[column].unique().drop_nulls().to_list()
        tags = {value: json.dumps({column: value}, ensure_ascii=False) for value in values if value.strip()}
        return rows.with_columns(
            pl.col(column).replace_strict(tags, default=None, return_dtype=pl.String).alias("tags")
        )

    return derive


KIND = Kind("minimal", "Minimal profile", "fact", plan, version, rank=5)
