"""What the spend explorer answers: rows for the table, months or days for the chart, and which charges a figure adds up."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from projects.sources.eyes import Eyes
from projects.spend.asking import LAYER_NAMES, Question
from projects.spend.converting import Foreign
from projects.spend.narrowing import CLAIMED, UNCLAIMED, Narrowing
from projects.spend.rules import growth, last_day_of

MOST_ROWS = 200


@dataclass
class Row:
    """One line of the table: its cost by layer, and the last two full months.

    `originals` are the foreign amounts in it, as billed; `left_out` those that no rate converts, which are not in it.
    `is_masked` says that the reader sees less than its key: no address may hold it.
    """

    key: str | None
    name: str
    layers: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    last_month: Decimal = Decimal(0)
    month_before: Decimal = Decimal(0)
    originals: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    left_out: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    compares: bool = True
    is_masked: bool = False

    @property
    def total(self) -> Decimal:
        """Return the sum of its layers."""
        return sum(self.layers.values(), Decimal(0))

    @property
    def growth(self) -> Decimal | None:
        """Return how much more the last full month cost than the one before, or None."""
        return growth(self.month_before, self.last_month) if self.compares else None


@dataclass(frozen=True)
class Series:
    """One colour of the chart by month or day: a layer, a row of the table, or all rows that are too small for a colour.

    Its code is that of the layer, or the place of its row by money.
    """

    code: str
    amounts: Sequence[Decimal]
    rows: Sequence[Row] = ()

    @property
    def total(self) -> Decimal:
        """Return the sum of all months or days."""
        return sum(self.amounts, Decimal(0))

    @property
    def name(self) -> str:
        """Return its name as the reader may see it."""
        if not self.rows:
            return LAYER_NAMES[self.code]
        return self.rows[0].name if len(self.rows) == 1 else f"The rest, {len(self.rows)} more"


@dataclass
class Answer:
    """Months or days for the chart, rows for the table, unclaimed apart, and the sums of all."""

    question: Question
    times: list[date]
    series: list[Series]
    all_rows: list[Row]
    unclaimed: Row | None
    total: Row
    foreign: Sequence[Foreign] = ()

    @property
    def missing(self) -> list[Foreign]:
        """Return what no rate converts, by month and currency: it is in none of the sums."""
        return [part for part in self.foreign if part.converted is None]

    @property
    def rows(self) -> list[Row]:
        """Return the rows that a page has room for, the largest."""
        return self.all_rows[:MOST_ROWS]

    @property
    def left_out(self) -> int:
        """Count the rows that only the export holds."""
        return len(self.all_rows[MOST_ROWS:])

    @property
    def by_layer(self) -> dict[str, Sequence[Decimal]]:
        """Return the chart's amounts by layer; empty where it tells other things apart."""
        return {one.code: one.amounts for one in self.series if not one.rows}

    @property
    def claimed_ratio(self) -> Decimal | None:
        """Return the share that belongs to an initiative; None without spend."""
        total = self.total.total
        return None if total <= 0 else 1 - (self.unclaimed.total if self.unclaimed else Decimal(0)) / total

    def share(self, layer: str) -> Decimal | None:
        """Return a layer's share of all; None without spend."""
        return None if self.total.total <= 0 else self.total.layers[layer] / self.total.total


def seen_by(answer: Answer, eyes: Eyes) -> Answer:
    """Return the same answer with people as a reader may see them, in names and in what leads on."""
    for row in answer.all_rows:
        row.name, row.is_masked = eyes.text(row.name), eyes.hides(row.key)
    return answer


def behind_series(question: Question, series: Series, time: date | None = None) -> Narrowing | None:
    """Return which charges a colour of the chart adds up, of a month or day or of all; None where no address may say it."""
    if not series.rows:
        return behind(question, layer=series.code, time=time)
    row = series.rows[0]
    return None if len(series.rows) > 1 or row.is_masked else behind(question, row, time=time)


def behind(question: Question, row: Row | None = None, layer: str = "", time: date | None = None) -> Narrowing:
    """Return which charges a figure of the answer adds up: of a row, a layer, a month or day, or all of them together."""
    meant = question.narrowing
    if time:
        last = time if question.is_daily else last_day_of(time)
        meant = replace(meant, since=max(time, meant.since), on=min(last, meant.on))
    if row is not None:
        meant = _of_row(meant, question.by, row)
    return meant.only(layer=layer) if layer else meant


def _of_row(meant: Narrowing, by: str, row: Row) -> Narrowing:
    if row.key is None:
        return meant.only(initiative=UNCLAIMED)
    if by == "day":
        day = date.fromisoformat(row.key)
        return replace(meant, since=day, on=day)
    if by == "month":
        first = date.fromisoformat(f"{row.key}-01")
        return replace(meant, since=max(first, meant.since), on=min(last_day_of(first), meant.on))
    if by in {"layer", "initiative"}:
        return meant.only(initiative=row.key)
    claimed = {} if "initiative" in meant.words else {"initiative": CLAIMED}
    return meant.only(**{by: row.key}, **claimed)
