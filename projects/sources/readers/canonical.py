"""Check and normalise rows into the canonical schema, column by column, and say what is wrong with the others."""

from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from projects.sources.readers import schema
from projects.sources.readers.closed_lists import FOLDED
from projects.sources.readers.currencies import CODES
from projects.sources.readers.interface import DecimalMark, RowProblem
from projects.sources.readers.numbers import normalise_counts, normalise_numbers, plain_columns
from projects.sources.readers.plans import Plan
from projects.sources.readers.tags import TagBook
from projects.sources.readers.time_book import TimeBook
from projects.sources.readers.times import FIRST_YEAR, LAST_YEAR

VALUE_CHARS = 80
_LONGEST = "\x01longest"
_LONGEST_NULL_WORD = max(map(len, schema.NULL_WORDS))


@dataclass(frozen=True)
class Style:
    """How figures and dates of one file are read, and the tags and times read so far."""

    plan: Plan
    decimal_mark: DecimalMark = "."
    tags: TagBook = field(default_factory=TagBook)
    times: TimeBook = field(default_factory=TimeBook)


@dataclass
class Checked:
    """Canonical rows of one batch, and which of them are refused for which reasons."""

    rows: pl.DataFrame
    refused: pl.Series
    problems: list[RowProblem]
    repeated_keys: int = 0
    inclusive_ends: int = 0
    moved_starts: int = 0


def to_canonical_text(raw: pl.DataFrame, plan: Plan) -> pl.DataFrame:
    """Pick and rename the columns a plan names, words for "no value" turned into nulls."""
    shortest, longest = _lengths(raw, set(plan.columns.values()))
    wanted = [
        _nulled(source, shortest.get(source), longest.get(source)).alias(name) for name, source in plan.columns.items()
    ]
    fixed = [pl.lit(text, dtype=pl.String).alias(name) for name, text in plan.constants.items()]
    frame = raw.select("row_number", *wanted, *fixed)
    if plan.derive is None:
        return frame
    derived = plan.derive(raw.with_columns(frame.drop("row_number")))
    return derived.select(name for name in schema.CANONICAL if name in derived.columns)


def _lengths(raw: pl.DataFrame, sources: set[str]) -> list[dict[str, int | None]]:
    """Give the shortest and the longest text of each column of text, in bytes: cheap to know, and often enough."""
    kinds = raw.schema
    texts = [source for source in sources if kinds[source] == pl.String]
    if not texts:
        return [{}, {}]
    sizes = pl.col(texts).str.len_bytes()
    both = raw.select(sizes.min(), sizes.max().name.suffix(_LONGEST)).row(0)
    return [dict(zip(texts, both[: len(texts)], strict=True)), dict(zip(texts, both[len(texts) :], strict=True))]


def _nulled(source: str, shortest: int | None, longest: int | None) -> pl.Expr:
    column = pl.col(source)
    if shortest is None or shortest > _LONGEST_NULL_WORD:
        return column
    if longest == 0:
        return pl.lit(None, pl.String)
    return pl.when(~column.is_in(schema.NULL_WORDS)).then(column)


def check(text: pl.DataFrame, style: Style, has_nul: bool = False) -> Checked:
    """Give every row in the canonical schema, with the rows that cannot be trusted marked and explained."""
    book = _Book(text, style.plan)
    _read_numbers(book, style.decimal_mark)
    _read_times(book, style.times)
    _read_tags(book, style.tags)
    _read_texts(book, has_nul)
    rows = book.frame()
    if style.plan.has_money:
        book.demand(rows["billing_currency"], "billing_currency", "is empty; every amount needs its currency")
        for cost in schema.COSTS:
            book.demand(rows[cost], cost, "is empty; write 0 where nothing is charged")
    book.demand(rows["charge_period_start"], "charge_period_start", "is empty; every charge needs its day")
    rows = _complete_periods(rows, "1d" if style.plan.by_day else "1mo")
    book.forbid(rows["charge_period_end"] < rows["charge_period_start"], "charge_period_end", "ends before it starts")
    book.forbid(
        rows["billing_period_end"] < rows["billing_period_start"], "billing_period_end", "ends before it starts"
    )
    return Checked(rows, book.refused, book.problems, book.repeated_keys, book.inclusive_ends, book.moved_starts)


class _Book:
    """The columns read so far and what was found wrong."""

    def __init__(self, text: pl.DataFrame, plan: Plan) -> None:
        self.text = text
        self.plan = plan
        self.columns: dict[str, pl.Series] = {}
        self.refused = pl.Series("refused", [False], dtype=pl.Boolean).new_from_index(0, text.height)
        self.problems: list[RowProblem] = []
        self.repeated_keys = 0
        self.inclusive_ends = 0
        self.moved_starts = 0

    def has(self, name: str) -> bool:
        return name in self.text.columns

    def report(self, name: str, reasons: dict[str, str]) -> None:
        """Refuse the rows whose text is among the reasons."""
        if reasons:
            wrong = self.text[name].is_in(list(reasons)).fill_null(False)
            self._note(name, wrong, reasons, "")

    def demand(self, values: pl.Series, name: str, reason: str) -> None:
        """Refuse the rows that have no value and no problem of that column yet."""
        if values.null_count() == 0:
            return
        told = {problem.line for problem in self.problems if problem.column == self._label(name)}
        missing = values.is_null()
        if told and missing.any():
            missing &= ~self.text["row_number"].is_in(list(told))
        self._note(name, missing, {}, reason)

    def forbid(self, wrong: pl.Series, name: str, reason: str) -> None:
        """Refuse the rows for which something is true that must not be."""
        self._note(name, wrong.fill_null(False), {}, reason)

    def _note(self, name: str, wrong: pl.Series, reasons: dict[str, str], reason: str) -> None:
        if not wrong.any():
            return
        self.refused |= wrong
        lines = self.text["row_number"].filter(wrong).to_list()
        values = self.text[name].filter(wrong).to_list() if self.has(name) else [None] * len(lines)
        told = {(problem.line, problem.column, problem.reason) for problem in self.problems}
        for line, value in zip(lines, values, strict=True):
            shown = None if value is None else str(value)[:VALUE_CHARS]
            problem = RowProblem(line, self._label(name), shown, reasons.get(value, reason))
            if (line, problem.column, problem.reason) not in told:  # one column may stand for several of ours
                self.problems.append(problem)

    def _label(self, name: str) -> str:
        return self.plan.columns.get(name, name)

    def frame(self) -> pl.DataFrame:
        """Give all canonical columns in their order, nulls where the source has none."""
        read = [values.alias(name) for name, values in self.columns.items()]
        whole = pl.DataFrame([self.text["row_number"], *read])
        return whole.select(
            pl.col(name) if name in whole.columns else pl.lit(None, dtype).alias(name)
            for name, dtype in schema.CANONICAL.items()
        )


