"""Load charges that were entered by hand: the same keys, facts, parts and rollups as a file, without one."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import polars as pl
from django.db import transaction

from projects.attribution.layers import HARNESS_SOURCE
from projects.audit.services import record
from projects.common.outcomes import Refused
from projects.people.models import User
from projects.signals import costs_imported
from projects.sources.evidence import EvidenceWriter
from projects.sources.models import Delivery, SourceRole
from projects.sources.readers.schema import CANONICAL
from projects.sources.services import NewSource, lock_source
from projects.spend.closed import PeriodClosed, closed_differences
from projects.spend.loading import FactLoader
from projects.spend.rollups import fill_days
from projects.spend.rules import exact_text
from projects.spend.services import swap_in
from projects.spend.swapping import current_parts, touched_initiatives, what_moved

PROVIDER = "Harness, entered by hand"


class NotTheirs(Refused):
    """The charges would not belong to the initiative they were entered for."""

    code = "not_theirs"


@dataclass(frozen=True)
class HandRow:
    """One charge: its line, its kind, what it costs, and what it is known by."""

    number: int
    kind: str
    amount: Decimal
    currency: str
    resource: str


@dataclass(frozen=True)
class HandSheet:
    """All charges by hand of one initiative in one month."""

    initiative_key: str
    initiative_id: int
    month: date
    rows: Sequence[HandRow]


@transaction.atomic
def deliver_by_hand(*, sheet: HandSheet, by: User, at: datetime) -> Delivery:
    """Let these charges count in place of what was entered for the same initiative and month before.

    The permission is the caller's. Raise PeriodClosed, or NotTheirs where rules would give them to somebody else.
    """
    source = lock_source(NewSource(HARNESS_SOURCE, SourceRole.FACT), by=by, at=at)
    frame = _frame(sheet)
    with EvidenceWriter() as evidence, FactLoader(source) as loader:
        evidence.add(frame)
        loader.add(frame)
        loader.finish()
        new = list(loader.parts)
        fill_days(new, loader.months)
        if touched_initiatives(new) != [sheet.initiative_id]:
            raise NotTheirs(
                f"The rules in force would not give this to {sheet.initiative_key}: the one that reads an initiative's key "
                "from a tag was changed or retired. Restore it first."
            )
        replaced = current_parts(source, list(loader.parts.values()))
        if differences := closed_differences(list(loader.parts.values()), replaced):
            raise PeriodClosed(differences)
        old = [part.pk for part in replaced.values()]
        folder, digest = evidence.keep()
    total = sum((row.amount for row in sheet.rows), Decimal(0))
    delivery = Delivery(
        source=source,
        kind=HARNESS_SOURCE,
        title=f"Harness lines of {sheet.initiative_key}, {sheet.month:%B %Y}",
        file_name=f"{sheet.initiative_key} {sheet.month:%Y-%m}, entered by hand",
        file_sha256=_digest(sheet, at),
        file_bytes=0,
        fingerprint=loader.fingerprint,
        rows=len(sheet.rows),
        accepted=len(sheet.rows),
        totals={sheet.rows[0].currency: {"billed_cost": "0", "effective_cost": exact_text(total)}},
        moved=what_moved(new, old),
        evidence=folder,
        evidence_sha256=digest,
        imported_by=by,
        imported_at=at,
    )
    swap_in(delivery, loader, replaced)
    record(verb="delivery.imported", target=delivery, by=by, at=at, data={"totals": delivery.totals, "replaced": old})
    costs_imported.send(
        sender=Delivery, initiative_ids=touched_initiatives([*old, *new]), delivery=delivery, by=by, at=at
    )
    return delivery


def _frame(sheet: HandSheet) -> pl.DataFrame:
    """Write the charges in the canonical schema. No invoice asks for them, so they are billed at nothing."""
    after = (sheet.month + timedelta(days=32)).replace(day=1)
    start, end = (datetime(day.year, day.month, 1, tzinfo=UTC) for day in (sheet.month, after))
    rows = [
        {
            **dict.fromkeys(CANONICAL),
            "row_number": row.number,
            "billing_account_id": sheet.initiative_key,
            "billing_period_start": sheet.month,
            "billing_period_end": after,
            "charge_period_start": start,
            "charge_period_end": end,
            "billing_currency": row.currency,
            "billed_cost": "0",
            "effective_cost": exact_text(row.amount),
            "charge_category": "Usage",
            "charge_description": row.resource,
            "provider_name": PROVIDER,
            "service_name": row.kind,
            "resource_id": row.resource,
            "tags": f'{{"initiative": "{sheet.initiative_key}"}}',
        }
        for row in sheet.rows
    ]
    return pl.DataFrame(rows, schema=dict(CANONICAL))


def _digest(sheet: HandSheet, at: datetime) -> str:
    """Return a hash that no file has: two entries of the same figures are two acts."""
    return hashlib.sha256(f"{sheet} {at.isoformat()}".encode()).hexdigest()
