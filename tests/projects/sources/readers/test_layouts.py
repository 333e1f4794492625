import pytest

from projects.sources.readers.interface import UnreadableFile
from projects.sources.readers.layouts import find_layout, layouts_below, unique_names


@pytest.mark.parametrize(
    ("head", "columns", "separator", "lines"),
    [
        ("a,b,c\n1,2,3\n", ("a", "b", "c"), ",", 1),
        ("a;b,x;c\n", ("a", "b,x", "c"), ";", 1),
        ("a\tb\n", ("a", "b"), "\t", 1),
        ("a|b|c", ("a", "b", "c"), "|", 1),
        ("\n  \na,b\n", ("a", "b"), ",", 3),
        ("sep=;\na;b\n", ("a", "b"), ";", 2),
        ("SEP=|\n\na|b\n", ("a", "b"), "|", 3),
        ('"a, with\nline",b\n', ("a, with\nline", "b"), ",", 2),
        ("single\n", ("single",), ",", 1),
    ],
)
def test_the_separator_that_gives_most_cells_wins(
    head: str, columns: tuple[str, ...], separator: str, lines: int
) -> None:
    layout = find_layout(head, None)

    assert (layout.columns, layout.separator, layout.header_lines) == (columns, separator, lines)


def test_a_separator_that_is_given_is_taken() -> None:
    assert find_layout("a,b;c\n", ";").columns == ("a,b", "c")
    assert find_layout("sep=,\na,b;c\n", ";").columns == ("a,b", "c")


@pytest.mark.parametrize("head", ["", "\n\n", "  \n\t\n", "sep=;\n\n"])
def test_text_without_a_header_is_empty(head: str) -> None:
    with pytest.raises(UnreadableFile) as refused:
        find_layout(head, None)

    assert refused.value.code == "empty_file"


def test_a_header_below_titles_is_found_with_its_line() -> None:
    head = "Cost export\nMay 2026,,,\n\nDate,Service,Cost,Currency\n2026-05-01,s,1,USD\n"

    below = list(layouts_below(head, find_layout(head, None), None))

    assert below[0].columns == ("May 2026", "", "", "")
    assert (below[1].columns, below[1].header_lines) == (("Date", "Service", "Cost", "Currency"), 4)


def test_lines_that_stand_whole_in_quotes_are_taken_out_of_them() -> None:
    layout = find_layout('"a,""b"",""c, d"",e"\n"1,""2"",""3"",4"\n', None)

    assert (layout.columns, layout.separator, layout.wrapped) == (("a", "b", "c, d", "e"), ",", True)


def test_one_quoted_column_is_no_wrapped_line() -> None:
    assert not find_layout('"name, first"\n"x, y"\n', None).wrapped


def test_every_column_gets_a_name_of_its_own() -> None:
    assert unique_names(("a", "b", "a", "", "a", "\ufeffc")) == ("a", "b", "a (2)", "column 4", "a (3)", "c")
