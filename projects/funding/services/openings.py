"""Take over budgets that were given before Tollgate, by the opening decision of an imported portfolio."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

from django.db import transaction

from projects.audit.services import record, record_many
from projects.common.money import ZERO, minor_unit
from projects.funding.choices import Account, EntryKind, EnvelopeKind, TrancheKind
from projects.funding.models import Envelope, LedgerEntry, LedgerLine, Tranche, TranchePart
from projects.funding.models.laws import LARGEST
from projects.funding.services.posting import Line, post
from projects.initiatives.models import Initiative, OpeningDecision
from projects.people.models import User

BATCH = 1000
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class OpeningBudget:
    """What an initiative was given before it came: whole amount, and the window that it pays for (half-open)."""

    initiative: Initiative
    amount: Decimal
    starts_on: date
    ends_on: date

    @property
    def decided(self) -> Decimal:
        """Return the amount in the currency's minor unit, as the ledger keeps it."""
        return self.amount.quantize(minor_unit(self.initiative.currency), ROUND_HALF_EVEN)

    @property
    def can_stand(self) -> bool:
        """Say whether it can be a tranche: something, and not beyond what the ledger holds."""
        return self.amount.is_finite() and ZERO < self.amount < LARGEST and self.decided > ZERO


@transaction.atomic
def open_budgets(
    *, budgets: Sequence[OpeningBudget], opening: OpeningDecision, by: User, at: datetime
) -> list[Tranche]:
    """Give new initiatives the budgets they came with, as released opening tranches out of one envelope a currency.

    The caller holds an opening decision that two people signed and hands over initiatives without tranches whose
    budgets ``can_stand``. Set-based: a handful of statements for any number.
    """
    if not budgets:
        return []
    currencies = sorted({budget.initiative.currency for budget in budgets})
    envelopes = {code: _open_envelope(code, budgets, opening, by, at) for code in currencies}
    tranches = Tranche.objects.bulk_create([_tranche(budget, opening, by, at) for budget in budgets], batch_size=BATCH)
    TranchePart.objects.bulk_create(
        [TranchePart(tranche=row, envelope=envelopes[row.currency], amount=row.amount) for row in tranches],
        batch_size=BATCH,
    )
    for row in tranches:
        row.release(by_id=opening.second_signed_by_id, at=at, starts_on=row.starts_on)
    Tranche.objects.bulk_update(tranches, ["state", "released_by", "released_at"], batch_size=BATCH // 4)
    _post(tranches, envelopes, opening, by, at)
    told = [(row, {"decision": opening.reference}) for row in tranches]
    record_many(verb="tranche.decided", targets=told, by=by, at=at)
    record_many(verb="tranche.released", targets=told, by=opening.second_signed_by, at=at)
    return tranches


def _open_envelope(
    currency: str, budgets: Sequence[OpeningBudget], opening: OpeningDecision, by: User, at: datetime
) -> Envelope:
    theirs = [budget for budget in budgets if budget.initiative.currency == currency]
    amount = sum((budget.decided for budget in theirs), ZERO)
    envelope = Envelope.objects.create(
        kind=EnvelopeKind.PORTFOLIO,
        name=f"Taken over by {opening.reference}, {currency}",
        currency=currency,
        starts_on=min(budget.starts_on for budget in theirs),
        ends_on=max(budget.ends_on for budget in theirs),
        opened_by=by,
        opened_at=at,
    )
    lines = [Line(Account.BUDGET, -amount, currency), Line(Account.ENVELOPE, amount, currency, envelope=envelope)]
    key = f"envelope:{envelope.pk}:opened"
    post(key=key, kind=EntryKind.ENVELOPE, lines=lines, reason=opening.reason, by=by, at=at)
    record(verb="envelope.opened", target=envelope, by=by, at=at, data={"amount": amount})
    return envelope


def _tranche(budget: OpeningBudget, opening: OpeningDecision, by: User, at: datetime) -> Tranche:
    return Tranche(
        initiative=budget.initiative,
        number=1,
        kind=TrancheKind.OPENING,
        amount=budget.decided,
        currency=budget.initiative.currency,
        starts_on=budget.starts_on,
        ends_on=max(budget.ends_on, budget.starts_on + ONE_DAY),
        decision_reference=opening.reference,
        decided_by=by,
        decided_at=at,
    )


def _post(
    tranches: Sequence[Tranche], envelopes: dict[str, Envelope], opening: OpeningDecision, by: User, at: datetime
) -> None:
    entries = LedgerEntry.objects.bulk_create(
        [
            LedgerEntry(
                key=f"tranche:{row.pk}:released",
                kind=EntryKind.RELEASE,
                initiative=row.initiative,
                tranche=row,
                decision_reference=opening.reference,
                by=by,
                at=at,
            )
            for row in tranches
        ],
        batch_size=BATCH,
    )
    lines = []
    for entry, row in zip(entries, tranches, strict=True):
        envelope = envelopes[row.currency]
        lines += [
            LedgerLine(
                entry=entry, account=Account.ENVELOPE, envelope=envelope, amount=-row.amount, currency=row.currency
            ),
            LedgerLine(
                entry=entry,
                account=Account.INITIATIVE,
                initiative=row.initiative,
                tranche=row,
                amount=row.amount,
                currency=row.currency,
            ),
        ]
    LedgerLine.objects.bulk_create(lines, batch_size=BATCH)
