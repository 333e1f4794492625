import io
import zipfile
from datetime import date, datetime

import pytest
from openpyxl import Workbook

from projects.intake.spreadsheets.refusals import FileRefused
from projects.intake.spreadsheets.workbook import is_workbook, read_sheet


def saved(workbook):
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def workbook_of(*rows, title="Projects"):
    workbook = Workbook()
    workbook.active.title = title
    for row in rows:
        workbook.active.append(row)
    return workbook


def test_a_zip_archive_may_be_a_workbook_and_text_is_none():
    assert is_workbook(saved(workbook_of(["name"])))
    assert not is_workbook(b"name,id\n")


def test_cells_become_the_text_a_person_would_type():
    row = ["A", 12, 0.1, 1234567.25, True, date(2024, 3, 1), datetime(2024, 3, 1, 9, 30), None, "Z"]

    records = read_sheet(saved(workbook_of(["h"], row))).records

    assert records[1].cells == ("A", "12", "0.1", "1234567.25", "TRUE", "2024-03-01", "2024-03-01 09:30:00", "", "Z")


def test_a_record_carries_its_row_number_past_blank_rows():
    records = read_sheet(saved(workbook_of(["name"], [None], ["A"]))).records

    assert [record.line for record in records] == [1, 3]


def test_a_formula_is_never_computed_and_never_shown():
    records = read_sheet(saved(workbook_of(["name", "cost"], ["A", "=1+1"]))).records

    assert records[1].cells == ("A", "")


def test_the_first_sheet_that_is_shown_is_read_and_the_others_are_named():
    workbook = workbook_of(["secret"], ["x"], title="Hidden one")
    workbook.active.sheet_state = "hidden"
    workbook.create_sheet("Projects").append(["name"])
    workbook.create_sheet("More").append(["other"])
    workbook.active = 1

    sheet = read_sheet(saved(workbook))

    assert sheet.records[0].cells == ("name",)
    assert sheet.notes == (
        'Only the sheet "Projects" was read. Not read: More.',
        "Hidden sheets were not read: Hidden one.",
    )


def test_a_named_sheet_is_read_and_an_unknown_one_refused():
    workbook = workbook_of(["first"])
    workbook.create_sheet("More").append(["other"])
    content = saved(workbook)

    assert read_sheet(content, sheet="More").records[0].cells == ("other",)
    with pytest.raises(FileRefused, match="Projects, More") as refused:
        read_sheet(content, sheet="Absent")
    assert refused.value.code == "sheet_missing"


def test_a_workbook_of_empty_sheets_is_refused():
    with pytest.raises(FileRefused) as refused:
        read_sheet(saved(Workbook()))

    assert refused.value.code == "file_empty"


def test_a_workbook_that_unpacks_above_its_cap_is_refused_before_it_is_opened():
    with pytest.raises(FileRefused) as refused:
        read_sheet(saved(workbook_of(["name"])), limit=1000)

    assert refused.value.code == "file_too_large"


def test_another_zip_archive_is_refused():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("../projects.csv", "name\nA\n")

    with pytest.raises(FileRefused) as refused:
        read_sheet(buffer.getvalue())

    assert refused.value.code == "not_a_table"


@pytest.mark.parametrize("content", [b"PK\x03\x04 and nothing", saved(workbook_of(["name"]))[:-40]])
def test_a_damaged_workbook_is_refused(content):
    with pytest.raises(FileRefused) as refused:
        read_sheet(content)

    assert refused.value.code == "file_damaged"


def test_a_workbook_without_its_parts_is_refused():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")

    with pytest.raises(FileRefused) as refused:
        read_sheet(buffer.getvalue())

    assert refused.value.code == "file_damaged"
