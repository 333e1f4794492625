import pytest

from projects.intake.spreadsheets import delimited
from projects.intake.spreadsheets.delimited import find_separator, read_records, separator_named
from projects.intake.spreadsheets.refusals import FileRefused


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_separator_is_the_one_that_gives_every_line_one_width(mark):
    text = "\n".join(
        mark.join(cells) for cells in (["name", "aims", "cost"], ["A", "to see", "1"], ["B", "to do", "2"])
    )

    assert find_separator(text) == mark


def test_commas_inside_quotes_do_not_hide_a_semicolon():
    assert find_separator('name;cost\n"A, B, C";1\n"D, E, F";2\n') == ";"


def test_a_file_of_one_column_falls_back_to_the_comma():
    assert find_separator("name\nAlpha\nBeta\n") == ","


@pytest.mark.parametrize(("name", "mark"), [("tab", "\t"), ("Semicolon", ";"), ("\\t", "\t"), ("|", "|"), ("^", "^")])
def test_a_separator_may_be_named_by_word_or_character(name, mark):
    assert separator_named(name) == mark


@pytest.mark.parametrize("name", ["", "ab", '"', "\n"])
def test_what_cannot_separate_is_refused(name):
    with pytest.raises(FileRefused, match="is not a separator"):
        separator_named(name)


def test_a_record_carries_the_line_it_begins_on_across_newlines_in_cells_and_mixed_line_ends():
    text = 'name,aims\r\nA,"one\r\ntwo\nthree"\nB,x\r\n\r\nC,y'

    records = read_records(text, ",")

    assert [(record.line, record.cells[0]) for record in records] == [(1, "name"), (2, "A"), (5, "B"), (7, "C")]
    assert records[1].cells[1] == "one\r\ntwo\nthree"


def test_blank_lines_are_no_records():
    assert [record.line for record in read_records("a,b\n , \n\n1,2\n", ",")] == [1, 4]


def test_a_loose_quote_inside_a_cell_is_tolerated():
    assert read_records('name\n"A" and more\n', ",")[1].cells == ("A and more",)


def test_a_quote_that_is_never_closed_is_refused_with_the_line_it_opens_on():
    with pytest.raises(FileRefused, match="line 3") as refused:
        read_records('name\nA\n"B\nC\nD\n', ",")

    assert refused.value.code == "quote_unclosed"


def test_a_cell_above_its_cap_is_refused_and_one_at_the_cap_is_read(monkeypatch):
    monkeypatch.setattr(delimited, "CELL_LIMIT", 20)

    assert read_records("name\n" + "x" * 20 + "\n", ",")[1].cells == ("x" * 20,)
    with pytest.raises(FileRefused) as refused:
        read_records("name\n" + "x" * 21 + "\n", ",")
    assert refused.value.code == "cell_too_large"
