"""Count over a whole file what a reader of the import should know, and say it in few sentences."""

from collections import Counter

import polars as pl

from projects.sources.readers.canonical import Checked
from projects.sources.readers.closed_lists import CHARGE_CATEGORIES, SERVICE_CATEGORIES
from projects.sources.readers.numbers import shortest
from projects.sources.readers.schema import COSTS

_MOST_VALUES = 3


class Observations:
    """What was seen in the accepted rows so far."""

    def __init__(self, has_money: bool = True) -> None:
        self._has_money = has_money
        self._counts: Counter[str] = Counter()
        self._foreign: dict[str, Counter[str]] = {"ServiceCategory": Counter(), "ChargeCategory": Counter()}
        self._virtual: set[str] = set()

    def see(self, rows: pl.DataFrame, checked: Checked) -> None:
        """Count one batch of accepted rows."""
        counts = self._counts
        counts["repeated_keys"] += checked.repeated_keys
        counts["inclusive_ends"] += checked.inclusive_ends
        counts["moved_starts"] += checked.moved_starts
        if self._has_money:
            costs = rows.select(COSTS).filter(pl.col("billed_cost") != pl.col("effective_cost"))
            if costs.height:
                counts["differ"] += costs.select((shortest("billed_cost") != shortest("effective_cost")).sum()).item()
        seen = rows.select(_SEEN).row(0, named=True)
        self._virtual.update(seen.pop(_VIRTUAL))
        for label in self._foreign:
            self._foreign[label].update(seen.pop(label))
        if seen["outside"]:
            seen["outside"] = rows.select(_outside().sum()).item()
        counts.update(seen)

    def mended(self, lines: int) -> None:
        """Count lines that were not UTF-8."""
        self._counts["mended"] += lines

    def repeated(self, headers: int) -> None:
        """Count lines that were the header again."""
        self._counts["headers"] += headers

    def notes(self) -> list[str]:
        """Say what was seen, most telling first."""
        counts = self._counts
        said = [
            _say(counts["differ"], "BilledCost and EffectiveCost differ in {rows}."),
            _say(counts["outside"], "The charge period lies outside its billing period in {rows}."),
            _say(counts["corrections"], "An earlier billing period is corrected in {rows}."),
            _say(counts["refunds"], "Usage is negative and not marked as a correction in {rows}."),
            *(self._say_foreign(label) for label in self._foreign),
            _say(counts["no_service"], "No service is named in {rows}."),
            _say(counts["repeated_keys"], "A tag key stands twice in {rows}; the last value counts."),
            _say(
                counts["inclusive_ends"],
                "The last second of a period stands for its end in {rows}; read as the moment after.",
            ),
            _say(
                counts["moved_starts"],
                "Billing periods begin at the midnight of another time zone in {rows}; read as the first of the month.",
            ),
            _say(counts["headers"], "The header stands again in {lines}, which were passed over."),
            _say(counts["mended"], "Not UTF-8 and read as Windows-1252: {lines}."),
        ]
        if self._virtual:
            names = ", ".join(sorted(self._virtual)[:_MOST_VALUES])
            said.insert(1, f"Priced in a virtual currency ({names}): the budget draws on EffectiveCost.")
        return [sentence for sentence in said if sentence]

    def _say_foreign(self, label: str) -> str:
        values = self._foreign[label]
        if not values:
            return ""
        shown = ", ".join(f"'{value}'" for value, _ in sorted(values.items())[:_MOST_VALUES])
        more = f" and {len(values) - _MOST_VALUES} more" if len(values) > _MOST_VALUES else ""
        return f"{label} {shown}{more} is not in the FOCUS list ({plural(values.total(), 'row')})."


def _say(count: int, sentence: str) -> str:
    if not count:
        return ""
    return sentence.format(rows=plural(count, "row"), lines=plural(count, "line"))


def plural(count: int, noun: str) -> str:
    """Write a count with its noun."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _outside() -> pl.Expr:
    """Tell charges outside their billing period; one that ends on the last of its month has that day within."""
    return _BEYOND & ((_DAY != _END) | (_END.dt.month_end() != _END))


def _foreign(name: str, known: tuple[str, ...]) -> pl.Expr:
    return pl.col(name).filter(~pl.col(name).is_in(list(known))).implode()


_VIRTUAL = "virtual"
_DAY, _END = pl.col("charge_period_start").dt.date(), pl.col("billing_period_end")
_BEYOND = (pl.col("billing_period_start") > _DAY) | (_DAY >= _END)
_CURRENCY = pl.col("pricing_currency").drop_nulls().unique()
_NEGATIVE = pl.col("billed_cost").str.starts_with("-") & (pl.col("charge_category") == "Usage")
# All that is counted in every batch, asked at once.
_SEEN = (
    (_NEGATIVE & pl.col("charge_class").is_null()).sum().alias("refunds"),
    (pl.col("charge_class") == "Correction").sum().alias("corrections"),
    _BEYOND.sum().alias("outside"),
    pl.col("service_name").is_null().sum().alias("no_service"),
    _foreign("service_category", SERVICE_CATEGORIES).alias("ServiceCategory"),
    _foreign("charge_category", CHARGE_CATEGORIES).alias("ChargeCategory"),
    _CURRENCY.filter(_CURRENCY.str.contains(r"[^A-Z]") | (_CURRENCY.str.len_chars() != 3)).implode().alias(_VIRTUAL),
)
