"""What the ledger says after an act."""

from projects.funding.models import LedgerEntry
from projects.funding.selectors import positions


def position(fraud, on):
    return positions([fraud.pk], on=on)[fraud.pk]


def kinds():
    return list(LedgerEntry.objects.order_by("pk").values_list("kind", flat=True))
