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

_STAGE_GROUPS = f"""
CREATE TEMPORARY TABLE IF NOT EXISTS group_load (
    digest uuid, {", ".join(f"{column} text" for column in _GROUP_COLUMNS)}, {UNUSED} boolean
) ON COMMIT DROP
"""
_STAGE_KEYS = f"""
CREATE TEMPORARY TABLE IF NOT EXISTS key_load (
    n bigint, digest uuid, group_digest uuid, {", ".join(f"{column} text" for column in OWN)}, tags jsonb, tag_index jsonb
) ON COMMIT DROP
"""
_STAGE_PURPOSES = "CREATE TEMPORARY TABLE IF NOT EXISTS purpose_load (n bigint, purpose text) ON COMMIT DROP"
# What was not in the database before: only that is asked for its purpose, and only its group may be new.
NEW_KEYS = f"""
(SELECT l.n AS id, %(source)s::bigint AS source_id, {", ".join(f"l.{column}" for column in OWN)}, l.tag_index,
    {", ".join(f"g.{column}" for column in _GROUP_COLUMNS)}
FROM key_load l JOIN group_load g ON g.digest = l.group_digest
WHERE NOT EXISTS (SELECT FROM projects_costkey k WHERE k.source_id = %(source)s AND k.digest = l.digest))
"""
_SAY_PURPOSES = "INSERT INTO purpose_load SELECT id, purpose FROM ({purposes}) p"
_EMPTY = "TRUNCATE group_load, key_load, purpose_load"  # not DELETE: what was deleted in this transaction would still be read
_ADD_GROUPS = f"""
INSERT INTO projects_costgroup (source_id, digest, purpose, {", ".join(_GROUP_COLUMNS)}, {UNUSED})
SELECT %s, digest, p.purpose, {", ".join(_GROUP_COLUMNS)}, {UNUSED}
FROM group_load JOIN (SELECT DISTINCT l.group_digest, p.purpose FROM purpose_load p JOIN key_load l USING (n)) p
    ON p.group_digest = digest
ON CONFLICT (source_id, digest, purpose) DO NOTHING
"""
# What is added tells its ids at once; only what was there before has to be looked for.
_ADD_KEYS = f"""
WITH added AS (
    INSERT INTO projects_costkey (source_id, digest, group_id, {", ".join(OWN)}, tags, tag_index)
    SELECT g.source_id, l.digest, g.id, {", ".join(f"l.{column}" for column in OWN)}, l.tags, l.tag_index
    FROM purpose_load p JOIN key_load l USING (n)
    JOIN projects_costgroup g ON (g.source_id, g.digest, g.purpose) = (%s, l.group_digest, p.purpose)
    ON CONFLICT (source_id, digest) DO NOTHING RETURNING id, group_id, digest
)
SELECT l.n, a.id, a.group_id FROM added a JOIN key_load l ON l.digest = a.digest
"""
_FIND = """
SELECT l.n, k.id, k.group_id FROM key_load l JOIN projects_costkey k ON k.source_id = %s AND k.digest = l.digest
"""
_MARK = pl.when(UNUSED).then(pl.lit(f"{_BETWEEN}unused")).otherwise(pl.lit(""))
_HASHES = ("hash_a", "hash_b")
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

    def resolve(self, rows: pl.DataFrame) -> tuple[pl.DataFrame, list[int]]:
        """Return `cost_key_id`, `group_id` and `key_print` of rows, in their order, and the key ids not seen before.

        The print is of what the file says alone: the same in every source, whatever the ids are.
        """
        rows = rows.with_columns(_IS_UNUSED)
        hashes = _hashes(rows.select(self._columns))
        found = hashes.join(self._seen, on=_HASHES, how="left", maintain_order="left")
        added: list[int] = []
        missing = found["cost_key_id"].is_null()
        if missing.any():
            if self._seen.height > MOST_SEEN:
                self._seen = _no_ids()
            is_new = hashes.select(pl.struct(_HASHES).is_first_distinct()).to_series() & missing
            ids, added = self._learn(rows.filter(is_new).select(self._columns))
            self._seen = pl.concat([self._seen, hashes.filter(is_new).hstack(ids)])
            found = hashes.join(self._seen, on=_HASHES, how="left", maintain_order="left")
        return found.select(_FOUND), added

    def _learn(self, new: pl.DataFrame) -> tuple[pl.DataFrame, list[int]]:
        """Return the ids of combinations, each distinct, and those of keys not seen before."""
        new = self._add_layers(new).select(IDENTITY)
        hashes = _hashes(new)
        unknown = hashes.join(self._known, on=_HASHES, how="left", maintain_order="left")["cost_key_id"].is_null()
        first = hashes.select(pl.struct(_HASHES).is_first_distinct()).to_series() & unknown
        added: list[int] = []
        if first.any():
            ids = self._add(new.filter(first))
            self._known = pl.concat([self._known, hashes.filter(first).hstack(ids)])
            added = ids["cost_key_id"].to_list()
        return hashes.join(self._known, on=_HASHES, how="left", maintain_order="left").select(_FOUND), added

    def _add(self, new: pl.DataFrame) -> pl.DataFrame:
        """Write keys that may or may not be in the database yet and return their ids."""
        keys = _staged(new)
        groups = keys.unique("group_digest", keep="first").select("group_digest", *_GROUP_COLUMNS, UNUSED)
        with connection.cursor() as cursor:
            for statement in (_STAGE_GROUPS, _STAGE_KEYS, _STAGE_PURPOSES, _EMPTY):
                cursor.execute(statement)
            _copy(cursor, "group_load", groups)
            _copy(cursor, "key_load", keys.drop(*_GROUP_COLUMNS, UNUSED))
            cursor.execute("ANALYZE key_load (digest)")
            asked = {**self._said_by, "source": self._source_id}
            cursor.execute(_SAY_PURPOSES.format(purposes=self._purposes), asked)
            cursor.execute(_ADD_GROUPS, [self._source_id])
            cursor.execute(_ADD_KEYS, [self._source_id])
            found = cursor.fetchall()
            if len(found) < keys.height:
                cursor.execute(_FIND, [self._source_id])
                found = cursor.fetchall()
        ids = pl.DataFrame(found, schema=dict.fromkeys(("n", *_IDS), pl.Int64), orient="row").sort("n").drop("n")
        return ids.with_columns(key_prints(new))


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
    ids = dict.fromkeys(_IDS, pl.Int64)
    return pl.DataFrame(schema={**dict.fromkeys(_HASHES, pl.UInt64), **ids, "key_print": pl.UInt64})


def _hashes(rows: pl.DataFrame) -> pl.DataFrame:
    """Return two independent hashes a row: together they tell any two rows of a file apart."""
    return pl.DataFrame([rows.hash_rows(seed).alias(name) for seed, name in enumerate(_HASHES, start=1)])


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
    staged = whole.with_row_index("n")
    return staged.select("n", "digest", "group_digest", *OWN, "tags", "tag_index", *told_apart)


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
