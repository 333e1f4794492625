"""What a file holds and what importing it would change, before anything is written."""

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from projects.common.formats import digits
from projects.sources.eyes import Eyes
from projects.sources.fingerprints import Fingerprint
from projects.sources.keys import PrintBook
from projects.sources.models import ClosedPeriod, Delivery, DeliveryPart, Source, SourceRole, SourceScope
from projects.sources.readers.interface import ColumnMapping, Recognised, RowProblem, Sums, Totals, UnreadableFile
from projects.sources.readers.kinds import minimal
from projects.sources.readers.reading import read_batches, recognise
from projects.sources.readers.recognition import plan_for
from projects.spend.closed import closed_periods
from projects.spend.sameness import same_of_another, standing_delivery
from projects.spend.services import require_money
from projects.spend.swapping import replaced_by

SHOWN_ROWS = 5
SHOWN_PROBLEMS = 50
READ_WHOLE_BYTES = 64 * 1024 * 1024
SHOWN_COLUMNS = {
    "charge_period_start": "Charge starts",
    "provider_name": "Provider",
    "service_name": "Service",
    "sub_account_id": "Sub-account",
    "charge_category": "Category",
    "billed_cost": "Billed cost",
    "effective_cost": "Effective cost",
    "billing_currency": "Currency",
}


