import polars as pl
import pytest

from projects.sources.readers.interface import UnreadableFile
from projects.sources.readers.plans import Plan
from projects.sources.readers.slashes import day_and_month, has_slashes

PLAIN = Plan({})
AMERICAN = Plan({}, date_order="mdy")


def dates(*starts: str | None, **periods: str) -> pl.DataFrame:
    columns = {"charge_period_start": starts, **{name: [text] * len(starts) for name, text in periods.items()}}
    return pl.DataFrame(
        {name: list(texts) for name, texts in columns.items()}, schema=dict.fromkeys(columns, pl.String)
    )


@pytest.mark.parametrize(
    ("texts", "found"),
    [(["5/1/25"], True), ([" 05/01/2025 10:00"], True), (["2025-05-01"], False), ([None], False), (["a/b/c"], False)],
)
def test_slashes_are_seen_in_dates_only(texts: list[str | None], found: bool) -> None:
    assert has_slashes(dates(*texts)) == found


@pytest.mark.parametrize(
    ("first", "later", "order"),
    [
        ("5/13/25", "5/1/25", "mdy"),
        ("13/5/25", "5/1/25", "dmy"),
        ("5/1/25", "5/13/25", "mdy"),
        ("5/12/25", "13/1/25", "dmy"),
    ],
)
def test_one_value_above_twelve_settles_the_column_wherever_it_stands(first: str, later: str, order: str) -> None:
    assert day_and_month(dates(first), iter([dates(None), dates(later)]), PLAIN) == (order, None)


def test_billing_periods_of_whole_months_settle_what_values_do_not() -> None:
    american = dates("4/2/25", billing_period_start="4/1/25", billing_period_end="5/1/25")
    european = dates("2/4/25", billing_period_start="1/4/25", billing_period_end="1/5/25")

    assert day_and_month(american, iter([]), PLAIN)[0] == "mdy"
    order, note = day_and_month(european, iter([]), PLAIN)
    assert order == "dmy"
    assert note == "Dates read as day/month/year, because billing periods then are whole months."


def test_the_first_of_january_settles_nothing() -> None:
    text = dates("1/1/25", billing_period_start="1/1/25", billing_period_end="1/1/26")

    with pytest.raises(UnreadableFile) as refused:
        day_and_month(text, iter([]), PLAIN)

    assert refused.value.code == "ambiguous_dates"


def test_the_custom_of_a_known_exporter_is_followed_with_a_note_and_not_against_proof() -> None:
    assert day_and_month(dates("5/1/25"), iter([]), AMERICAN) == (
        "mdy",
        "Dates read as month/day/year, as this exporter writes them.",
    )
    assert day_and_month(dates("13/1/25"), iter([]), AMERICAN) == ("dmy", None)


def test_proof_of_both_is_refused() -> None:
    with pytest.raises(UnreadableFile) as refused:
        day_and_month(dates("13/1/25"), iter([dates("1/13/25")]), AMERICAN)

    assert refused.value.code == "mixed_dates"


@pytest.mark.parametrize("nonsense", ["31/31/2026", "0/40/2026", "13/13/25"])
def test_what_is_no_date_in_either_order_proves_nothing(nonsense: str) -> None:
    assert not has_slashes(dates(nonsense))
    assert day_and_month(pl.concat([dates("13/1/25"), dates(nonsense)]), iter([]), PLAIN) == ("dmy", None)


def test_a_header_that_stands_again_does_not_hide_that_periods_are_whole_months() -> None:
    text = dates("5/2/25", billing_period_start="5/1/25", billing_period_end="6/1/25")
    header = dates(
        "ChargePeriodStart", billing_period_start="BillingPeriodStart", billing_period_end="BillingPeriodEnd"
    )

    order, note = day_and_month(pl.concat([text, header]), iter([]), PLAIN)

    assert order == "mdy"
    assert note is not None
