import io
from datetime import date
from decimal import Decimal

import pytest
from openpyxl import Workbook

from projects.intake.import_mapping import parse_mapping
from projects.intake.import_records import read_portfolio
from projects.intake.import_stages import Stage
from projects.intake.spreadsheets.refusals import FileRefused


def reading(text, mapping=""):
    found = read_portfolio(text.encode(), parse_mapping(mapping))
    assert found.rows == len(found.records) + len(found.repeats) + len(found.refusals)
    return found


def only(text, mapping=""):
    found = reading(text, mapping)
    assert not found.refusals
    return found.records[0]


def refusal(text, mapping=""):
    found = reading(text, mapping)
    assert len(found.refusals) == 1
    return found.refusals[0]


def test_a_row_becomes_a_record_with_all_its_fields():
    record = only(
        "id,department,name,bureau,aims,stage,owner,cost centre,start date,end date,budget,actual,forecast,currency\n"
        'P1,DOE,Grid,Labs,"To see.\r\nTo do.",Retired,Ann,CC7,2020-01-01,2021-01-01,"1,000",900.5,950,USD\n'
    )

    assert record.identity == ("DOE", "P1")
    assert (record.line, record.name, record.unit, record.description) == (2, "Grid", "Labs", "To see.\nTo do.")
    assert (record.stage, record.stage_label) == (Stage.SUNSET, "Retired")
    assert (record.owner, record.cost_centre) == ("Ann", "CC7")
    assert (record.start_on, record.end_on) == (date(2020, 1, 1), date(2021, 1, 1))
    assert (record.budget, record.actual, record.forecast) == (Decimal(1000), Decimal("900.50"), Decimal(950))
    assert (record.currency, record.notes) == ("USD", ())


def test_the_same_organisation_and_id_merges_and_says_which_line_it_stood_on():
    found = reading("id,org,name\nP1,DOE,Grid\nP1,DOI,Grid\nP1,DOE,Other name\n")

    assert [record.line for record in found.records] == [2, 3]
    assert [(repeat.record.line, repeat.first_line) for repeat in found.repeats] == [(4, 2)]


def test_the_same_name_never_merges_by_itself():
    found = reading("org,name,aims\nDOE,Chatbot,one\nDOE,Chatbot,two\nDOE,Chatbot,two\n")

    assert len(found.records) == 3
    assert len({record.identity for record in found.records}) == 3


def test_a_row_without_an_id_is_known_by_its_words_whatever_its_order_and_stage():
    first = reading("org,name,stage\nDOE,Grid,Pilot\nDOE,Chat,Pilot\n")
    later = reading("org,name,stage\nDOE,Chat,Live\nDOE,Grid,Live\n")

    assert {record.identity for record in first.records} == {record.identity for record in later.records}
    assert not any(record.own_id for record in first.records)


def test_a_row_without_a_name_is_called_by_its_id():
    record = only("id,name\nP1,\n")

    assert record.name == "Project P1"
    assert "called by its id" in record.notes[0].why


@pytest.mark.parametrize("text", ["id,name,org\n,,DOE\n", "id,name,org\nN/A, ,DOE\n"])
def test_a_row_with_neither_name_nor_id_is_refused(text):
    assert refusal(text).reason == "has neither a name nor an id"


def test_a_name_at_the_limit_stays_and_a_longer_one_is_cut_with_a_note():
    assert only(f"name\n{'x' * 200}\n").name == "x" * 200

    cut = only(f"name\n{'x' * 201}\n")
    assert cut.name == "x" * 199 + "…"
    assert cut.notes[0].value == "x" * 201


def test_an_id_above_the_limit_is_refused_and_one_at_it_is_not():
    assert only(f"id,name\n{'1' * 200},A\n").external_id == "1" * 200
    assert "more than 200" in refusal(f"id,name\n{'1' * 201},A\n").reason


def test_ids_keep_leading_zeros_and_twenty_digits():
    assert only("id,name\n00012345678901234567,A\n").external_id == "00012345678901234567"


def test_the_organisation_of_the_mapping_fills_blank_ones():
    found = reading("id,org,name\n1,DOE,A\n2,,B\n", '[options]\norganisation = "HHS"')

    assert [record.organisation for record in found.records] == ["DOE", "HHS"]


def test_cells_beyond_the_header_refuse_the_row():
    assert refusal("id,name\n1,A,stray\n").value == "stray"


def test_an_unknown_stage_is_asked_about_and_answered_by_the_mapping():
    text = "name,stage\nA,Half-baked\n"

    asked = refusal(text)
    assert (asked.line, asked.column, asked.value) == (2, "stage", "Half-baked")
    assert "[stages]" in asked.reason
    assert only(text, '[stages]\n"half-baked" = "MVP"').stage is Stage.MVP
    assert only(text, '[stages]\n"*" = "Pilot"').stage is Stage.PILOT


