from datetime import date, datetime, time, timedelta
from decimal import Decimal

import polars as pl
import pytest

from projects.sources.readers.parquet import as_text, text_of_moments

PAIRS = pl.List(pl.Struct({"key": pl.String, "value": pl.String}))


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        (pl.Series([8e-07, 0.1 + 0.2, 1e22, None]), ["8e-7", "0.30000000000000004", "1e+22", None]),
        (pl.Series([1.1], dtype=pl.Float32), ["1.1"]),
        (pl.Series([2**64 - 1], dtype=pl.UInt64), ["18446744073709551615"]),
        (pl.Series([Decimal("1.50")], dtype=pl.Decimal(38, 20)), ["1.50000000000000000000"]),
        (pl.Series(["a", None], dtype=pl.Categorical), ["a", None]),
        (pl.Series([True]), ["true"]),
        (pl.Series([b"\xff"]), [None]),
        (pl.Series([None, None]), [None, None]),
        (pl.Series([b"caf\xc3\xa9", b"\xff", None]), ["café", None, None]),
        (pl.Series([{"a": 1, "b": None}]), ['{"a": 1}']),
        (pl.Series([["x", "y"], None]), ['["x", "y"]', None]),
        (pl.Series([[{"key": "team", "value": "kb"}]]), ['{"team": "kb"}']),
        (pl.Series([[], None], dtype=PAIRS), ["{}", None]),
        (pl.Series([[{"Key": "team", "Value": "kb"}, None]]), ['{"team": "kb"}']),
        (pl.Series([[{"key": "a", "other": "b"}]]), ['[{"key": "a", "other": "b"}]']),
        (pl.Series([[]], dtype=pl.List(pl.String)), ["[]"]),
        (pl.Series([timedelta(hours=1)]), ["1:00:00"]),
        (pl.Series([time(9, 30)]), ["09:30:00"]),
    ],
)
def test_each_type_becomes_text_without_rounding(values: pl.Series, texts: list[str | None]) -> None:
    assert as_text(values).to_list() == texts


@pytest.mark.parametrize(
    ("values", "moment"),
    [
        (pl.Series([datetime(2025, 5, 1, 9)]), "2025-05-01T09:00:00Z"),
        (pl.Series([datetime(2025, 5, 1, 9)], dtype=pl.Datetime("ns")), "2025-05-01T09:00:00Z"),
        (pl.Series([datetime(2025, 5, 1, 9)]).dt.replace_time_zone("Asia/Kolkata"), "2025-05-01T03:30:00Z"),
        (pl.Series([datetime(2025, 5, 1, 9, 0, 0, 500000)], dtype=pl.Datetime("ms")), "2025-05-01T09:00:00.500Z"),
        (pl.Series([date(2025, 5, 1)]), "2025-05-01T00:00:00Z"),
    ],
)
def test_times_become_moments_in_utc_and_text_again_in_the_evidence(values: pl.Series, moment: str) -> None:
    frame = pl.DataFrame([as_text(values.alias("at"))])

    assert frame.schema["at"] == pl.Datetime("us", "UTC")
    assert text_of_moments(frame)["at"].to_list() == [moment]
