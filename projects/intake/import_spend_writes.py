"""Opening rows: the actual cost that a portfolio tells of each initiative, as one delivery of source ``portfolio``."""

import csv
import json
import tempfile
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

from projects.initiatives.models import Initiative
from projects.intake.import_records import Record
from projects.people.models import User
from projects.sources.models import Delivery
from projects.spend.services import CostFile, import_costs

SOURCE = "portfolio"
EARLIEST = date(2000, 1, 1)
HEADER = (
    "BillingAccountId",
    "BillingPeriodStart",
    "BillingPeriodEnd",
    "ChargePeriodStart",
    "ChargePeriodEnd",
    "BillingCurrency",
    "BilledCost",
    "EffectiveCost",
    "ChargeCategory",
    "ChargeFrequency",
    "ChargeDescription",
    "ProviderName",
    "ServiceName",
    "Tags",
)


def add_opening_rows(
    told: Sequence[tuple[Record, Initiative]], import_key: str, *, by: User, at: datetime
) -> Delivery | None:
    """Deliver one row for each initiative with an actual, or None where no row told one. The import is the account."""
    rows = [_row(found, initiative, import_key, at.date()) for found, initiative in told if found.actual is not None]
    if not rows:
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{import_key}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(HEADER)
            writer.writerows(rows)
        return import_costs(file=CostFile(path, path.name, SOURCE), by=by, at=at).delivery


def charged_on(found: Record, today: date) -> date:
    """Return the day on which an opening row counts: the end that the file names if it is past, else today."""
    if found.end_on is not None and EARLIEST <= found.end_on < today:
        return found.end_on
    return today


def _row(found: Record, initiative: Initiative, import_key: str, today: date) -> tuple[str, ...]:
    day = charged_on(found, today)
    month = day.replace(day=1)
    return (
        import_key,
        _instant(month),
        _instant((month + timedelta(days=32)).replace(day=1)),
        _instant(day),
        _instant(day + timedelta(days=1)),
        initiative.currency,
        f"{found.actual:f}",
        f"{found.actual:f}",
        "Adjustment",
        "One-Time",
        f"Actual cost up to the import, line {found.line}",
        found.organisation or "Portfolio",
        "Imported actual cost",
        json.dumps({"initiative": initiative.key}),
    )


def _instant(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"
