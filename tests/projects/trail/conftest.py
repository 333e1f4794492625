from datetime import UTC, date, datetime

import pytest
from django.db import connection

from projects.sources.models import DeliveryPart
from projects.spend.verification import rebuild_rollups
from tests.factories.money import envelope, tranche
from tests.projects.spend.samples import take_in, write_focus


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def row(day, cost, **cells):
    """A charge of one day of May or June 2026."""
    month = f"{day:%Y-%m}"
    return {
        "BillingPeriodStart": f"{month}-01",
        "BillingPeriodEnd": f"2026-{day.month + 1:02}-01",
        "ChargePeriodStart": day.isoformat(),
        "ChargePeriodEnd": day.isoformat(),
        "BilledCost": str(cost),
        "EffectiveCost": str(cost),
        **cells,
    }


@pytest.fixture
def bill(fraud, tmp_path):
    """Spend of Olga's initiative over two months and services, and spend of nobody."""
    owned = {"Tags": f'{{"initiative": "{fraud.key}", "env": "Prod"}}'}
    path = write_focus(
        tmp_path / "bill.csv",
        row(date(2026, 5, 3), "100.25", **owned),
        row(date(2026, 5, 4), 110, **owned, ServiceName="=cmd()"),
        row(date(2026, 5, 20), 40, ServiceName="AmazonEC2", ServiceCategory="Compute", **owned),
        row(date(2026, 6, 2), 7, **owned),
        row(date(2026, 6, 2), "-1.5", ChargeCategory="Tax", **owned),
        row(date(2026, 6, 3), 30),
        row(date(2026, 6, 3), 900, ServiceName="AmazonEC2", ServiceCategory="Compute"),
        row(date(2026, 6, 3), 5, BillingCurrency="EUR"),
    )
    take_in(path, "cloud")
    return fraud


@pytest.fixture
def deliver_many(fraud, tmp_path):
    """Deliver so many charges of 4 May, and as many or so many of a day before, in one part; return its id."""
    again = """
    INSERT INTO projects_spendfact (billing_month, part_id, row_number, share, charge_on, cost_key_id, currency, billed_cost,
        effective_cost)
    SELECT billing_month, part_id, %s + n, 0, %s, cost_key_id, currency, 1, 1 FROM projects_spendfact, generate_series(1, %s) n
    WHERE row_number = 2
    """

    def deliver(rows, before=None, rows_before=None):
        take_in(write_focus(tmp_path / "one.csv", row(date(2026, 5, 4), 1)), "cloud")
        with connection.cursor() as cursor:
            cursor.execute(again, [2, date(2026, 5, 4), rows - 1])
            if before:
                cursor.execute(again, [200, before, rows_before or rows])
            cursor.execute("SELECT projects_summarise_facts('2026-05-01')")
            cursor.execute("SET LOCAL enable_seqscan = off")  # so few pages are otherwise read whole
        rebuild_rollups()
        return DeliveryPart.objects.get().pk

    return deliver


@pytest.fixture
def funded(bill, fiona):
    """The same with a tranche that is in force from 10 May on."""
    at = datetime(2026, 5, 10, 9, tzinfo=UTC)
    return tranche(bill, envelope(fiona, at), fiona, at, ends_on=date(2026, 7, 1), decision_reference="AIC-2026-014")
