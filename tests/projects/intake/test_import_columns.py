from decimal import Decimal

import pytest

from projects.intake.import_columns import open_table, plan_columns
from projects.intake.import_headers import INITIATIVE_FIELDS
from projects.intake.import_mapping import parse_mapping
from projects.intake.spreadsheets.refusals import FileRefused

TRANSPOSED = b"Project name,Alpha,Beta\nDepartment,X,Y\nBudget,1,2\n"


def opened(content, mapping=""):
    chosen = parse_mapping(mapping)
    table = open_table(content, chosen, INITIATIVE_FIELDS, chosen.columns)
    return table, plan_columns(table, chosen, INITIATIVE_FIELDS, chosen.columns)


def test_what_the_mapping_leaves_unnamed_is_proposed_and_reported():
    _, plan = opened(b"Title,Ref,Colour\nA,1,red\n", '[columns]\nname = "Title"')

    assert plan.columns == {"name": ("Title",), "id": ("Ref",)}
    assert plan.proposed == ("id",)
    assert 'Proposed: id from "Ref".' in plan.notes


def test_a_named_column_that_is_missing_is_noted_and_proposed_instead():
    _, plan = opened(b"Title,Ref\nA,1\n", '[columns]\nname = "Nom"\nbudget = "Geld"')

    assert plan.columns["name"] == ("Title",)
    assert 'The mapping names "Geld" for budget; no such column.' in plan.notes


def test_a_switched_off_field_is_not_proposed():
    _, plan = opened(b"Title,Start Date\nA,1/2/2024\n", "[columns]\nstart = false")

    assert "start" not in plan.proposed


def test_the_first_column_of_a_list_that_says_something_is_taken():
    table, plan = opened(b"id,name,short\n1,,B\n2,A,C\n3,,\n", '[columns]\nname = ["name", "short"]')

    assert [plan.cell(line, "name") for line in table.lines] == [("short", "B"), ("name", "A"), ("name", "")]
    assert plan.cell(table.lines[0], "budget") == ("", "")


def test_money_is_written_as_mapping_or_header_says():
    _, plan = opened("name,Budget (£m),Actual\nA,1,2\n".encode())
    assert (plan.money["budget"].factor, plan.money["budget"].currency) == (Decimal(10**6), "GBP")
    assert (plan.money["actual"].factor, plan.money["actual"].currency) == (Decimal(1), "")

    _, plan = opened("name,Budget (£m)\nA,1\n".encode(), '[money]\nunit = "ones"\ncurrency = "EUR"')
    assert (plan.money["budget"].factor, plan.money["budget"].currency) == (Decimal(1), "EUR")


def test_a_file_without_name_and_id_is_refused_with_the_columns_it_has():
    with pytest.raises(FileRefused, match="colour, size") as refused:
        opened(b"Colour,Size\nred,1\n")

    assert refused.value.code == "columns_missing"
    assert refused.value.rows[0].column == "name"


def test_a_transposed_table_is_refused_plainly_with_the_remedy():
    with pytest.raises(FileRefused, match="transposed = true") as refused:
        opened(TRANSPOSED)

    assert refused.value.code == "table_transposed"
    assert "project name, department, budget" in refused.value.message


@pytest.mark.parametrize("value", ["true", '"auto"'])
def test_a_transposed_table_is_turned_where_the_mapping_says_so(value):
    table, _ = opened(TRANSPOSED, f"[options]\ntransposed = {value}")

    assert table.header == ("Project name", "Department", "Budget")
    assert len(table.lines) == 2


def test_an_upright_table_is_not_turned_by_auto():
    table, _ = opened(b"Project name,Department\nAlpha,X\n", '[options]\ntransposed = "auto"')

    assert table.header == ("Project name", "Department")


def test_a_transposed_table_is_read_as_it_stands_where_the_mapping_insists():
    table, _ = opened(TRANSPOSED, "[options]\ntransposed = false")

    assert len(table.lines) == 2


def test_a_transposed_table_is_known_by_the_names_of_the_mapping_too():
    with pytest.raises(FileRefused) as refused:
        opened(b"Nom,Alpha,Beta\nGeld,1,2\n", '[columns]\nname = "Nom"\nbudget = "Geld"')

    assert refused.value.code == "table_transposed"