def _read_numbers(book: _Book, mark: DecimalMark) -> None:
    figures = [name for name in schema.NUMBERS if book.has(name)]
    plain = plain_columns(book.text.select(figures), mark)
    book.columns |= {name: book.text[name] for name in plain}
    for name in figures:
        if name not in plain:
            book.columns[name], reasons = normalise_numbers(book.text[name], mark, optional=name not in schema.COSTS)
            book.report(name, reasons)
    for name in schema.COUNTS:
        if book.has(name):
            book.columns[name], reasons = normalise_counts(book.text[name])
            book.report(name, reasons)


def _read_times(book: _Book, times: TimeBook) -> None:
    for name in (*schema.TIMES, *schema.PERIODS):
        if not book.has(name):
            continue
        values = book.text[name]
        if values.dtype != pl.String:
            wrong_year = ~values.dt.year().is_between(FIRST_YEAR, LAST_YEAR)
            book.forbid(wrong_year, name, f"lies outside the years {FIRST_YEAR} to {LAST_YEAR}")
        read = times.read(name, values, ends_with_day=name in book.plan.inclusive_ends)
        book.columns[name] = read.values
        book.report(name, read.reasons)
        if name.endswith("_end"):
            book.inclusive_ends += int(read.is_noted.sum())
        elif name == "billing_period_start":
            book.moved_starts += int(read.is_noted.sum())


def _read_tags(book: _Book, tags: TagBook) -> None:
    if book.has("tags"):
        texts = book.text["tags"]
        book.columns["tags"], reasons, repeated = tags.normalise(texts)
        book.report("tags", reasons)
        book.repeated_keys = int(texts.is_in(list(repeated)).sum()) if repeated else 0


def _read_texts(book: _Book, has_nul: bool) -> None:
    names = [name for name in schema.TEXT if book.has(name)]
    lengths = book.text.select(pl.col(names).str.len_bytes().max()).row(0, named=True) if names else {}
    with_nul = _with_nul(book.text.select(names)) if has_nul else []
    words = _words(book.text)
    for name in names:
        values = book.text[name]
        longest = schema.LONGEST_DESCRIPTION if name == "charge_description" else schema.LONGEST_TEXT
        if (lengths[name] or 0) > longest:
            book.forbid(values.str.len_bytes() > longest, name, f"is longer than {longest:,} bytes")
        if name in with_nul:
            book.forbid(values.str.contains("\0", literal=True), name, "contains the NUL character")
        if name == "billing_currency" and not words[name] <= CODES:
            values = _read_currency(book, values)
        book.columns[name] = _fold(values, words[name], FOLDED[name]) if name in FOLDED else values


def _with_nul(texts: pl.DataFrame) -> list[str]:
    """Tell the columns in which the NUL character stands: each is looked through as one text, twice as fast as by row."""
    if not texts.width:
        return []
    found = texts.select(pl.all().str.join("").str.contains("\0", literal=True)).row(0, named=True)
    return [name for name, has_nul in found.items() if has_nul]


def _words(text: pl.DataFrame) -> dict[str, set[str]]:
    """Give the distinct words of the columns that are known by their words."""
    names = [name for name in (*FOLDED, "billing_currency") if name in text.columns]
    found = text.select(pl.col(names).drop_nulls().unique().implode()) if names else text.clear()
    return {name: set(words) for name, words in found.row(0, named=True).items()} if names else {}


def _read_currency(book: _Book, values: pl.Series) -> pl.Series:
    codes = values.str.strip_chars().str.to_uppercase()
    known = codes.is_in(list(CODES))
    book.forbid(~known, "billing_currency", "is not a currency code of ISO 4217")
    return codes.set(~known.fill_null(True), None)


def _fold(values: pl.Series, words: set[str], spelling: dict[str, str]) -> pl.Series:
    """Write words of a closed list as the list does, whatever their case; keep unknown ones."""
    other = {text: spelling[text.lower()] for text in words if spelling.get(text.lower(), text) != text}
    return values.replace(other) if other else values


def _complete_periods(rows: pl.DataFrame, span: Literal["1d", "1mo"]) -> pl.DataFrame:
    """Fill a billing period that the source does not give: the calendar day or month of the charge."""
    if rows["billing_period_start"].null_count():
        start = pl.col("charge_period_start").dt.date().dt.truncate(span)
        rows = rows.with_columns(pl.coalesce("billing_period_start", start).alias("billing_period_start"))
    if rows["billing_period_end"].null_count():
        end = pl.col("billing_period_start").dt.truncate(span).dt.offset_by(span)
        rows = rows.with_columns(pl.coalesce("billing_period_end", end).alias("billing_period_end"))
    return rows
