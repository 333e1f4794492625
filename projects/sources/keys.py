"""Bring the distinct things that charges are made for into the database, once each, and give every row its key."""

import hashlib
import io
import json
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any

import polars as pl
from django.db import connection

from projects.sources.tags import environment_of, tag_index

# Columns of the canonical schema, with their names in the database.
GROUP = {
    "provider_name": "provider_name",
    "service_name": "service_name",
    "service_category": "service_category",
    "service_subcategory": "service_subcategory",
    "billing_account_id": "billing_account_id",
    "billing_account_name": "billing_account_name",
    "sub_account_id": "sub_account_id",
    "sub_account_name": "sub_account_name",
    "charge_category": "charge_category",
    "charge_class": "charge_class",
    "charge_frequency": "charge_frequency",
    "model": "model",
    "x_cost_center": "cost_centre",
    "layer": "layer",
    "owned_layer": "owned_layer",
}
LAYERS = ("layer", "owned_layer")
OWN = ("resource_id", "resource_type", "api_key_id", "region_id", "sku_meter")
UNUSED = "is_unused"  # bought ahead and used by nobody; in digests only where it is so, and in no print
IDENTITY = (*GROUP, *OWN, "tags", UNUSED)
_GROUP_COLUMNS = (*GROUP.values(), "environment")
_NULL, _BETWEEN = "\x02", "\x1f"
_IS_UNUSED = (pl.col("commitment_discount_status") == "Unused").fill_null(False).alias(UNUSED)

# What was not in the database before: only that is asked for its purpose.
_STAGED = (*OWN, *_GROUP_COLUMNS)
_STAGE = f"""
CREATE TEMPORARY TABLE IF NOT EXISTS key_load (
    n bigint, {", ".join(f"{column} text" for column in _STAGED)}, tag_index jsonb
) ON COMMIT DROP
"""
NEW_KEYS = f"(SELECT n AS id, %(source)s::bigint AS source_id, tag_index, {', '.join(_STAGED)} FROM key_load)"
_EMPTY = "TRUNCATE key_load"  # not DELETE: what was deleted in this transaction would still be read
# Each is looked up by itself: no plan knows how many this transaction has added, and might read them all for each.
_FIND_KEYS = """
SELECT k.id, k.group_id FROM unnest(%s::uuid[]) WITH ORDINALITY asked (digest, n) LEFT JOIN LATERAL (
    SELECT id, group_id FROM projects_costkey WHERE (source_id, digest) = (%s, asked.digest) OFFSET 0
) k ON true ORDER BY asked.n
"""
_FIND_GROUPS = """
SELECT g.id FROM unnest(%s::uuid[], %s::text[]) WITH ORDINALITY asked (digest, purpose, n) LEFT JOIN LATERAL (
    SELECT id FROM projects_costgroup
    WHERE (source_id, digest, purpose) = (%s, asked.digest, asked.purpose) OFFSET 0
) g ON true ORDER BY asked.n
"""
_NEXT_IDS = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
_GROUP_OF = ("group_digest", "purpose")
_MARK = pl.when(UNUSED).then(pl.lit(f"{_BETWEEN}unused")).otherwise(pl.lit(""))
_IDS = ("cost_key_id", "group_id")
_FOUND = (*_IDS, "key_print")
_PRINTED = tuple(
    name for name in IDENTITY if name not in (*LAYERS, UNUSED)
)  # what the file says, not what rules make of it
MOST_SEEN = 1_000_000  # combinations remembered as they stand in the file; beyond, they are looked up again


