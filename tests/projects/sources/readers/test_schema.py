"""Columns of one value are told at a glance and only then looked at whole."""

import polars as pl

from projects.sources.readers.schema import constant_columns


def test_columns_of_one_text_throughout_are_constant():
    rows = 500
    frame = pl.DataFrame(
        {
            "one": ["USD"] * rows,
            "empty": [""] * rows,
            "late": ["a"] * (rows - 1) + ["b"],
            "gap": ["a"] * (rows - 1) + [None],
            "none": pl.Series([None] * rows, dtype=pl.String),
            "number": [1] * rows,
        }
    )

    assert constant_columns(frame) == ["one", "empty"]
    assert constant_columns(frame.head(1)) == constant_columns(frame.clear()) == []
    assert constant_columns(frame.select("number")) == []
