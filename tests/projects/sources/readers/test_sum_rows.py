"""A row that adds the others up is refused by that name, and what remains adds up to it."""

from pathlib import Path

import pytest

from projects.sources.readers.reading import read_batches, recognise
from projects.sources.readers.sum_rows import NOT_A_CHARGE, says_sum
from tests.projects.sources.readers.samples import sums

HEAD = "ServiceName,ChargePeriodStart,BilledCost,BillingCurrency,EffectiveCost\n"
ROWS = "a,2026-05-01,1.50,USD,1.25\nb,2026-05-02,2,USD,2\n"


def taken(tmp_path: Path, text: str):
    path = tmp_path / "costs.csv"
    path.write_text(text)
    reader = read_batches(path, recognise(path))
    for _ in reader:
        pass
    return reader


@pytest.mark.parametrize(
    ("row", "refused"),
    [
        ("Grand Total,,3.50,,3.25", sums(1, "3.50", "3.25")),
        ("Total:,,3.50,USD,3.25", sums(1, "3.50", "3.25")),
        (",Total,3.50,,3.25", sums(1, "3.50", "3.25")),
        ('"TOTAL (USD)",,3.50,,3.25', sums(1, "3.50", "3.25")),
        ("Sub-total,,3.50,USD,", None),
        ("Total,3.50", None),
        ("Total,,,,,,3.50", None),
    ],
)
def test_a_row_of_totals_is_named_once_and_the_rest_adds_up(tmp_path: Path, row: str, refused: object) -> None:
    reader = taken(tmp_path, f"{HEAD}{ROWS}{row}\n")

    ((line, reason),) = [(problem.line, problem.reason) for problem in reader.problems]
    assert (line, reason) == (4, NOT_A_CHARGE)
    assert reader.totals.accepted == {"USD": sums(2, "3.50", "3.25")}
    assert reader.totals.refused_rows == 1
    assert refused is None or list(reader.totals.refused.values()) == [refused]


def test_totals_between_the_rows_are_named_each(tmp_path: Path) -> None:
    reader = taken(tmp_path, f"{HEAD}{ROWS}Subtotal,,3.50,,3.25\n{ROWS}Total,,7,,6.5\n")

    assert [(problem.line, problem.reason) for problem in reader.problems] == [(4, NOT_A_CHARGE), (7, NOT_A_CHARGE)]
    assert reader.totals.accepted == {"USD": sums(4, "7.00", "6.50")}


def test_a_row_with_a_day_is_a_charge_whatever_it_is_called(tmp_path: Path) -> None:
    reader = taken(tmp_path, f"{HEAD}{ROWS}Total,2026-05-03,4,USD,4\nTotal,2026-05-03,x,USD,4\n")

    assert reader.totals.accepted == {"USD": sums(3, "7.50", "7.25")}
    assert [(problem.line, problem.column, problem.reason) for problem in reader.problems] == [
        (5, "BilledCost", "is not a number")
    ]


def test_a_bad_row_beside_it_keeps_its_own_reasons(tmp_path: Path) -> None:
    reader = taken(tmp_path, f"{HEAD}{ROWS}c,never,4,USD,4\nTotal,,7.5,,7.25\n")

    assert [(problem.line, problem.column) for problem in reader.problems] == [(4, "ChargePeriodStart"), (5, None)]
    assert reader.problems[1].value == "Total"


@pytest.mark.parametrize("text", ["Total", "grand total", " TOTALS: ", "Total cost", "Sub total", "Sum", "Gesamtsumme"])
def test_words_for_a_sum_are_known(text: str) -> None:
    assert says_sum(text)


@pytest.mark.parametrize("text", ["Totally", "Summary", "Totalizator", "Total 2026 budget 4", "Amazon Total", ""])
def test_other_words_are_no_sum(text: str) -> None:
    assert not says_sum(text)
