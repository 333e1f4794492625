from datetime import UTC, date, datetime

import pytest

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
def funded(bill, fiona):
    """The same with a tranche that is in force from 10 May on."""
    at = datetime(2026, 5, 10, 9, tzinfo=UTC)
    return tranche(bill, envelope(fiona, at), fiona, at, ends_on=date(2026, 7, 1), decision_reference="AIC-2026-014")
