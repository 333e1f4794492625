"""The agenda's figures as a sheet for finance: CSV and XLSX with the same cells."""

import csv
from collections.abc import Iterable
from io import BytesIO, StringIO

from openpyxl import Workbook

from council.meetings.models import AgendaItem
from projects.common.cells import safe_cell

CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
COLUMNS = (
    "item",
    "initiative",
    "name",
    "owner",
    "cost_centre",
    "stage",
    "kind",
    "request",
    "escalation",
    "currency",
    "minimum",
    "asked",
    "maximum",
    "milestone",
    "due_on",
    "approved",
    "committed",
    "spent",
    "frozen_at",
)


def agenda_figures(items: Iterable[AgendaItem], form: str) -> bytes:
    """Return the asks of a meeting with the figures that were frozen with its pack; amounts are exact text."""
    rows = [list(COLUMNS), *([safe_cell(cell) for cell in _row(item)] for item in items)]
    return _xlsx(rows) if form == "xlsx" else _csv(rows)


def _row(item: AgendaItem) -> list[object]:
    request, initiative, frozen = item.gate_request, item.initiative, item.snapshot
    return [
        item.number,
        initiative.key,
        initiative.name,
        initiative.business_owner,
        initiative.cost_centre,
        frozen.get("stage", initiative.stage),
        item.get_kind_display(),
        request.key if request else "",
        item.escalation.key if item.escalation else "",
        item.currency,
        _text(request.minimum if request else None),
        _text(item.asked),
        _text(request.maximum if request else None),
        request.milestone_name if request else "",
        _text(request.milestone_due_on if request else None),
        *(frozen.get(name, "") for name in ("approved", "committed", "spent", "frozen_at")),
    ]


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _csv(rows: list[list[str]]) -> bytes:
    written = StringIO()
    csv.writer(written).writerows(rows)
    return written.getvalue().encode()


def _xlsx(rows: list[list[str]]) -> bytes:
    book = Workbook()
    sheet = book.active
    sheet.title = "Agenda"
    for row in rows:
        sheet.append(row)
    for column in sheet.iter_cols():
        for cell in column:
            cell.data_type = "s"
    written = BytesIO()
    book.save(written)
    return written.getvalue()
