"""Readings delivered together, as a file or a call: read whole or refused whole, every wrong cell named, the same file twice harmless."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial

from django.db import transaction

from projects.audit.services import record
from projects.common.outcomes import Blocker
from projects.common.small_tables import MOST_TOLD, Row, TableRefused, day_of, figure_of, read_small_table
from projects.initiatives.models import Initiative
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import require
from projects.value.models import LARGEST, KpiCard, KpiReading, ReadingSource
from projects.value.rules import reading_blockers
from projects.value.services import Reading, may_import

NEEDED = ("measure", "from", "to", "value")
OPTIONAL = ("numerator", "denominator", "note")
SIX = Decimal("0.000001")


@dataclass(frozen=True)
class Kept:
    """What became of a file: how many readings are new, how many were here already, and whether they prove."""

    new: int
    known: int
    is_imported: bool


def deliver_readings(*, initiative_id: int, name: str, content: bytes, by: User, at: datetime) -> Kept:
    """Keep the readings of a CSV: imported where finance without an interest brings it, else typed by the team.

    Raise NotPermitted, or TableRefused naming every line that cannot be read; then nothing is kept.
    """
    origin = {"file": name, "sha256": hashlib.sha256(content).hexdigest()}
    table = partial(read_small_table, content, needed=NEEDED, optional=OPTIONAL)
    return _keep(initiative_id, table, origin, by, at)


def keep_kpi_rows(*, initiative_id: int, rows: Sequence[Row], by: User, at: datetime) -> Kept:
    """Keep rows that a call brought, as `deliver_readings` keeps those of a file. Raise as it does."""
    return _keep(initiative_id, lambda: rows, {"file": "the API"}, by, at)


@transaction.atomic
def _keep(
    initiative_id: int, rows: Callable[[], Sequence[Row]], origin: dict[str, str], by: User, at: datetime
) -> Kept:
    initiative = Initiative.objects.select_for_update().get(pk=initiative_id)
    is_imported = may_import(by, initiative)
    if not is_imported:
        require(by, Permission.RECORD_READING, initiative=initiative)
    source = ReadingSource.IMPORTED if is_imported else ReadingSource.TYPED
    cards = {card.name.casefold(): card for card in initiative.kpis.all()}
    told = _read(rows(), cards, on=at.date())
    here = _here(list(cards.values()), source)
    new = [(card, reading) for card, reading in told if here.get(_place(card, reading)) != reading.value]
    KpiReading.objects.bulk_create(
        KpiReading(
            card=card,
            period_start=reading.period_start,
            period_end=reading.period_end,
            numerator=reading.numerator,
            denominator=reading.denominator,
            value=reading.value,
            note=reading.note or f"From {origin['file'][:120]}",
            source=source,
            recorded_by=by,
            recorded_at=at,
        )
        for card, reading in new
    )
    if new:
        data = origin | {"readings": len(new), "source": source}
        record(verb="kpi.delivered", target=initiative, by=by, at=at, data=data)
    return Kept(len(new), len(told) - len(new), is_imported)


def _here(cards: Sequence[KpiCard], source: str) -> dict[tuple[int, date, date], Decimal]:
    """Return the newest value of each period from the same source, oldest first so that the last one stands."""
    rows = KpiReading.objects.filter(card__in=cards, source=source).order_by("recorded_at", "id")
    return {(row.card_id, row.period_start, row.period_end): row.value for row in rows}


def _place(card: KpiCard, reading: Reading) -> tuple[int, date, date]:
    return (card.pk, reading.period_start, reading.period_end)


def _read(rows: Sequence[Row], cards: dict[str, KpiCard], *, on: date) -> list[tuple[KpiCard, Reading]]:
    found: dict[tuple[int, date, date], tuple[KpiCard, Reading]] = {}
    wrong: list[Blocker] = []
    for row in rows:
        card = cards.get(row["measure"].casefold())
        reading, reasons = _reading(row)
        if card is None:
            known = ", ".join(sorted(one.name for one in cards.values())) or "none yet"
            reasons = [f"column measure: there is no “{row['measure'][:80]}”. Measures are {known}", *reasons]
        elif reading is not None:
            start, end = reading.period_start, reading.period_end
            found_wrong = reading_blockers(card.name, reading.value, start, end, on=on, largest=LARGEST)
            reasons += [blocker.message.rstrip(".") for blocker in found_wrong]
            if _place(card, reading) in found:
                reasons.append("the same measure and period stand on an earlier line")
            found.setdefault(_place(card, reading), (card, reading))
        wrong += [Blocker("line_refused", f"Line {row.line}, {reason}.") for reason in reasons]
    if wrong:
        more = len(wrong) - MOST_TOLD
        rest = [Blocker("line_refused", f"And {more} more.")] if more > 0 else []
        raise TableRefused(wrong[:MOST_TOLD] + rest)
    return list(found.values())


def _reading(row: Row) -> tuple[Reading | None, list[str]]:
    """Read one row; a value left empty is numerator ÷ denominator."""
    reasons = []
    start, last = day_of(row["from"]), day_of(row["to"])
    figures = {name: figure_of(row[name]) for name in ("value", "numerator", "denominator")}
    for name, day in (("from", start), ("to", last)):
        if day is None:
            reasons.append(f"column {name}: “{row[name][:40]}” is no day. Write it as 2026-10-31")
    for name, figure in figures.items():
        if row[name] and figure is None:
            reasons.append(f"column {name}: “{row[name][:40]}” is no figure. Write it as 1060 or 4.4")
    value, upper, lower = figures["value"], figures["numerator"], figures["denominator"]
    if not row["value"]:
        if upper is None or not lower:
            reasons.append("column value: empty, and no numerator and denominator to divide")
        else:
            value = (upper / lower).quantize(SIX)
    if reasons or start is None or last is None or value is None:
        return None, reasons
    return Reading(start, last + timedelta(days=1), value, upper, lower, row["note"][:400]), []
