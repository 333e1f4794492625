"""What the pack's first pages say of sums that leave money out."""

from dataclasses import replace

import pytest

from council.packs.selectors import basis_of
from council.packs.selectors.front import portfolio

pytestmark = pytest.mark.django_db
PLUS = "plus 1,200.00 EUR without a rate for May 2026"


@pytest.mark.parametrize("plus", ["", PLUS])
def test_a_sum_that_leaves_out_what_has_no_rate_says_so(plus, board, meeting):
    basis = basis_of(meeting, reader=board.carol, left_out=[])
    first, *others = basis.lines
    basis = replace(basis, lines=[replace(first, plus=plus), *others])

    page = portfolio(basis)

    told = next(row["context"] for row in page["figures"] if row["label"] == "Spent")
    assert ("not all: a rate is missing" in told) is bool(plus)
    assert (f"{first.key} {PLUS}." in page["more"]) is bool(plus)
    assert any(row["name"] == f"{first.name}, {PLUS}" for row in page["rows"]) is bool(plus)
