"""XLSX workbooks: the unpacked size is capped, values are taken instead of formulas, hidden sheets are named."""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from projects.intake.spreadsheets.delimited import Record
from projects.intake.spreadsheets.refusals import FileRefused

UNPACKED_LIMIT = 200_000_000
ENTRY_LIMIT = 2_000
Cell = int | float | str | bool | time | date | datetime | timedelta


@dataclass(frozen=True)
class Sheet:
    """The records of one sheet and what a reader should know about the others."""

    records: tuple[Record, ...]
    notes: tuple[str, ...]


def is_workbook(content: bytes) -> bool:
    """Say whether the bytes are a zip archive, as every XLSX is."""
    return content.startswith(b"PK\x03\x04")


def read_sheet(content: bytes, *, sheet: str = "", limit: int = UNPACKED_LIMIT) -> Sheet:
    """Return the named sheet, or the first one that is shown and not empty. Raise FileRefused where there is none."""
    _refuse_bomb(content, limit)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        tables = [meta for meta in book.sheets_metadata if meta.typ == SheetTypeEnum.WorkSheet]
        shown = [meta.name for meta in tables if meta.visible == SheetVisibleEnum.Visible]
        hidden = [meta.name for meta in tables if meta.visible != SheetVisibleEnum.Visible]
        if sheet and sheet not in shown + hidden:
            raise FileRefused("sheet_missing", f'There is no sheet "{sheet}". Sheets: {", ".join(shown + hidden)}.')
        for name in [sheet] if sheet else shown:
            if records := _records(book.get_sheet_by_name(name).to_python(skip_empty_area=False)):
                return Sheet(records, _notes(name, shown, hidden))
    except CalamineError as error:
        raise FileRefused("file_damaged", "The workbook cannot be read: save it again as XLSX.") from error
    raise FileRefused("file_empty", "No sheet that is shown holds a row.")


def _refuse_bomb(content: bytes, limit: int) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            names = {entry.filename for entry in entries}
    except zipfile.BadZipFile as error:
        raise FileRefused("file_damaged", "The workbook is damaged: save it again as XLSX.") from error
    if len(entries) > ENTRY_LIMIT or sum(entry.file_size for entry in entries) > limit:
        raise FileRefused("file_too_large", f"The workbook unpacks to more than {limit:,} bytes: split it.")
    if "[Content_Types].xml" not in names:
        raise FileRefused(
            "not_a_table", "This is a zip archive, not a workbook: unpack it and import the table inside."
        )


def _records(rows: Sequence[Sequence[Cell]]) -> tuple[Record, ...]:
    texts = ((number, tuple(_text(cell) for cell in row)) for number, row in enumerate(rows, start=1))
    return tuple(Record(number, cells) for number, cells in texts if any(cell.strip() for cell in cells))


def _text(cell: Cell) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        exact = Decimal(repr(cell))
        return str(int(exact)) if exact == exact.to_integral_value() and abs(exact) < 10**15 else format(exact, "f")
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ")
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)


def _notes(name: str, shown: Sequence[str], hidden: Sequence[str]) -> tuple[str, ...]:
    notes = []
    if others := [other for other in shown if other != name]:
        notes.append(f'Only the sheet "{name}" was read. Not read: {", ".join(others)}.')
    if others := [other for other in hidden if other != name]:
        notes.append(f"Hidden sheets were not read: {', '.join(others)}.")
    return tuple(notes)
