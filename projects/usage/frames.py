"""One format: canonical rows of a delivery, aggregated to usage days. Polars is loaded here: for workers only.

Rows carry ``initiative_id`` (null for nobody's) beside the canonical columns, whose token counts are disjoint. These
columns are taken where a source has them: ``failed``, ``fallback``, ``batch``, ``cached_answer``, ``retries``,
``tool_calls``, ``context_tokens``, ``model_version``. The first four may say yes or no, for all calls of the row.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from projects.prices.quotes import Price, PriceBook
from projects.sources.readers.tally import exact_sum
from projects.usage.rules import NOTHING, Computed, Counts, compute, nearest_rank

KEYS = ("initiative_id", "provider", "model", "version", "day", "currency")
SUMS = {
    "calls": "calls",
    "failed_calls": "failed",
    "fallback_calls": "fallback",
    "batch_calls": "batch",
    "cached_answers": "cached_answer",
    "input_tokens": "input_tokens",
    "cached_read_tokens": "cached_read_tokens",
    "cached_write_tokens": "cached_write_tokens",
    "output_tokens": "output_tokens",
    "reasoning_tokens": "reasoning_tokens",
    "context_tokens": "context_tokens",
    "retries": "retries",
    "tool_calls": "tool_calls",
}
TOKENS = ("input_tokens", "cached_read_tokens", "cached_write_tokens", "output_tokens", "reasoning_tokens")
LONGEST_REQUEST_MS = 3_600_000
ASSUMED = -1


@dataclass(frozen=True)
class DayFigures:
    """One usage day, ready to be kept."""

    initiative_id: int | None
    provider: str
    model: str
    version: str
    day: date
    currency: str
    counts: Counts
    stated_cost: Decimal
    computed: Computed
    sheet: str = ""
    calls_by_type: Mapping[str, int] | None = None
    users: int | None = None
    output_tokens_max: int | None = None
    output_limit: int | None = None
    calls_over_limit: int | None = None
    latency_p50_ms: int | None = None
    latency_p95_ms: int | None = None
    cost_p95: Decimal | None = None
    cost_p99: Decimal | None = None


def day_figures(
    frames: Iterable[pl.DataFrame],
    book_of: Callable[[date], PriceBook],
    *,
    output_limits: Mapping[int, int] | None = None,
) -> list[DayFigures]:
    """Aggregate canonical rows that speak of calls or tokens; rows of money alone are passed over.

    ``output_limits`` gives an initiative's limit of output tokens a call. Requests are told from sums by ``calls`` = 1;
    only they have a length, a latency and a cost of one call.
    """
    narrow = [rows for frame in frames if not (rows := _narrow(frame)).is_empty()]
    if not narrow:
        return []
    rows = pl.concat(narrow)
    limits = output_limits or {}
    return [
        _figures(dict(zip(KEYS, key, strict=True)), group, book_of, limits)
        for key, group in rows.group_by(KEYS, maintain_order=True)
    ]


def _narrow(frame: pl.DataFrame) -> pl.DataFrame:
    """Keep the rows with calls or tokens and the columns that figures need, each filled."""
    has = set(frame.columns)

    def number(name: str) -> pl.Expr:
        if name not in has:
            return pl.lit(0, pl.Int64)
        count = pl.col(name).cast(pl.Int64).fill_null(0)
        return count * number("calls") if frame.schema[name] == pl.Boolean() else count

    def text(name: str) -> pl.Expr:
        return (pl.col(name) if name in has else pl.lit(None, pl.String)).fill_null("")

    span = (pl.col("charge_period_end") - pl.col("charge_period_start")).dt.total_milliseconds()
    rows = frame.select(
        pl.col("initiative_id").cast(pl.Int64)
        if "initiative_id" in has
        else pl.lit(None, pl.Int64).alias("initiative_id"),
        text("provider_name").alias("provider"),
        text("model").alias("model"),
        text("model_version").alias("version"),
        pl.col("charge_period_start").dt.date().alias("day"),
        text("billing_currency").alias("currency"),
        *(number(source).alias(source) for source in SUMS.values()),
        pl.col("effective_cost").alias("cost"),
        text("charge_description").alias("request_type"),
        text("user_id").alias("user"),
        span.alias("span"),
    )
    return rows.filter(pl.sum_horizontal("calls", *TOKENS) > 0)


def _figures(
    key: Mapping[str, Any], rows: pl.DataFrame, book_of: Callable[[date], PriceBook], limits: Mapping[int, int]
) -> DayFigures:
    requests = rows.filter(pl.col("calls") == 1)
    limit = limits.get(key["initiative_id"]) if key["initiative_id"] is not None else None
    price = book_of(key["day"]).price(key["provider"], key["model"])
    computed = _computed(rows, key, book_of(key["day"]))
    said = requests["output_tokens"] + requests["reasoning_tokens"]
    types = rows.group_by("request_type").agg(pl.col("calls").sum()).sort("request_type")
    users = rows["user"].filter(rows["user"] != "").n_unique()
    figures = DayFigures(
        **key,
        counts=_counts(rows),
        stated_cost=exact_sum(rows["cost"]),
        computed=computed,
        sheet=price.sheet if isinstance(price, Price) else "",
        calls_by_type=dict(types.rows()),
        users=users or None,
    )
    if requests.is_empty():
        return figures
    costs = requests.sort(pl.col("cost").cast(pl.Float64, strict=False))["cost"].drop_nulls()  # order only
    spans = requests["span"].filter((requests["span"] > 0) & (requests["span"] < LONGEST_REQUEST_MS)).sort()
    return replace(
        figures,
        output_tokens_max=_int(said.max()),
        output_limit=limit,
        calls_over_limit=None if limit is None else int((said > limit).sum()),
        latency_p50_ms=_at(spans, 50),
        latency_p95_ms=_at(spans, 95),
        cost_p95=_money_at(costs, 95),
        cost_p99=_money_at(costs, 99),
    )


def _counts(rows: pl.DataFrame) -> Counts:
    return Counts(**{name: int(rows[source].sum()) for name, source in SUMS.items()})


def _computed(rows: pl.DataFrame, key: Mapping[str, Any], book: PriceBook) -> Computed:
    """Price the rows, batch apart, each tier of request length apart, so that no request is priced by the sum."""
    parts: list[Computed] = []
    for (is_batch,), some in rows.group_by([pl.col("batch") > 0], maintain_order=True):
        price = book.price(key["provider"], key["model"], {"processing": "batch"} if is_batch else None)
        thresholds = price.thresholds if isinstance(price, Price) else ()
        length = pl.sum_horizontal("input_tokens", "cached_read_tokens", "cached_write_tokens")
        above = pl.sum_horizontal(pl.lit(0), *((length > one).cast(pl.Int64) for one in thresholds))
        tier = pl.when((pl.col("calls") == 1) | pl.lit(not thresholds)).then(above).otherwise(ASSUMED)
        for (reached,), group in some.with_columns(tier.alias("tier")).group_by("tier", maintain_order=True):
            at = None if reached == ASSUMED else (thresholds[int(reached) - 1] + 1 if reached else 0)
            parts.append(compute(_counts(group), price, length=at))
    return sum(parts[1:], parts[0]) if parts else compute(NOTHING, book.price(key["provider"], key["model"]))


def _at(values: pl.Series, percent: int) -> int | None:
    return None if values.is_empty() else int(values[nearest_rank(len(values), percent)])


def _money_at(values: pl.Series, percent: int) -> Decimal | None:
    return None if values.is_empty() else Decimal(values[nearest_rank(len(values), percent)])


def _int(value: Any) -> int | None:
    return None if value is None else int(value)