@dataclass
class Preview:
    """A look into a file; `error` is set where it cannot be imported whole, `is_part` where only a part was read."""

    recognised: Recognised | None = None
    error: str = ""
    columns: list[tuple[str, str]] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)
    totals: Totals = field(default_factory=Totals)
    rows: list[list[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    first_day: date | None = None
    last_day: date | None = None
    periods: list[date] = field(default_factory=list)
    is_part: bool = False
    tells_a_stretch: bool = False
    replaced: list[DeliveryPart] = field(default_factory=list)
    unchanged: str = ""
    elsewhere: str = ""
    role: str = ""
    closed: list[ClosedPeriod] = field(default_factory=list)
    is_new_source: bool = True
    mappable: tuple[str, ...] = ()

    @property
    def figures(self) -> list[dict[str, str]]:
        """Return rows and exact sums by currency, for the strip of key figures."""
        read = " read so far" if self.is_part else ""
        strip = [{"label": f"Rows{read}", "value": f"{self.totals.accepted_rows:,}"}]
        for currency, sums in self.totals.accepted.items():
            strip.append({"label": f"Effective cost{read}, {currency}", "value": digits(sums.effective_cost, currency)})
            strip.append({"label": f"Billed cost{read}, {currency}", "value": digits(sums.billed_cost, currency)})
        return strip

    @property
    def may_load_good_rows(self) -> bool:
        """Say whether some rows are bad and others could be loaded."""
        return bool(self.error and self.totals.refused_rows and self.totals.accepted_rows)

    @property
    def sides(self) -> list[tuple[str, int, list[str]]]:
        """Return accepted and refused with their rows and exact effective cost by currency."""
        sides = (("Loaded", self.totals.accepted), ("Left out", self.totals.refused))
        return [
            (
                name,
                sum(line.rows for line in sums.values()),
                [said_cost(line, code) for code, line in sums.items()],
            )
            for name, sums in sides
        ]

    @property
    def differences(self) -> list[tuple[str, Decimal, Decimal, Decimal]]:
        """Return by currency the exact effective cost of what is replaced, of what comes in its place, and its change."""
        before: dict[str, Decimal] = {}
        for part in self.replaced:
            for code, sums in part.totals.items():
                before[code] = before.get(code, Decimal(0)) + Decimal(sums["effective_cost"])
        after = {code: sums.effective_cost for code, sums in self.totals.accepted.items()}
        sides = [
            (code, before.get(code, Decimal(0)), after.get(code, Decimal(0))) for code in sorted({*before, *after})
        ]
        return [(code, old, new, new - old) for code, old, new in sides]

    @property
    def role_options(self) -> list[dict[str, str]]:
        """Return what a new source may be."""
        return [
            {"value": SourceRole.FACT, "label": "A bill", "note": "Its money counts."},
            {"value": SourceRole.DETAIL, "label": "A log of money that a bill has too", "note": "It is never added."},
        ]

    @property
    def labelled_rows(self) -> list[list[tuple[str, str]]]:
        """Return the first rows with the name of each column beside its cell."""
        return [list(zip(SHOWN_COLUMNS.values(), row, strict=True)) for row in self.rows]


def preview_file(path: Path, *, name: str, source: str, mapping: ColumnMapping, file_hash: str, eyes: Eyes) -> Preview:
    """Look into a file of a source. Never raises for what the file holds: the preview says what is wrong with it.

    People named in rows, in bad values and in sentences about them are shown as the reader may see them.
    """
    return _seen_by(eyes, _looked_into(path, name=name, source=source, mapping=mapping, file_hash=file_hash))


def columns_to_name(path: Path, *, name: str) -> tuple[str, ...]:
    """Return the columns of a table that a person may name, as the file writes them; none where it is a known export."""
    try:
        known = recognise(path, file_name=name)
    except UnreadableFile as refused:
        return refused.columns
    return known.columns if known.kind == minimal.KIND.name else ()


def saved_mapping(source: str) -> dict[str, Any]:
    """Return how the columns of a source's last delivery were named; empty where nobody had to name them."""
    last = Delivery.objects.filter(source__name=source).order_by("-id").first()
    said = last.mapping if last else {}
    return {word: said[word] for word in said if word != "role"} if said.get("columns") else {}


def _looked_into(path: Path, *, name: str, source: str, mapping: ColumnMapping, file_hash: str) -> Preview:
    preview = Preview()
    try:
        preview.recognised = recognise(path, file_name=name, mapping=mapping)
        require_money(preview.recognised)
        preview.columns, preview.unread = _pairing(preview.recognised)
        preview.mappable = preview.recognised.columns if preview.recognised.kind == minimal.KIND.name else ()
        content = Fingerprint()
        scopes = _read(path, preview.recognised, preview, content)
    except UnreadableFile as refused:
        preview.error, preview.problems = refused.message, list(refused.rows)[:SHOWN_PROBLEMS]
        preview.totals = refused.totals
        preview.mappable = preview.mappable or refused.columns
        return preview
    known = Source.objects.filter(name=source).first()
    preview.role = known.role if known else preview.recognised.role
    preview.is_new_source = known is None
    fingerprint = content.hexdigest()
    if known is not None:
        standing = standing_delivery(known, file_sha256=file_hash) or standing_delivery(known, fingerprint=fingerprint)
        preview.unchanged = standing.key if standing else ""
        preview.replaced = _replaced(known, scopes, preview.tells_a_stretch)
    preview.closed = closed_periods({*preview.periods, *(part.billing_period_start for part in preview.replaced)})
    same = same_of_another(source, file_sha256=file_hash, fingerprint=fingerprint)
    preview.elsewhere = f"{same.source} as {same.key}" if same else ""
    return preview


def _pairing(recognised: Recognised) -> tuple[list[tuple[str, str]], list[str]]:
    """Return what each column of ours is read from, a fixed word included, and the columns that are kept as they stand."""
    plan = plan_for(recognised)
    pairs = [(_title(ours), theirs) for ours, theirs in plan.columns.items()]
    pairs += [(_title(ours), f"always {said}") for ours, said in plan.constants.items() if said]
    taken = set(plan.columns.values())
    return pairs, [name for name in recognised.columns if name not in taken]


def _title(name: str) -> str:
    return name.removeprefix("x_").replace("_", " ").capitalize()


def _seen_by(eyes: Eyes, preview: Preview) -> Preview:
    preview.error = eyes.text(preview.error)
    preview.notes = [eyes.text(note) for note in preview.notes]
    preview.rows = [[eyes.cell(*cell) for cell in zip(SHOWN_COLUMNS, row, strict=True)] for row in preview.rows]
    preview.problems = [
        replace(row, value=eyes.cell(row.column or "", row.value), reason=eyes.text(row.reason))
        for row in preview.problems
    ]
    return preview


def _read(path: Path, recognised: Recognised, preview: Preview, content: Fingerprint) -> pl.DataFrame:
    reader, scopes, keys = read_batches(path, recognised), [], PrintBook()
    preview.tells_a_stretch = reader.tells_a_stretch
    preview.is_part = path.stat().st_size > READ_WHOLE_BYTES
    for batch in reader:
        frame = batch.frame
        if len(preview.rows) < SHOWN_ROWS:
            preview.rows += _shown(frame.head(SHOWN_ROWS - len(preview.rows)))
        scopes.append(frame.select("billing_account_id", "billing_period_start").unique())
        _widen(preview, frame)
        if frame.height:
            content.add(frame, keys.resolve(frame)[0]["key_print"])
        if preview.is_part and batch.bytes_read > READ_WHOLE_BYTES // 8:
            break
    preview.totals, preview.notes = reader.totals, reader.notes
    try:
        reader.raise_for_problems()
    except UnreadableFile as bad:
        if not reader.totals.accepted_rows:
            raise
        preview.error, preview.problems = bad.message, list(bad.rows)[:SHOWN_PROBLEMS]
    found = pl.concat(scopes).unique()
    preview.periods = sorted(found["billing_period_start"].unique().to_list())
    return found


def said_cost(sums: Sums, currency: str) -> str:
    """Write the effective cost of some rows, and how many of them have none that can be read."""
    unreadable = f", {sums.unreadable:,} without a readable amount" if sums.unreadable else ""
    return f"{digits(sums.effective_cost, currency or 'USD')} {currency or 'without a currency'}{unreadable}"


def _widen(preview: Preview, frame: pl.DataFrame) -> None:
    days = frame["charge_period_start"].dt.date()
    low, high = days.min(), days.max()
    if isinstance(low, date) and isinstance(high, date):
        preview.first_day = min(preview.first_day or low, low)
        preview.last_day = max(preview.last_day or high, high)


def _shown(frame: pl.DataFrame) -> list[list[str]]:
    shown = frame.select(pl.col("charge_period_start").dt.strftime("%Y-%m-%d %H:%M"), *list(SHOWN_COLUMNS)[1:])
    return [["" if value is None else str(value) for value in row] for row in shown.iter_rows()]


def _replaced(source: Source, scopes: pl.DataFrame, stretch: bool) -> list[DeliveryPart]:
    by_account = source.scope == SourceScope.ACCOUNT_PERIOD
    periods_of: dict[str, set[date]] = {}
    for account, period in scopes.iter_rows():
        periods_of.setdefault(account or "" if by_account else "", set()).add(period)
    return replaced_by(source, periods_of, stretch)
