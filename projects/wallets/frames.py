"""One format: canonical rows of a delivery, gathered to days of wallets and of unused commitments. Polars is loaded here.

A purchase says its unit as the unit it is priced by (100,000 Token), a use as the currency it is priced in, which is then no
currency of ISO 4217. A use that draws on no wallet and a purchase of hours or gigabytes are passed over when wallets are read.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import polars as pl

from projects.sources.readers.currencies import CODES
from projects.sources.readers.tally import exact_sum

_PLACE = ["part_id", "provider_name", "charge_on", "currency"]
LONGEST_NAME = 300  # characters: two names are one entry of an index, which takes 2,704 bytes
_SUMS = ("bought", "used", "paid", "drawn")


@dataclass
class WalletGatherer:
    """Keep what rows say of wallets and unused commitments while a file is loaded; other rows cost next to nothing."""

    _units: list[pl.DataFrame] = field(default_factory=list)
    _unused: list[pl.DataFrame] = field(default_factory=list)

    def add(self, rows: pl.DataFrame) -> None:
        """Take canonical rows with ``part_id``, ``charge_on`` and ``currency``."""
        units = [text for text in rows["pricing_currency"].unique() if text and text.upper() not in CODES]
        uses = rows.filter(pl.col("pricing_currency").is_in(units))
        bought = (pl.col("charge_category") == "Purchase") & pl.col("pricing_unit").is_not_null()
        purchases = rows.filter(bought & pl.col("pricing_quantity").is_not_null())
        unused = rows.filter(pl.col("commitment_discount_status") == "Unused")
        if uses.height:
            self._units.append(
                _moves(uses, "pricing_currency", "used", "pricing_currency_effective_cost", "effective_cost")
            )
        if purchases.height:
            self._units.append(_moves(purchases, "pricing_unit", "bought", "pricing_quantity", "billed_cost"))
        if unused.height:
            service = pl.col("service_name").fill_null("").str.slice(0, LONGEST_NAME).alias("service")
            self._unused.append(unused.select(*_place(), service, "effective_cost"))

    @property
    def wallet_days(self) -> list[dict[str, Any]]:
        """Return each part's days of units."""
        return _grouped(self._units, [*_PLACE, "unit"], _unit_sums)

    @property
    def unused_days(self) -> list[dict[str, Any]]:
        """Return each part's days of unused commitments."""
        return _grouped(self._unused, [*_PLACE, "service"], _unused_sum)


def _place() -> list[pl.Expr]:
    provider = pl.col("provider_name").fill_null("").str.slice(0, LONGEST_NAME)
    return [pl.col("part_id"), provider, pl.col("charge_on"), pl.col("currency")]


def _moves(rows: pl.DataFrame, unit: str, side: str, count: str, money: str) -> pl.DataFrame:
    """Give purchases or uses the same columns; the side that a row is not on is zero."""
    given = {"used": ("used", "drawn"), "bought": ("bought", "paid")}[side]
    values = dict(zip(given, (count, money), strict=True))
    return rows.select(
        *_place(),
        pl.col(unit).str.strip_chars().str.slice(0, LONGEST_NAME).alias("unit"),
        *(pl.col(values[name]).alias(name) if name in values else pl.lit("0").alias(name) for name in _SUMS),
        pl.lit(side == "used").alias("is_use"),
    ).filter(pl.col("unit") != "")


def _grouped(
    frames: list[pl.DataFrame], keys: list[str], sums: Callable[[pl.DataFrame], dict[str, Any]]
) -> list[dict[str, Any]]:
    if not frames:
        return []
    names = {"provider_name": "provider", "charge_on": "day"}
    return [
        {**{names.get(key, key): value for key, value in zip(keys, place, strict=True)}, **sums(some)}
        for place, some in pl.concat(frames).group_by(keys, maintain_order=True)
    ]


def _unit_sums(rows: pl.DataFrame) -> dict[str, Any]:
    sums: dict[str, Any] = {name: exact_sum(rows[name]) for name in _SUMS}
    return {**sums, "is_priced_in": bool(rows["is_use"].any())}


def _unused_sum(rows: pl.DataFrame) -> dict[str, Decimal]:
    return {"effective_cost": exact_sum(rows["effective_cost"])}
