from decimal import Decimal

import pytest

from projects.intake.import_records import Record
from projects.intake.import_stages import Stage
from projects.intake.import_totals import Sum, by_stage, in_words, over_plan, sum_of

FIFTEEN = Decimal(15)


def record(budget=None, actual=None, forecast=None, currency="USD", stage=Stage.CONCEPT):
    amounts = {name: None if value is None else Decimal(value) for name, value in
               (("budget", budget), ("actual", actual), ("forecast", forecast))}  # fmt: skip
    return Record(1, "HHS", "P1", True, "A", currency=currency, stage=stage, **amounts)


def test_amounts_add_up_per_currency_and_never_across():
    records = [record("1.10"), record("2.20"), record("5", currency="GBP"), record("0"), record()]

    assert sum_of(records, "budget") == Sum(4, 1, {"USD": Decimal("3.30"), "GBP": Decimal(5)})


@pytest.mark.parametrize(
    ("budget", "actual", "over"),
    [
        ("100", "115.00", 0),
        ("100", "115.01", 1),
        ("100", "114.99", 0),
        ("0", "0.01", 0),
        (None, "5", 0),
        ("100", None, 0),
        ("-1", "5", 0),
    ],
)
def test_more_than_fifteen_percent_over_a_plan_above_zero_counts(budget, actual, over):
    assert over_plan([record(budget, actual)], FIFTEEN) == over


def test_a_forecast_stands_in_where_there_is_no_actual():
    assert over_plan([record("100", forecast="116")], FIFTEEN) == 1
    assert over_plan([record("100", "100", "116")], FIFTEEN) == 0


@pytest.mark.parametrize(
    ("budget", "actual", "words"),
    [
        ("100", "120", "over by 20.0 %"),
        ("100", "80", "under by 20.0 %"),
        ("100", "100", "as planned"),
        ("100", None, "no figure against the budget"),
        ("0", "5", "a budget of zero"),
        ("-2", "5", "a budget below zero"),
        (None, "5", "no budget"),
    ],
)
def test_a_deviation_is_said_in_words_not_by_a_sign(budget, actual, words):
    assert in_words(record(budget, actual)) == words


def test_stages_are_counted_in_their_order():
    records = [record(stage=Stage.SUNSET), record(), record(stage=Stage.PILOT), record()]

    assert list(by_stage(records).items()) == [("Concept", 2), ("Pilot", 1), ("Sunset", 1)]
    assert by_stage([]) == {}
