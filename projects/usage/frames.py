"""One format: canonical rows of a delivery, aggregated to usage days. Polars is loaded here: for workers only.

Rows carry ``initiative_id`` (null for nobody's) and ``cost_key_id`` beside the canonical columns, whose token counts are
disjoint. These columns are taken where a source has them: ``failed``, ``fallback``, ``batch``, ``cached_answer``, ``retries``,
``tool_calls``, ``context_tokens``, ``model_version``, ``session_id`` (one task). The first four may say yes or no, for all calls of the row.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from projects.prices.quotes import Price, PriceBook
from projects.sources.readers.schema import LONGEST_TEXT
from projects.sources.readers.tally import exact_sum
from projects.usage.rules import LONGEST_KEPT, Computed, Counts, DayFigures, combined, compute, nearest_rank

KEYS = ("initiative_id", "cost_key_id", "provider", "model", "version", "day", "currency")
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
USED = ["calls", *TOKENS]
LONGEST_REQUEST_MS = 3_600_000
ASSUMED = -1
MOST_TYPES, LONGEST_TYPE = 20, 60
LONGEST_PROVIDER, LONGEST_NAME, LONGEST_VERSION = 200, 300, 120  # what a usage day keeps of a name


class UsageGatherer:
    """Keep what rows say of usage while a file is loaded, part by part; rows of money alone cost next to nothing."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._kept: dict[int, list[pl.DataFrame]] = {}

    def add(self, rows: pl.DataFrame) -> None:
        """Take canonical rows with ``part_id``, ``initiative_id`` and ``cost_key_id``."""
        if rows.is_empty() or rows.select(pl.all_horizontal(pl.col(USED).is_null().all())).item():
            return
        for (part_id,), some in rows.group_by("part_id"):
            self._kept.setdefault(int(part_id), []).append(_narrow(some))

    def parts(
        self, book_of: Callable[[date], PriceBook], *, output_limits: Mapping[int, int] | None = None
    ) -> Iterator[tuple[int, list[DayFigures]]]:
        """Give each part's usage days."""
        for part_id, frames in self._kept.items():
            yield part_id, _days(pl.concat(frames), book_of, output_limits or {})


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
    narrow = [_narrow(frame) for frame in frames]
    return _days(pl.concat(narrow), book_of, output_limits or {}) if narrow else []


def _days(rows: pl.DataFrame, book_of: Callable[[date], PriceBook], limits: Mapping[int, int]) -> list[DayFigures]:
    largest = _largest_tasks(rows)
    figures = []
    for key, group in rows.group_by(KEYS, maintain_order=True):
        named = dict(zip(KEYS, key, strict=True))
        tasks = largest.pop((named["initiative_id"], named["day"]), {})  # once a day: a task may use several models
        figures.append(replace(_figures(named, group, book_of, limits), **tasks))
    return figures


