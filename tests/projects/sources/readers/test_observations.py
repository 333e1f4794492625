from datetime import UTC, date, datetime

import polars as pl
import pytest

from projects.sources.readers.canonical import Checked
from projects.sources.readers.observations import Observations, plural
from projects.sources.readers.schema import CANONICAL


def notes(*rows: dict[str, object], has_money: bool = True, times: int = 1) -> list[str]:
    """Say what is seen in rows that are unremarkable but for what is said."""
    plain = {
        "billed_cost": "1.0",
        "effective_cost": "1",
        "billing_currency": "USD",
        "service_name": "s",
    }
    frame = pl.DataFrame([{**plain, **row} for row in rows], schema={name: CANONICAL[name] for name in CANONICAL})
    observed = Observations(has_money)
    for _ in range(times):
        observed.see(frame, Checked(frame, pl.Series([False] * frame.height), []))
    return observed.notes()


def test_an_unremarkable_file_has_no_notes() -> None:
    assert notes({}, {}) == []


@pytest.mark.parametrize(
    ("billed", "effective", "differ"),
    [
        ("1.00", "1", False),
        ("0.00000000000", "0", False),
        ("100", "100.0", False),
        ("10", "1", True),
        ("1.5", "1.50001", True),
        ("-1", "1", True),
    ],
)
def test_costs_differ_by_value_and_not_by_spelling(billed: str, effective: str, differ: bool) -> None:
    said = notes({"billed_cost": billed, "effective_cost": effective})

    assert said == (["BilledCost and EffectiveCost differ in 1 row."] if differ else [])


def test_counts_go_on_over_the_batches() -> None:
    assert notes({"service_name": None}, {"service_name": None}, times=3) == ["No service is named in 6 rows."]


@pytest.mark.parametrize(
    ("category", "kind", "said"),
    [("Usage", None, True), ("Usage", "Correction", False), ("Credit", None, False), ("Tax", None, False)],
)
def test_negative_usage_is_told_only_where_nothing_marks_it(category: str, kind: str | None, said: bool) -> None:
    found = notes({"billed_cost": "-1", "effective_cost": "-1", "charge_category": category, "charge_class": kind})

    assert ("Usage is negative and not marked as a correction in 1 row." in found) == said


def test_words_outside_a_closed_list_are_named_three_at_most() -> None:
    rows = [{"service_category": word} for word in ("D", "A", "C", "B", "A", "Compute")]

    assert notes(*rows) == ["ServiceCategory 'A', 'B', 'C' and 1 more is not in the FOCUS list (5 rows)."]


@pytest.mark.parametrize(("currency", "virtual"), [("USD", False), ("Token", True), ("credits", True), ("ABCD", True)])
def test_a_pricing_currency_that_is_no_code_is_virtual(currency: str, virtual: bool) -> None:
    said = notes({"pricing_currency": currency})

    assert said == (
        [f"Priced in a virtual currency ({currency}): the budget draws on EffectiveCost."] if virtual else []
    )


def test_usage_without_money_has_no_costs_to_compare() -> None:
    assert notes({"billed_cost": None, "effective_cost": None}, has_money=False) == []


def test_a_count_agrees_with_its_noun() -> None:
    assert [plural(count, "row") for count in (0, 1, 2, 1000)] == ["0 rows", "1 row", "2 rows", "1,000 rows"]


@pytest.mark.parametrize(
    ("day", "end", "said"),
    [
        (date(2026, 5, 31), date(2026, 6, 1), False),
        (date(2026, 5, 31), date(2026, 5, 31), False),
        (date(2026, 6, 1), date(2026, 5, 31), True),
        (date(2026, 5, 30), date(2026, 5, 30), True),
        (date(2026, 6, 1), date(2026, 6, 1), True),
        (date(2026, 4, 30), date(2026, 6, 1), True),
    ],
)
def test_a_period_that_ends_on_the_last_of_its_month_has_that_day_within(day: date, end: date, said: bool) -> None:
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)

    found = notes({"charge_period_start": start, "billing_period_start": date(2026, 5, 1), "billing_period_end": end})

    assert ("The charge period lies outside its billing period in 1 row." in found) == said
