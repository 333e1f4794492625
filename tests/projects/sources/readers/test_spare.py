"""Rows that carry nothing are passed over; rows that might carry something are not."""

import polars as pl

from projects.sources.readers.plans import Plan
from projects.sources.readers.raw import LINE, RawFrame
from projects.sources.readers.spare import without_spare_rows

PLAN = Plan({"charge_period_start": "Day", "billed_cost": "Cost"})


def kept(*rows):
    frame = pl.DataFrame(
        [[number, *row] for number, row in enumerate(rows, start=2)],
        schema={LINE: pl.Int64, "Day": pl.String, "Cost": pl.String},
        orient="row",
    )
    raw, headers = without_spare_rows(RawFrame(frame, (), 0, False), PLAN)
    return raw.frame[LINE].to_list(), headers


def test_blank_rows_and_the_header_again_are_passed_over():
    assert kept(("2026-05-01", "1"), ("", ""), (" ", "  "), (None, None), ("Day", "Cost"), ("x", "")) == ([2, 7], 1)


def test_a_row_without_a_day_that_has_anything_else_stays_to_be_refused():
    assert kept(("", "5"), ("Day", "5")) == ([2, 3], 0)


def test_times_of_parquet_are_left_alone():
    frame = pl.DataFrame({LINE: [1], "Day": [None], "Cost": ["1"]}, schema_overrides={"Day": pl.Datetime("us", "UTC")})
    raw = RawFrame(frame, (), 0, True)

    assert without_spare_rows(raw, PLAN) == (raw, 0)
