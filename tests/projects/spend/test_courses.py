"""Sums over windows of their own: one query for any number of them, equal to each one asked alone."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects.spend.courses import Window, spent_in_windows
from tests.factories.rates import rate
from tests.projects.spend.samples import take_in, write_focus
from tests.projects.trail.conftest import row

pytestmark = pytest.mark.django_db


@pytest.fixture
def bill(fraud, fiona, now, tmp_path):
    owned = {"Tags": f'{{"initiative": "{fraud.key}"}}'}
    cells = [
        row(date(2026, 5, 3), 100, **owned),
        row(date(2026, 5, 4), 10, **owned),
        row(date(2026, 5, 4), 3, ChargeCategory="Tax", **owned),
        row(date(2026, 6, 2), 8, BillingCurrency="EUR", **owned),
        row(date(2026, 6, 3), 900, BillingCurrency="JPY", **owned),
    ]
    take_in(write_focus(tmp_path / "bill.csv", *cells), "cloud")
    rate(date(2026, 6, 1), "EUR", "1.25", by=fiona, at=now)
    return fraud


def test_each_window_adds_its_own_days_converts_and_leaves_tax_out_where_told(bill):
    windows = [
        Window(bill.pk, date(2026, 5, 3), date(2026, 5, 3)),
        Window(bill.pk, date(2026, 5, 4), date(2026, 5, 4)),
        Window(bill.pk, date(2026, 5, 4), date(2026, 5, 4), with_tax=False),
        Window(bill.pk, date(2026, 5, 4), date(2026, 6, 3)),
        Window(bill.pk, date(2026, 1, 1), date(2026, 1, 31)),
    ]

    assert spent_in_windows(windows) == [100, 13, 10, 23, 0]


def test_more_windows_cost_no_more_queries(bill):
    counts = []
    for number in (1, 60):
        windows = [Window(bill.pk, date(2026, 5, 1), date(2026, 6, 3))] * number
        with CaptureQueriesContext(connection) as asked:
            assert spent_in_windows(windows) == [123] * number
        counts.append(len(asked))

    assert counts[0] == counts[1] == 2
