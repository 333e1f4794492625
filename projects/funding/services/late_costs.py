"""Cover costs that arrive for a tranche after its rest lapsed."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from projects.audit.services import record
from projects.common.money import ZERO, minor_unit
from projects.funding import rules, selectors
from projects.funding.choices import Account, EntryKind, TrancheState
from projects.funding.models import LedgerEntry, Tranche
from projects.funding.services.posting import Line, post
from projects.initiatives.models import Initiative
from projects.people.models import User


@transaction.atomic
def cover_late_cost(*, tranche_id: int, by: User | None, at: datetime) -> LedgerEntry | None:
    """Reverse a lapse as far as rows of the tranche's window came in since; None when there is nothing to cover."""
    owner = Tranche.objects.values_list("initiative_id", flat=True).get(pk=tranche_id)
    Initiative.objects.select_for_update().get(pk=owner)
    tranche = Tranche.objects.select_for_update(of=("self",)).select_related("initiative").get(pk=tranche_id)
    entry = tranche.entries.filter(kind=EntryKind.LAPSE).first()
    if tranche.state != TrancheState.LAPSED or entry is None:
        return None
    money, spent = selectors.tranche_money(tranche), selectors.tranche_spent(tranche, on=at.date())
    missing = rules.missing_of(money, spent, minor_unit(tranche.currency))
    lines = _from_where_it_went(entry, tranche, missing)
    if not lines:
        return None
    covered = -sum((line.amount for line in lines), ZERO)
    lines.append(Line(Account.INITIATIVE, covered, tranche.currency, tranche=tranche))
    count = entry.reversals.count()
    reversal = post(
        key=f"tranche:{tranche.pk}:late:{count + 1}",
        kind=EntryKind.REVERSAL,
        lines=lines,
        tranche=tranche,
        reverses=entry,
        decision_reference=entry.decision_reference,
        reason="A cost of the tranche's window came in after its rest had lapsed.",
        by=by,
        at=at,
    )
    record(verb="tranche.late_cost_covered", target=tranche, by=by, at=at, data={"amount": covered})
    return reversal


def _from_where_it_went(entry: LedgerEntry, tranche: Tranche, missing: Decimal) -> list[Line]:
    """Take back from each account what the lapse gave it and no earlier reversal took, until the cost is covered."""
    lines = []
    for gone in entry.lines.exclude(account=Account.INITIATIVE).select_related("envelope"):
        taken = sum(
            (
                line.amount
                for reversal in entry.reversals.all()
                for line in reversal.lines.filter(account=gone.account, envelope=gone.envelope)
            ),
            ZERO,
        )
        back = min(missing, gone.amount + taken)
        if back > 0:
            lines.append(Line(Account(gone.account), -back, tranche.currency, envelope=gone.envelope))
            missing -= back
    return lines
