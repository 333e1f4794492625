"""Decide the cost layer of charges by the ordered rules in fixtures/cost_layers.csv; the first that matches wins."""

import csv
from dataclasses import dataclass
from functools import cache, reduce

import polars as pl
from django.conf import settings

UNCLASSIFIED = "unclassified"
LAYERS = ("infrastructure", "api_model", "platform", "embedded_saas", "harness", UNCLASSIFIED)
HARNESS_SOURCE = "harness"


@dataclass(frozen=True)
class LayerRule:
    """One rule: any of these columns matches the pattern; some hold only for charges that an initiative owns."""

    columns: tuple[str, ...]
    pattern: str
    layer: str
    owned_only: bool


@cache
def layer_rules() -> tuple[LayerRule, ...]:
    """Return the rules in order."""
    with (settings.BASE_DIR / "fixtures" / "cost_layers.csv").open(encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: int(row["position"]))
    return tuple(
        LayerRule(tuple(row["columns"].split("|")), row["pattern"], row["layer"], row["owned_only"] == "yes")
        for row in rows
    )


@cache
def layer_columns() -> tuple[str, ...]:
    """Return every column that a rule looks at."""
    return tuple(sorted({column for rule in layer_rules() for column in rule.columns}))


def with_layers(rows: pl.DataFrame) -> pl.DataFrame:
    """Add `layer` (while nobody owns the charge) and `owned_layer` to rows in the canonical schema."""
    columns = list(layer_columns())
    kinds = rows.select(columns).unique()
    kinds = kinds.with_columns(_layer(owned=False).alias("layer"), _layer(owned=True).alias("owned_layer"))
    return rows.join(kinds, on=columns, how="left", nulls_equal=True, maintain_order="left")


def _layer(*, owned: bool) -> pl.Expr:
    rules = [rule for rule in layer_rules() if owned or not rule.owned_only]
    answer: pl.Expr = pl.lit(UNCLASSIFIED)
    for rule in reversed(rules):
        hits = [pl.col(column).str.contains(rule.pattern).fill_null(False) for column in rule.columns]
        answer = pl.when(reduce(lambda left, right: left | right, hits)).then(pl.lit(rule.layer)).otherwise(answer)
    return answer
