from datetime import UTC, date, datetime

import polars as pl
import pytest

from projects.sources.readers import schema
from projects.sources.readers.canonical import Checked, Style, check, to_canonical_text
from projects.sources.readers.plans import Plan

COLUMNS = {
    "billed_cost": "BilledCost",
    "effective_cost": "EffectiveCost",
    "billing_currency": "BillingCurrency",
    "charge_period_start": "Start",
    "charge_period_end": "End",
    "billing_period_start": "From",
    "billing_period_end": "To",
    "service_name": "Service",
    "charge_description": "Text",
    "tags": "Tags",
    "calls": "Calls",
}
GOOD = {
    "BilledCost": "1.5",
    "EffectiveCost": "1.25",
    "BillingCurrency": "USD",
    "Start": "2025-05-01",
    "End": "2025-05-02",
    "From": "2025-05-01",
    "To": "2025-06-01",
    "Service": "Bedrock",
    "Text": "Input tokens",
    "Tags": "{}",
    "Calls": "3",
}


def checked(*rows: dict[str, str | None], plan: Plan | None = None, has_nul: bool = False) -> Checked:
    """Check rows that are good but for what is said."""
    plan = plan or Plan(COLUMNS)
    raw = pl.DataFrame([{**GOOD, **row} for row in rows], schema=dict.fromkeys(GOOD, pl.String))
    raw = raw.with_row_index("row_number", offset=2).cast({"row_number": pl.Int64})
    return check(to_canonical_text(raw, plan), Style(plan), has_nul)


def test_every_frame_has_the_one_schema_whatever_the_plan_names() -> None:
    few = Plan(
        {name: COLUMNS[name] for name in ("billed_cost", "effective_cost", "charge_period_start")},
        {"billing_currency": "EUR"},
    )

    for plan in (Plan(COLUMNS), few):
        rows = checked({}, plan=plan).rows
        assert dict(rows.schema) == dict(schema.CANONICAL)
        assert rows.height == 1


def test_a_good_row_is_accepted_as_it_is() -> None:
    result = checked({})

    row = result.rows.row(0, named=True)
    assert not result.refused.any()
    assert result.problems == []
    assert (row["row_number"], row["billed_cost"], row["effective_cost"]) == (2, "1.5", "1.25")
    assert row["charge_period_start"] == datetime(2025, 5, 1, tzinfo=UTC)
    assert (row["billing_period_start"], row["billing_period_end"]) == (date(2025, 5, 1), date(2025, 6, 1))
    assert (row["tags"], row["calls"]) == ("{}", 3)


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ({"BilledCost": "x"}, "BilledCost", "is not a number"),
        ({"BilledCost": None}, "BilledCost", "is empty; write 0 where nothing is charged"),
        ({"EffectiveCost": "NULL"}, "EffectiveCost", "is empty; write 0 where nothing is charged"),
        ({"BillingCurrency": "EURO"}, "BillingCurrency", "is not a currency code of ISO 4217"),
        ({"Start": "later"}, "Start", "is not a date; write it as 2026-01-31 or 2026-01-31T00:00:00Z"),
        ({"Start": ""}, "Start", "is empty; every charge needs its day"),
        ({"End": "2025-04-30"}, "End", "ends before it starts"),
        ({"To": "2025-04-30"}, "To", "ends before it starts"),
        ({"Calls": "-1"}, "Calls", "is not a whole number of 0 or more"),
        ({"Tags": "[1]"}, "Tags", "is not a JSON object"),
    ],
)
def test_one_bad_cell_refuses_its_row_and_no_other(row: dict[str, str | None], column: str, reason: str) -> None:
    result = checked({}, row, {})

    assert result.refused.to_list() == [False, True, False]
    assert [(problem.line, problem.column, problem.reason) for problem in result.problems] == [(3, column, reason)]