class KeyBook:
    """The keys of one source, remembered while one file is loaded. The caller holds the source's lock.

    `add_layers` adds both layers to rows by the columns of `layered_by`: asked once for each combination, not each row.
    `purposes` is the statement, with its parameters, that says what the keys in `NEW_KEYS` are for.
    """

    def __init__(
        self,
        source_id: int,
        layered_by: Sequence[str],
        add_layers: Callable[[pl.DataFrame], pl.DataFrame],
        purposes: tuple[str, Mapping[str, Any]],
    ) -> None:
        """Begin with no key known."""
        self._source_id = source_id
        self._add_layers = add_layers
        self._purposes, self._said_by = purposes
        self._columns = [name for name in dict.fromkeys((*IDENTITY, *layered_by)) if name not in LAYERS]
        self._seen = _no_ids()
        self._known = _no_ids()
        self._groups = pl.DataFrame(schema={**dict.fromkeys(_GROUP_OF, pl.String), "group_id": pl.Int64})

    def resolve(self, rows: pl.DataFrame) -> tuple[pl.DataFrame, list[int]]:
        """Return `cost_key_id`, `group_id` and `key_print` of rows, in their order, and the key ids not seen before.

        The print is of what the file says alone: the same in every source, whatever the ids are.
        """
        if self._seen.height > MOST_SEEN:
            self._seen = _no_ids()
        rows = rows.with_columns(_IS_UNUSED)
        hashes = _hashes(rows.select(self._columns))
        found = _looked_up(hashes, self._seen)
        added: list[int] = []
        missing = found["cost_key_id"].is_null()
        if missing.any():
            is_new = hashes["hash"].is_first_distinct() & missing
            ids, added = self._learn(rows.filter(is_new).select(self._columns))
            self._seen = pl.concat([self._seen, hashes.filter(is_new).hstack(ids)])
            found = _looked_up(hashes, self._seen)
        return found.select(_FOUND), added

    def _learn(self, new: pl.DataFrame) -> tuple[pl.DataFrame, list[int]]:
        """Return the ids of combinations, each distinct, and those of keys not seen before."""
        new = self._add_layers(new).select(IDENTITY)
        hashes = _hashes(new)
        unknown = _looked_up(hashes, self._known)["cost_key_id"].is_null()
        first = hashes["hash"].is_first_distinct() & unknown
        added: list[int] = []
        if first.any():
            ids = self._add(new.filter(first))
            self._known = pl.concat([self._known, hashes.filter(first).hstack(ids)])
            added = ids["cost_key_id"].to_list()
        return _looked_up(hashes, self._known).select(_FOUND), added

    def _add(self, new: pl.DataFrame) -> pl.DataFrame:
        """Write keys that may or may not be in the database yet and return their ids."""
        keys = _staged(new)
        with connection.cursor() as cursor:
            cursor.execute(_FIND_KEYS, [keys["digest"].to_list(), self._source_id])
            known = keys.select("digest").hstack(_fetched(cursor, *_IDS)).drop_nulls().unique("digest")
            unknown = keys.join(known, on="digest", how="anti", maintain_order="left")
            if unknown.height:
                known = pl.concat([known, self._write(cursor, unknown.unique("digest", keep="first"))])
        ids = keys.join(known, on="digest", how="left", maintain_order="left").select(_IDS)
        return ids.with_columns(key_prints(new))

    def _write(self, cursor: Any, keys: pl.DataFrame) -> pl.DataFrame:
        """Write keys that are not in the database and return their digests and ids."""
        cursor.execute(_STAGE)
        cursor.execute(_EMPTY)
        _copy(cursor, "key_load", keys.select("n", *_STAGED, "tag_index"))
        said_by = {**self._said_by, "source": self._source_id}
        cursor.execute(f"SELECT id, purpose FROM ({self._purposes}) p", said_by)
        purposes = pl.DataFrame(cursor.fetchall(), schema={"n": pl.Int64, "purpose": pl.String}, orient="row")
        keys = self._with_groups(cursor, keys.join(purposes, on="n"))
        keys = _with_ids(cursor, keys, "projects_costkey", "cost_key_id")
        columns = {"cost_key_id": "id", "source_id": "source_id", "digest": "digest", "group_id": "group_id"}
        columns |= {name: name for name in (*OWN, "tags", "tag_index")}
        self._copy_own(cursor, "projects_costkey", keys, columns)
        return keys.select("digest", *_IDS)

    def _with_groups(self, cursor: Any, keys: pl.DataFrame) -> pl.DataFrame:
        """Add `group_id` to keys with a purpose; groups that are not in the database are written."""
        groups = keys.unique(_GROUP_OF, keep="first").join(self._groups, on=_GROUP_OF, how="anti")
        if groups.height:
            asked = [groups[name].to_list() for name in _GROUP_OF]
            cursor.execute(_FIND_GROUPS, [*asked, self._source_id])
            found = groups.hstack(_fetched(cursor, "group_id"))
            new = _with_ids(cursor, found.filter(pl.col("group_id").is_null()), "projects_costgroup", "group_id")
            columns = {"group_id": "id", "source_id": "source_id", "group_digest": "digest", "purpose": "purpose"}
            columns |= {name: name for name in (*_GROUP_COLUMNS, UNUSED)}
            self._copy_own(cursor, "projects_costgroup", new, columns)
            known = [frame.select(*_GROUP_OF, "group_id") for frame in (found.drop_nulls("group_id"), new)]
            self._groups = pl.concat([self._groups, *known])
        return keys.join(self._groups, on=_GROUP_OF, how="left", maintain_order="left")

    def _copy_own(self, cursor: Any, table: str, frame: pl.DataFrame, columns: Mapping[str, str]) -> None:
        """Copy rows of this source into a table, each column under its name there."""
        rows = frame.with_columns(pl.lit(self._source_id).alias("source_id")).select(*columns)
        _copy(cursor, f"{table} ({', '.join(columns.values())})", rows)


