import pytest

from projects.intake.spreadsheets import tables
from projects.intake.spreadsheets.refusals import FileRefused
from projects.intake.spreadsheets.tables import read_grid, table_of, turned


def test_lines_are_padded_to_the_header_and_cells_beyond_it_are_kept_apart():
    table = table_of(read_grid(b"name,id\nA\nB,2,extra, \n"))

    assert [line.cells for line in table.lines] == [("A", ""), ("B", "2")]
    assert [line.beyond for line in table.lines] == [(), ("extra",)]


def test_repeated_headers_are_told_apart_and_named():
    table = table_of(read_grid(b"name,If Other,If Other,If Other\nA,1,2,3\n"))

    assert table.header == ("name", "If Other", "If Other (2)", "If Other (3)")
    assert 'The header "If Other" stands 3 times' in table.notes[0]


def test_headers_stand_on_one_line_and_blank_ones_get_their_position():
    table = table_of(read_grid(b'"Project\nname",,cost,\nA,x,1,\n'))

    assert table.header == ("Project name", "column 2", "cost")


def test_a_header_may_stand_below_titles():
    table = table_of(read_grid(b"Our portfolio,\n2024,\nname,id\nA,1\n"), header_line=3)

    assert (table.header, table.lines[0].number) == (("name", "id"), 4)


def test_a_turned_table_counts_the_columns_of_its_file():
    grid = turned(read_grid(b"name,A,B\ncost,1,2\n,,\n"))
    table = table_of(grid)

    assert table.header == ("name", "cost")
    assert [(line.number, line.cells) for line in table.lines] == [(2, ("A", "1")), (3, ("B", "2"))]
    assert "turned" in table.notes[-1]


def test_encoding_and_separator_are_reported_where_they_are_unusual():
    assert read_grid(b"name,id\nA,1\n").notes == ()
    assert read_grid(b"name;id\nCaf\xe9;1\n").notes == (
        "The file is not UTF-8: it was read as cp1252.",
        "The columns are separated by ;.",
    )


@pytest.mark.parametrize(
    ("content", "code"), [(b"", "file_empty"), (b" \n\n", "file_empty"), (b"name,id\n", "no_rows")]
)
def test_a_file_without_rows_is_refused(content, code):
    with pytest.raises(FileRefused) as refused:
        table_of(read_grid(content))

    assert refused.value.code == code


def test_more_lines_than_the_cap_are_refused(monkeypatch):
    monkeypatch.setattr(tables, "LINE_LIMIT", 3)

    assert len(read_grid(b"name\nA\nB\n").records) == 3
    with pytest.raises(FileRefused) as refused:
        read_grid(b"name\nA\nB\nC\n")
    assert refused.value.code == "file_too_large"
