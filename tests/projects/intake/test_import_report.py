from datetime import date
from decimal import Decimal

import pytest

from projects.intake.import_mapping import parse_mapping
from projects.intake.import_milestones import projects_by_id, read_milestones
from projects.intake.import_records import read_portfolio
from projects.intake.import_report import Here, Limits, MilestoneCounts, Report

LIMITS = Limits(Decimal(15), 0, 30)
ROWS = (
    "id,name,stage,budget,actual\n1,Grid,Pilot,$100,$116\n1,Grid,Pilot,$100,$116\n2,Chat,Odd,,\n3,Talk,Pilot,Exempt,\n"
    "4,Hush,,0,5\n"
)


def report_of(text, here=None, **more):
    reading = read_portfolio(text.encode(), parse_mapping(""))
    known = here or {}
    new = [record for record in reading.records if record.identity not in known]
    return Report("f.csv", reading, new, known, LIMITS, date(2026, 1, 1), **more)


def test_every_row_is_counted_once():
    told = report_of(ROWS).as_dict()

    assert (told["rows"], told["accepted"], told["merged"], told["refused"]) == (5, 3, 1, 1)
    assert told["by_stage"] == {"Concept": 1, "Pilot": 3}
    assert told["repeated"] == [{"line": 3, "first_line": 2, "id": "1", "name": "Grid"}]
    assert [row["line"] for row in told["refusals"]] == [4]


def test_totals_leave_repeated_rows_out_and_name_what_has_no_currency():
    totals = report_of(ROWS).as_dict()["totals"]

    assert totals["budget"] == {"rows": 2, "zero": 1, "sums": {"USD": Decimal(100), "currency not told": Decimal(0)}}
    assert (totals["without_budget"], totals["compared_with_plan"]) == (1, 1)
    assert totals["over_plan"] == {"percent": Decimal(15), "projects": 1}
    assert totals["in_words"] == {"over": 1, "a budget of zero": 1}


def test_words_in_cells_are_listed_with_their_line():
    notes = report_of(ROWS).as_dict()["row_notes"]

    assert {(note["line"], note["column"], note["value"]) for note in notes} == {
        (5, "budget", "Exempt"),
        (6, "stage", ""),
    }


@pytest.mark.parametrize(
    ("here", "fields"),
    [
        (Here("AI-001", "Grid", "Pilot", Decimal(100), Decimal(116)), []),
        (Here("AI-001", "Old grid", "Concept", None, Decimal(116)), ["name", "stage", "budget"]),
    ],
)
def test_what_is_here_is_compared_with_the_file(here, fields):
    told = report_of(ROWS, {("", "1"): here}).as_dict()

    assert (told["accepted"], told["merged"]) == (2, 2)
    assert [difference["field"] for difference in told["differences"]] == fields


def test_a_row_without_a_stage_differs_from_none():
    here = {("", "4"): Here("AI-004", "Hush", "Launch", Decimal(0), Decimal(5))}

    assert report_of(ROWS, here).as_dict()["differences"] == []


def test_milestones_tell_both_counts():
    content = b"id,project,name,due\n1,1,A,2025-01-01\n2,1,B,2025-02-01\n3,9,C,2025-02-01\n"
    reading = read_milestones(content, parse_mapping(""), projects_by_id([("", "1")]))

    told = report_of(ROWS, milestones=MilestoneCounts(reading, 2, 0)).as_dict()["milestones"]

    assert (told["rows"], told["accepted"], told["merged"], told["refused"]) == (3, 2, 0, 1)
    assert told["late_when_finished"]["projects_with_two_in_a_row"] == 0
    assert told["late_on_the_day"]["projects_with_two_in_a_row"] == 1