class PrintBook(KeyBook):
    """The prints of one file's keys where nothing may be written: a look before the import."""

    def __init__(self) -> None:
        """Begin with no key known."""
        super().__init__(0, (), _without_layers, ("", {}))

    def _add(self, new: pl.DataFrame) -> pl.DataFrame:
        return new.select(pl.int_range(pl.len(), dtype=pl.Int64).alias(name) for name in _IDS).with_columns(
            key_prints(new)
        )


def _without_layers(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(pl.lit(None, pl.String).alias(name) for name in LAYERS)


def key_prints(keys: pl.DataFrame) -> pl.Series:
    """Return a number a key that stands for everything the file says of it."""
    prints = [int(digest[:16], 16) for digest in _digests(keys, _PRINTED)]
    return pl.Series("key_print", prints, dtype=pl.UInt64)


def _no_ids() -> pl.DataFrame:
    return pl.DataFrame(schema={"hash": pl.UInt128, **dict.fromkeys(_IDS, pl.Int64), "key_print": pl.UInt64})


def _hashes(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the `hash` of each row, two independent ones side by side: they tell any two rows of a file apart."""
    halves = pl.DataFrame({"high": rows.hash_rows(1), "low": rows.hash_rows(2)}).cast(pl.UInt128)
    return halves.select((pl.col("high") * 2**64 + pl.col("low")).alias("hash"))


def _looked_up(hashes: pl.DataFrame, ids: pl.DataFrame) -> pl.DataFrame:
    """Add the ids of each hash, null where it has none."""
    return hashes.join(ids, on="hash", how="left", maintain_order="left")


def _fetched(cursor: Any, *names: str) -> pl.DataFrame:
    return pl.DataFrame(cursor.fetchall(), schema=dict.fromkeys(names, pl.Int64), orient="row")


def _with_ids(cursor: Any, frame: pl.DataFrame, table: str, name: str) -> pl.DataFrame:
    """Give rows the next ids of a table."""
    cursor.execute(_NEXT_IDS, [table, frame.height])
    return frame.with_columns(_fetched(cursor, name).to_series())


def _copy(cursor: Any, table: str, frame: pl.DataFrame) -> None:
    text = io.BytesIO()
    frame.write_csv(text, include_header=False, quote_style="non_numeric", null_value="")
    with cursor.copy(f"COPY {table} FROM STDIN (FORMAT csv)") as copy:
        copy.write(text.getbuffer())


def _staged(new: pl.DataFrame) -> pl.DataFrame:
    """Give keys with their number, digests, groups and compared tags."""
    texts = new["tags"].to_list()
    indexes, environments = zip(*map(_compared, texts), strict=True)
    frame = new.with_columns(
        pl.Series("tag_index", indexes, dtype=pl.String), pl.Series("environment", environments, dtype=pl.String)
    ).rename(GROUP)
    told_apart = (*_GROUP_COLUMNS, UNUSED)
    groups = frame.select(told_apart).unique(maintain_order=True)
    groups = groups.with_columns(_digests(groups, _GROUP_COLUMNS, _MARK).alias("group_digest"))
    digested = frame.with_columns(_digests(frame, (*_GROUP_COLUMNS, *OWN, "tags"), _MARK).alias("digest"))
    whole = digested.join(groups, on=told_apart, how="left", nulls_equal=True, maintain_order="left")
    return (
        whole.with_row_index("n")
        .cast({"n": pl.Int64})
        .select("n", "digest", "group_digest", *OWN, "tags", "tag_index", *told_apart)
    )


@lru_cache(maxsize=20_000)  # many resources have the same tags
def _compared(tags: str | None) -> tuple[str, str | None]:
    """Return tags under comparable keys, and the environment they name."""
    index = tag_index(json.loads(tags) if tags else {})
    return json.dumps(index, ensure_ascii=False), environment_of(index)


def _digests(frame: pl.DataFrame, columns: tuple[str, ...], mark: pl.Expr | None = None) -> pl.Series:
    joined = frame.select(pl.concat_str([pl.col(name).fill_null(_NULL) for name in columns], separator=_BETWEEN))
    if mark is not None:
        joined = joined.with_columns(joined.to_series() + frame.select(mark).to_series())
    blake = partial(hashlib.blake2b, digest_size=16)
    texts = joined.to_series().cast(pl.Binary).to_list()
    return pl.Series([blake(text).hexdigest() for text in texts], dtype=pl.String)
