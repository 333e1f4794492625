from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects.sources.readers import time_book
from projects.sources.readers.time_book import TimeBook

HOURS = [
    (datetime(2026, 5, 1, tzinfo=UTC) + timedelta(hours=hour)).strftime("%Y-%m-%dT%H:%M:%SZ") for hour in range(40)
]
TEXTS = st.sampled_from([*HOURS, "2026-05-31", "2026-05-31T23:59:59Z", "31.12.2025", "soon", "", None])


@given(
    batches=st.lists(st.lists(TEXTS, max_size=30), max_size=4),
    name=st.sampled_from(["charge_period_start", "charge_period_end", "billing_period_start", "billing_period_end"]),
)
def test_what_a_text_says_does_not_depend_on_what_was_read_before(batches, name) -> None:
    book = TimeBook()
    for texts in batches:
        read = book.read(name, pl.Series(texts, dtype=pl.String))

        alone = [TimeBook().read(name, pl.Series([text], dtype=pl.String)) for text in texts]
        assert read.values.to_list() == [one.values[0] for one in alone]
        assert read.is_noted.fill_null(False).to_list() == [bool(one.is_noted[0]) for one in alone]
        assert {text: why for one in alone for text, why in one.reasons.items()}.items() <= read.reasons.items()


def test_a_last_second_ends_with_the_day_and_is_noted() -> None:
    read = TimeBook().read("charge_period_end", pl.Series(["2026-05-31T23:59:59Z", "2026-05-31T23:00:00Z"] * 8))

    assert read.values[:2].to_list() == [datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 5, 31, 23, tzinfo=UTC)]
    assert read.is_noted[:2].to_list() == [True, False]


@pytest.mark.parametrize(("ends_with_day", "end"), [(True, date(2026, 6, 1)), (False, date(2026, 5, 31))])
def test_a_last_day_ends_with_the_day_only_in_files_that_give_last_days(ends_with_day: bool, end: date) -> None:
    read = TimeBook().read("billing_period_end", pl.Series(["2026-05-31"] * 2), ends_with_day=ends_with_day)

    assert read.values.to_list() == [end, end]
    assert not read.is_noted.any()


def test_texts_that_were_forgotten_for_want_of_room_are_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time_book, "KEPT_TEXTS", 3)
    book = TimeBook()
    for first in range(0, 40, 4):
        texts = pl.Series(HOURS[first : first + 4] * 8)

        read = book.read("charge_period_start", texts)

        assert read.values.to_list() == [datetime.fromisoformat(text) for text in texts]
