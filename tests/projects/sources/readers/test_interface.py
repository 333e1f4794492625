from decimal import Decimal

from projects.sources.readers.interface import Limits, RowProblem, Sums, Totals, UnreadableFile
from tests.projects.sources.readers.samples import sums


def test_rows_add_up_over_currencies_and_money_never_does() -> None:
    totals = Totals({"USD": sums(3, "1", "2"), "EUR": sums(2, "1", "2")}, {"": sums(4, "0", "0")})

    assert (totals.accepted_rows, totals.refused_rows, totals.rows) == (5, 4, 9)
    assert not hasattr(totals, "billed_cost")


def test_an_empty_sum_is_nothing() -> None:
    assert Sums() == Sums(0, Decimal(0), Decimal(0), 0)
    assert Totals().rows == 0


def test_a_refusal_carries_code_sentence_rows_and_totals() -> None:
    problem = RowProblem(3, "BilledCost", "x", "is not a number")

    error = UnreadableFile("bad_rows", "1 row cannot be read.", (problem,), Totals({}, {"": Sums(1)}))
    bare = UnreadableFile("empty_file", "The file is empty.")

    assert (error.code, str(error), error.rows, error.totals.rows) == (
        "bad_rows",
        "1 row cannot be read.",
        (problem,),
        1,
    )
    assert (bare.message, bare.rows, bare.totals.rows) == ("The file is empty.", (), 0)


def test_limits_hold_a_record_within_a_block() -> None:
    limits = Limits()

    assert limits.max_record_bytes < limits.block_bytes < limits.max_document_bytes < limits.max_unpacked_bytes
