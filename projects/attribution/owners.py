"""The owners of keys while a file is loaded."""

from collections.abc import Sequence

import polars as pl
from django.db import connection

from projects.attribution.matching import owners_statement

_KEYS = "(SELECT unnest(%(keys)s::bigint[]) AS cost_key_id)"
_SCHEMA = {
    "cost_key_id": pl.Int64,
    "starts_on": pl.Date,
    "ends_on": pl.Date,
    "initiative_id": pl.Int64,
    "rule_id": pl.Int64,
}


class OwnerBook:
    """Whose each key is and by which rule, remembered by key; a rule with dates owns a key on some days only."""

    def __init__(self) -> None:
        """Begin with no key known."""
        self._always = pl.DataFrame(
            schema={name: _SCHEMA[name] for name in ("cost_key_id", "initiative_id", "rule_id")}
        )
        self._dated = pl.DataFrame(schema=_SCHEMA)

    def learn(self, keys: Sequence[int]) -> None:
        """Work out the owners of keys not asked for before."""
        if not keys:
            return
        statement, parameters = owners_statement(_KEYS, are_few=True)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(_SCHEMA)} FROM ({statement}) o", {**parameters, "keys": list(keys)})
            owners = pl.DataFrame(cursor.fetchall(), schema=_SCHEMA, orient="row")
        whole = (pl.col("starts_on").dt.year() == 1) & (pl.col("ends_on").dt.year() == 9999)
        self._always = pl.concat([self._always, owners.filter(whole).select(self._always.columns)])
        self._dated = pl.concat([self._dated, owners.filter(~whole)])

    def assign(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Add `initiative_id` and `rule_id`, null where nobody owns the charge, to rows with key, day and row number."""
        rows = rows.join(self._always, on="cost_key_id", how="left", maintain_order="left")
        if self._dated.is_empty():
            return rows
        dated = rows.select("row_number", "cost_key_id", "charge_on").join(self._dated, on="cost_key_id")
        dated = dated.filter(pl.col("charge_on").is_between("starts_on", "ends_on", closed="left"))
        found = dated.select("row_number", "initiative_id", "rule_id")
        return rows.update(found, on="row_number", how="left")
