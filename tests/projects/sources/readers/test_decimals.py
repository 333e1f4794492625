from pathlib import Path

import pytest

from projects.sources.readers.decimals import may_have_commas, proved_mark
from projects.sources.readers.interface import ColumnMapping
from tests.projects.sources.readers.samples import read

HEAD = "BilledCost;EffectiveCost;BillingCurrency;ChargePeriodStart;ServiceName\n"


@pytest.mark.parametrize(
    ("texts", "mark"),
    [
        (["1,5"], ","),
        (["1.234,50", "7"], ","),
        (["1,5", "1.234"], ","),
        (["1.5"], "."),
        (["1,234.50"], "."),
        (["1,234"], None),
        (["1.234"], None),
        (["1,5", "1.5"], None),
        (["7", "n/a", ""], None),
        ([], None),
    ],
)
def test_figures_prove_the_mark_before_their_decimals_or_they_do_not(texts: list[str], mark: str | None) -> None:
    assert proved_mark(texts) == mark


@pytest.mark.parametrize(
    ("head", "separator", "worth"),
    [
        ("a;b\n1,5;2\n", ";", True),
        ("a;b\n1.5;2\n", ";", False),
        ("a,b\n1,5\n", ",", False),
        ('a,b\n"1,5",2\n', ",", True),
    ],
)
def test_only_a_file_with_commas_inside_cells_is_looked_at(head: str, separator: str, worth: bool) -> None:
    assert may_have_commas(head, separator) is worth


@pytest.mark.parametrize("separator", [";", "\t", ","])
def test_a_decimal_comma_is_read_where_the_file_proves_it(tmp_path: Path, separator: str) -> None:
    path = tmp_path / "kosten.csv"
    rows = '"1.234,50";"0,5";EUR;2026-05-03;Dienst\n"1.000";"-2,25";EUR;2026-05-03;Dienst\n'
    path.write_text((HEAD + rows).replace(";", separator))

    frame, reader = read(path)

    assert frame.select("billed_cost", "effective_cost").rows() == [("1234.50", "0.5"), ("1000", "-2.25")]
    assert any("decimal comma" in note for note in reader.notes)


def test_a_file_that_writes_both_marks_is_refused_by_row_and_never_guessed(tmp_path: Path) -> None:
    path = tmp_path / "kosten.csv"
    path.write_text(HEAD + "1,5;1;EUR;2026-05-03;a\n1.5;1;EUR;2026-05-03;a\n")

    _, reader = read(path)

    assert [(problem.line, problem.value) for problem in reader.problems] == [(2, "1,5")]


def test_a_figure_against_the_proof_further_down_is_refused_by_row(tmp_path: Path) -> None:
    path = tmp_path / "kosten.csv"
    path.write_text(HEAD + "1,5;1;EUR;2026-05-03;a\n" * 60_000 + "1.5;1;EUR;2026-05-03;a\n")

    _, reader = read(path)

    assert [(problem.line, problem.value) for problem in reader.problems] == [(60_002, "1.5")]


def test_the_mapping_has_the_last_word(tmp_path: Path) -> None:
    path = tmp_path / "kosten.csv"
    path.write_text(HEAD + "1,5;1;EUR;2026-05-03;a\n")

    _, reader = read(path, ColumnMapping(decimal_mark="."))

    assert [problem.value for problem in reader.problems] == ["1,5"]