@pytest.mark.parametrize(
    ("column", "longest"), [("Service", schema.LONGEST_TEXT), ("Text", schema.LONGEST_DESCRIPTION)]
)
def test_text_may_be_as_long_as_its_limit_and_no_longer(column: str, longest: int) -> None:
    result = checked({column: "x" * longest}, {column: "x" * (longest + 1)}, {column: "é" * (longest // 2 + 1)})

    assert result.refused.to_list() == [False, True, True]
    assert {problem.reason for problem in result.problems} == {f"is longer than {longest:,} bytes"}


@pytest.mark.parametrize("name", ["Service", "Text"])
def test_a_nul_is_looked_for_where_there_may_be_one(name: str) -> None:
    assert checked({name: "a\0b"}, has_nul=True).refused.to_list() == [True]
    assert checked({name: "ab"}, has_nul=True).refused.to_list() == [False]


@pytest.mark.parametrize(
    ("end", "moment"),
    [
        ("2025-05-01T23:59:58Z", datetime(2025, 5, 1, 23, 59, 58, tzinfo=UTC)),
        ("2025-05-01T23:59:59Z", datetime(2025, 5, 2, tzinfo=UTC)),
        ("2025-05-01T23:59:59.999Z", datetime(2025, 5, 2, tzinfo=UTC)),
        ("2025-05-02T00:00:00Z", datetime(2025, 5, 2, tzinfo=UTC)),
    ],
)
def test_only_the_last_second_of_a_day_stands_for_the_moment_after(end: str, moment: datetime) -> None:
    assert checked({"End": end}).rows["charge_period_end"].to_list() == [moment]


def test_a_plan_may_say_that_ends_name_the_last_day() -> None:
    plan = Plan(COLUMNS, inclusive_ends=frozenset({"billing_period_end", "charge_period_end"}))

    row = checked({"End": "2025-05-01", "To": "2025-05-31"}, plan=plan).rows.row(0, named=True)

    assert row["charge_period_end"] == datetime(2025, 5, 2, tzinfo=UTC)
    assert row["billing_period_end"] == date(2025, 6, 1)


@pytest.mark.parametrize(
    ("start", "end"), [(date(2025, 12, 1), date(2026, 1, 1)), (date(2024, 2, 1), date(2024, 3, 1))]
)
def test_a_missing_billing_period_is_the_month_of_the_charge(start: date, end: date) -> None:
    row = checked({"From": "", "To": "N/A", "Start": f"{start:%Y-%m}-17", "End": None}).rows.row(0, named=True)

    assert (row["billing_period_start"], row["billing_period_end"]) == (start, end)
    assert row["charge_period_end"] is None


def test_money_may_be_absent_where_the_plan_says_so() -> None:
    plan = Plan({"charge_period_start": "Start", "calls": "Calls"}, has_money=False)

    result = checked({}, plan=plan)

    assert not result.refused.any()
    assert result.rows["billed_cost"].to_list() == [None]


def test_moments_of_parquet_are_checked_for_their_year() -> None:
    plan = Plan(
        {"charge_period_start": "at", "billed_cost": "cost", "effective_cost": "cost"}, {"billing_currency": "USD"}
    )
    moments = pl.Series([datetime(1999, 12, 31), datetime(2000, 1, 1), datetime(2101, 1, 1)]).dt.replace_time_zone(
        "UTC"
    )
    raw = pl.DataFrame({"row_number": [1, 2, 3], "at": moments.cast(pl.Datetime("us", "UTC")), "cost": ["1"] * 3})

    result = check(to_canonical_text(raw, plan), Style(plan))

    assert result.refused.to_list() == [True, False, True]


def test_what_a_plan_derives_replaces_what_it_copies() -> None:
    plan = Plan(
        COLUMNS, derive=lambda rows: rows.with_columns(pl.col("Service").str.to_uppercase().alias("service_name"))
    )

    assert checked({}, plan=plan).rows["service_name"].to_list() == ["BEDROCK"]