def test_the_mapping_of_a_label_goes_before_what_is_usual():
    assert only("name,stage\nA,Pilot\n", '[stages]\n"Pilot" = "Scale"').stage is Stage.SCALE


def test_a_blank_stage_starts_in_concept_with_a_note_or_where_the_mapping_says():
    record = only("name,stage\nA,\n")
    assert record.stage is Stage.CONCEPT
    assert "starts in Concept" in record.notes[0].why

    assert only("name,stage\nA, \n", '[stages]\n"" = "Launch"').stage is Stage.LAUNCH
    assert only("name\nA\n", '[stages]\n"" = "Launch"').stage is Stage.LAUNCH


def test_an_ambiguous_date_refuses_the_row_unless_the_mapping_gives_the_order():
    text = "name,start date\nA,3/4/2024\n"

    asked = refusal(text)
    assert (asked.line, asked.column, asked.value) == (2, "start date", "3/4/2024")
    assert only(text, '[dates]\norder = "dmy"').start_on == date(2024, 4, 3)
    assert only(text, '[dates]\norder = "mdy"').start_on == date(2024, 3, 4)


def test_an_end_before_the_start_is_noted():
    assert "Ends before" in only("name,start date,end date\nA,2024-02-01,2024-01-31\n").notes[0].why
    assert only("name,start date,end date\nA,2024-02-01,2024-02-01\n").notes == ()


def test_zero_is_a_budget_blank_is_none_and_words_are_kept():
    found = reading("name,budget\nA,0\nB,\nC,Exempt under Section 43\n")

    assert [record.budget for record in found.records] == [Decimal(0), None, None]
    assert found.records[2].notes[0].value == "Exempt under Section 43"


def test_a_budget_below_zero_is_noted():
    record = only("name,budget\nA,-£2.60m\n")

    assert record.budget == Decimal("-2600000")
    assert "below zero" in record.notes[0].why


@pytest.mark.parametrize(("sign", "actual"), [("planned-minus-actual", "0.36"), ("actual-minus-planned", "0.30")])
def test_an_actual_is_computed_from_a_variance_whose_sign_is_told(sign, actual):
    text = "name,budget,cost variance\nA,0.33,-0.03\n"

    assert only(text, f'[money]\nvariance = "{sign}"').actual == Decimal(actual)
    assert only(text).actual is None


def test_a_given_actual_goes_before_a_variance():
    mapping = '[money]\nvariance = "planned-minus-actual"'

    assert only("name,budget,actual,cost variance\nA,5,7,-1\n", mapping).actual == Decimal(7)


def test_two_currencies_in_one_row_refuse_it_and_in_two_rows_do_not():
    assert "mixes currencies" in refusal("name,budget,actual\nA,£5,$5\n").reason
    assert [record.currency for record in reading("name,budget\nA,£5\nB,$5\n").records] == ["GBP", "USD"]


def test_a_currency_column_speaks_for_its_row():
    assert only("name,currency,budget\nA,eur,5\n").currency == "EUR"
    assert refusal("name,currency,budget\nA,EUR,$5\n").reason == "is in USD where EUR is expected"
    assert refusal("name,currency,budget\nA,euros,5\n").reason == "is not a currency"


def test_a_row_is_refused_once_whatever_is_wrong_with_it():
    asked = refusal("name,start date,budget\nA,3/4/2024,1e400\n")

    assert asked.column == "budget"
    assert asked.reason.endswith("; 1 more: start date")


def test_notes_of_table_and_plan_are_kept():
    notes = reading("Title;Ref\nA;1\n").notes

    assert "The columns are separated by ;." in notes
    assert 'Proposed: id from "Ref".' in notes


def test_a_workbook_is_read_like_a_text_file():
    workbook = Workbook()
    for row in (
        ["id", "name", "budget", "start date"],
        [7, "Grid", 0.1, date(2024, 3, 4)],
        [8, "Chat", None, "24-Nov"],
    ):
        workbook.active.append(row)
    content = io.BytesIO()
    workbook.save(content)

    grid, chat = read_portfolio(content.getvalue(), parse_mapping("")).records

    assert (grid.external_id, grid.budget, grid.start_on) == ("7", Decimal("0.10"), date(2024, 3, 4))
    assert (chat.budget, chat.start_on, chat.notes[0].value) == (None, None, "24-Nov")


def test_a_label_that_the_mapping_asks_about_is_refused_although_it_is_usual():
    assert refusal("name,stage\nA,Pilot\n", '[stages]\n"Pilot" = "ask"').value == "Pilot"


def test_stages_without_a_column_that_holds_one_are_noted():
    asking = '[stages]\n"Live" = "Launch"'

    assert any("no column holds one" in note for note in reading("name,state\nA,Live\n", asking).notes)
    assert not any("no column holds one" in note for note in reading("name,stage\nA,Live\n", asking).notes)


def test_a_file_that_is_no_table_is_refused_as_a_whole():
    with pytest.raises(FileRefused):
        reading("<html><body>not found</body></html>")
