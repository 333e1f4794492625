from datetime import date
from decimal import Decimal

import pytest

from projects.intake.import_mapping import parse_mapping
from projects.intake.import_milestones import projects_by_id, read_milestones
from projects.intake.spreadsheets.refusals import FileRefused

PROJECTS = projects_by_id([("HHS", "P1"), ("HHS", "P2")])
HHS = '[options]\norganisation = "HHS"\n'
DURATIONS = (
    "activity_id,project_id,name,planned_start,planned_duration_days,actual_start_delay_days,actual_duration_days"
)


def reading(text, mapping=HHS):
    found = read_milestones(text.encode(), parse_mapping(mapping), PROJECTS)
    assert found.rows == len(found.records) + len(found.repeats) + len(found.refusals)
    return found


def only(text, mapping=HHS):
    found = reading(text, mapping)
    assert not found.refusals
    return found.records[0]


def test_due_and_finish_follow_from_start_and_durations():
    record = only(f"{DURATIONS}\n7,P1,Design,2012-01-01,10,2,9\n")

    assert record.identity == ("HHS", "P1", "7")
    assert (record.due_on, record.finished_on, record.slip_days) == (date(2012, 1, 11), date(2012, 1, 12), 1)


def test_an_early_start_counts_and_a_missing_delay_is_none():
    assert only(f"{DURATIONS}\n7,P1,Design,2012-01-01,10,-3,10\n").slip_days == -3
    assert only(f"{DURATIONS}\n7,P1,Design,2012-01-01,10,,10\n").slip_days == 0


def test_an_unfinished_milestone_has_no_slip():
    record = only(f"{DURATIONS}\n7,P1,Design,2012-01-01,10,4,\n")

    assert (record.finished_on, record.slip_days) == (None, None)


def test_a_due_date_and_a_finish_date_are_taken_as_they_stand():
    record = only("id,project,name,due date,completed on,planned cost\n7,P1,Design,2012-01-11,2012-01-10,$5\n")

    assert (record.due_on, record.finished_on, record.slip_days) == (date(2012, 1, 11), date(2012, 1, 10), -1)
    assert record.cost == Decimal(5)


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("7,P9,Design,2012-01-01,10,0,9", "project_id", "is no project of HHS that was imported: import it first"),
        ("7,,Design,2012-01-01,10,0,9", "project_id", "names no project"),
        (",P1,,2012-01-01,10,0,9", "name", "has neither a name nor an id"),
        ("7,P1,Design,,10,0,9", "planned_start", "has no date on which it is due, nor a start and a duration"),
        ("7,P1,Design,2012-01-01,,0,9", "planned_start", "has no date on which it is due, nor a start and a duration"),
        ("7,P1,Design,1/2/2012,10,0,9", "planned_start", "can be two dates"),
        ("7,P1,Design,2012-01-01,1.5,0,9", "planned_duration_days", "is not a whole number of days"),
    ],
)
def test_a_milestone_is_refused_with_its_reason(row, column, reason):
    (refusal,) = reading(f"{DURATIONS}\n{row}\n").refusals

    assert (refusal.line, refusal.column) == (2, column)
    assert refusal.reason.startswith(reason)


def test_the_organisation_of_a_row_goes_before_the_mappings():
    text = "id,project,org,name,due\n1,P1,HHS,A,2012-01-01\n2,P1,DOE,B,2012-01-01\n"

    assert [refusal.line for refusal in reading(text, '[options]\norganisation = "HHS"').refusals] == [3]


def test_the_same_project_and_id_merges_and_says_which_line_it_stood_on():
    found = reading("id,project,name,due\n1,P1,A,2012-01-01\n1,P2,A,2012-01-01\n1,P1,B,2012-02-01\n")

    assert [record.line for record in found.records] == [2, 3]
    assert [(record.line, first) for record, first in found.repeats] == [(4, 2)]


def test_milestones_without_an_id_are_all_kept():
    found = reading("project,name,due\nP1,A,2012-01-01\nP1,A,2012-01-01\n")

    assert len({record.identity for record in found.records}) == 2


def test_a_milestone_without_an_id_is_known_by_its_words():
    first = only("project,name,due\nP1,A,2012-01-01\n")
    again = only("project,due,name,status\nP1,2012-01-01,A,done\n")

    assert first.identity == again.identity


def test_a_milestone_without_a_name_is_called_by_its_id():
    assert only("id,project,name,due\n1,P1,,2012-01-01\n").name == "Milestone 1"


def test_words_are_kept_as_notes():
    record = only("id,project,name,due,completed on,planned cost\n1,P1,A,2012-01-01,in autumn,Exempt\n")

    assert [note.value for note in record.notes] == ["in autumn", "Exempt"]


def test_a_file_without_a_project_column_is_refused():
    with pytest.raises(FileRefused) as refused:
        reading("id,name,due\n1,A,2012-01-01\n")

    assert refused.value.code == "columns_missing"


def test_a_milestone_that_names_no_organisation_finds_the_only_project_of_its_id():
    assert only("id,project,name,due\n1,P2,A,2012-01-01\n", "").organisation == "HHS"


def test_a_milestone_that_names_no_organisation_is_refused_where_two_have_the_project():
    projects = projects_by_id([("HHS", "P1"), ("DOE", "P1")])
    content = b"id,project,name,due\n1,P1,A,2012-01-01\n"

    found = read_milestones(content, parse_mapping(""), projects)

    assert "several organisations" in found.refusals[0].reason


def test_projects_without_an_organisation_take_milestones_too():
    content = b"id,project,name,due\n1,P1,A,2012-01-01\n"

    found = read_milestones(content, parse_mapping(""), projects_by_id([("", "P1")]))

    assert found.records[0].identity == ("", "P1", "1")
