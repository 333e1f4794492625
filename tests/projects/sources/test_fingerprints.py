"""One content has one fingerprint, however it is written and cut into batches."""

import polars as pl
import pytest

from projects.sources.fingerprints import Fingerprint
from projects.sources.keys import PrintBook
from projects.sources.readers.schema import CANONICAL


def rows(**columns):
    height = len(next(iter(columns.values())))
    given = {
        "charge_period_start": ["2026-05-03 00:00:00"] * height,
        "billing_period_start": ["2026-05-01"] * height,
        "billing_currency": ["USD"] * height,
        "billed_cost": ["1"] * height,
        "effective_cost": ["1"] * height,
        **columns,
    }
    frame = pl.DataFrame({name: given.get(name, [None] * height) for name in CANONICAL}, strict=False)
    moments = pl.col("charge_period_start").cast(pl.String).str.to_datetime(time_unit="us", time_zone="UTC")
    period = pl.col("billing_period_start").cast(pl.String).str.to_date()
    others = {name: kind for name, kind in CANONICAL.items() if not kind.is_temporal()}
    return frame.with_columns(moments, period).cast(others)


def fingerprint(*batches):
    found, keys = Fingerprint(), PrintBook()
    for batch in batches:
        found.add(batch, keys.resolve(batch)[0]["key_print"])
    return found.hexdigest()


PLAIN = {"billed_cost": ["1", "10", "0"], "service_name": ["a", "b", "a"]}


def test_batches_do_not_matter():
    whole = rows(**PLAIN)

    assert fingerprint(whole) == fingerprint(whole[:1], whole[1:])


def test_batches_do_not_matter_where_only_some_rows_have_counts():
    whole = rows(**PLAIN, input_tokens=[None, 5, None])

    assert fingerprint(whole) == fingerprint(whole[:1], whole[1:2], whole[2:])


def test_zeros_at_the_end_of_decimals_do_not_matter():
    padded = PLAIN | {"billed_cost": ["1.00", "10.0", "0.000"]}

    assert fingerprint(rows(**PLAIN)) == fingerprint(rows(**padded))


@pytest.mark.parametrize(
    "other",
    [
        {"billed_cost": ["1", "100", "0"]},
        {"effective_cost": ["1", "1", "2"]},
        {"service_name": ["a", "b", "b"]},
        {"resource_id": [None, None, "r"]},
        {"tags": [None, None, '{"a":1}']},
        {"input_tokens": [None, None, 5]},
        {"calls": [None, 1, None]},
        {"billing_currency": ["USD", "USD", "EUR"]},
        {"billing_period_start": ["2026-05-01", "2026-05-01", "2026-06-01"]},
        {"charge_period_start": ["2026-05-03 00:00:00", "2026-05-03 00:00:00", "2026-05-04 00:00:00"]},
    ],
)
def test_whatever_counts_matters(other):
    assert fingerprint(rows(**PLAIN)) != fingerprint(rows(**(PLAIN | other)))


def test_rows_twice_are_not_rows_once():
    one = rows(billed_cost=["1"])

    assert fingerprint(one) != fingerprint(one, one)
