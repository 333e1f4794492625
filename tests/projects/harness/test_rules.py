from datetime import date
from decimal import Decimal

import pytest

from projects.harness.rules import bill_share, line_blockers

ON = date(2026, 6, 15)


def codes(**said):
    usual = {
        "month": date(2026, 5, 1),
        "amount": Decimal("7440.00"),
        "currency": "USD",
        "note": "Two reviewers",
        "on": ON,
    }
    return [blocker.code for blocker in line_blockers(**usual | said)]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({}, []),
        ({"amount": Decimal("0.01")}, []),
        ({"amount": Decimal(0)}, ["amount_not_positive"]),
        ({"amount": Decimal("-0.01")}, ["amount_not_positive"]),
        ({"amount": Decimal("NaN")}, ["amount_not_positive"]),
        ({"amount": Decimal("0.001")}, ["amount_too_fine"]),
        ({"amount": Decimal("0.5"), "currency": "JPY"}, ["amount_too_fine"]),
        ({"month": date(2026, 6, 1)}, []),
        ({"month": date(2026, 7, 1)}, ["month_not_begun"]),
        ({"note": " "}, ["note_missing"]),
    ],
)
def test_a_line_costs_something_in_a_month_that_has_begun_and_says_what_for(said, found):
    assert codes(**said) == found


@pytest.mark.parametrize(
    ("model", "full", "share"), [("50", "200", "0.25"), ("0", "1", "0"), ("1", "0", None), ("1", "-1", None)]
)
def test_the_visible_bill_is_model_usage_of_full_cost_and_unknown_without_any(model, full, share):
    assert bill_share(Decimal(model), Decimal(full)) == (None if share is None else Decimal(share))