def _largest_tasks(rows: pl.DataFrame) -> dict[tuple[Any, date], dict[str, Any]]:
    """Return the largest calls, tool calls, tokens and seconds of one task, by owner and the day on which it began."""
    named = rows.filter((pl.col("task") != "") & (pl.col("calls") > 0))
    if named.is_empty():
        return {}
    span = (pl.col("ended").max() - pl.col("began").min()).dt.total_microseconds()
    tasks = named.group_by("initiative_id", "task").agg(
        pl.col("began").min().dt.date().alias("day"),
        pl.col("calls").sum().alias("iterations_max"),
        pl.col("tool_calls").sum().alias("task_tool_calls_max"),
        pl.sum_horizontal(pl.col(name).sum() for name in TOKENS).alias("task_tokens_max"),
        ((span + 999_999) // 1_000_000).alias("task_seconds_max"),  # a second begun counts
    )
    measures = ("iterations_max", "task_tool_calls_max", "task_tokens_max", "task_seconds_max")
    days = tasks.group_by("initiative_id", "day").agg(pl.col(name).max() for name in measures)
    return {
        (owner, day): dict(zip(measures, map(_int, figures), strict=True)) for owner, day, *figures in days.iter_rows()
    }


def _narrow(frame: pl.DataFrame) -> pl.DataFrame:
    """Keep the rows with calls or tokens and the columns that figures need, each filled."""
    has = set(frame.columns)

    def number(name: str) -> pl.Expr:
        if name not in has:
            return pl.lit(0, pl.Int64)
        count = pl.col(name).cast(pl.Int64).fill_null(0)
        return count * number("calls") if frame.schema[name] == pl.Boolean() else count

    def text(name: str, longest: int = LONGEST_NAME) -> pl.Expr:
        return (pl.col(name) if name in has else pl.lit(None, pl.String)).fill_null("").str.slice(0, longest)

    span = (pl.col("charge_period_end") - pl.col("charge_period_start")).dt.total_milliseconds()
    rows = frame.select(
        *(
            (pl.col(name) if name in has else pl.lit(None)).cast(pl.Int64).alias(name)
            for name in ("initiative_id", "cost_key_id")
        ),
        text("provider_name", LONGEST_PROVIDER).alias("provider"),
        text("model").alias("model"),
        text("model_version", LONGEST_VERSION).alias("version"),
        pl.col("charge_period_start").dt.date().alias("day"),
        text("billing_currency").alias("currency"),
        *(number(source).alias(source) for source in SUMS.values()),
        pl.col("effective_cost").alias("cost"),
        text("charge_description").alias("request_type"),
        text("user_id", LONGEST_TEXT).alias("user"),
        text("session_id", LONGEST_TEXT).alias("task"),
        (pl.col("row_number") if "row_number" in has else pl.lit(0)).cast(pl.Int64).alias("row_number"),
        pl.col("charge_period_start").alias("began"),
        pl.col("charge_period_end").alias("ended"),
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
    users = rows["user"].filter(rows["user"] != "").n_unique()
    figures = DayFigures(
        **key,
        counts=_counts(rows),
        stated_cost=exact_sum(rows["cost"]),
        computed=computed,
        sheet=price.sheet if isinstance(price, Price) else "",
        calls_by_type=_by_type(rows),
        users=users or None,
    )
    if requests.is_empty():
        return figures
    costs = requests.sort(pl.col("cost").cast(pl.Float64, strict=False))["cost"].drop_nulls()  # order only
    spans = requests["span"].filter((requests["span"] > 0) & (requests["span"] < LONGEST_REQUEST_MS)).sort()
    return replace(
        figures,
        output_tokens_max=_int(said.max()),
        longest_answers=_longest(requests, said),
        output_limit=limit,
        calls_over_limit=None if limit is None else int((said > limit).sum()),
        latency_p50_ms=_at(spans, 50),
        latency_p95_ms=_at(spans, 95),
        cost_p95=_money_at(costs, 95),
        cost_p99=_money_at(costs, 99),
    )


def _longest(requests: pl.DataFrame, said: pl.Series) -> tuple[tuple[int, int], ...]:
    """Keep where the longest answers stand, so that a limit set later still finds its rows."""
    answers = pl.DataFrame({"line": requests["row_number"], "tokens": said}).filter(pl.col("line") > 0)
    top = answers.top_k(LONGEST_KEPT, by=["tokens", "line"])
    return tuple((int(line), int(tokens)) for line, tokens in top.sort("tokens", "line", descending=True).iter_rows())


def _by_type(rows: pl.DataFrame) -> dict[str, int]:
    """Count calls by what the source calls them; free text is no type."""
    types = rows.group_by("request_type").agg(pl.col("calls").sum()).sort("request_type")
    if types.height > MOST_TYPES or types["request_type"].str.len_chars().max() > LONGEST_TYPE:  # type: ignore[operator]
        return {}
    return {str(name): int(calls) for name, calls in types.rows()}


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
    return combined(parts)


def _at(values: pl.Series, percent: int) -> int | None:
    return None if values.is_empty() else int(values[nearest_rank(len(values), percent)])


def _money_at(values: pl.Series, percent: int) -> Decimal | None:
    return None if values.is_empty() else Decimal(values[nearest_rank(len(values), percent)])


def _int(value: Any) -> int | None:
    return None if value is None else int(value)
