"""Post to the ledger: one entry, its lines, one key."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from projects.funding import rules, selectors
from projects.funding.choices import Account, EntryKind
from projects.funding.models import Envelope, LedgerEntry, LedgerLine, Tranche
from projects.people.models import User


@dataclass(frozen=True)
class Line:
    """A signed amount on an account."""

    account: Account
    amount: Decimal
    currency: str
    envelope: Envelope | None = None
    tranche: Tranche | None = None


def post(
    *,
    key: str,
    kind: EntryKind,
    lines: Sequence[Line],
    tranche: Tranche | None = None,
    decision_reference: str = "",
    reason: str = "",
    figures: dict[str, Any] | None = None,
    reverses: LedgerEntry | None = None,
    by: User | None,
    at: datetime,
) -> LedgerEntry:
    """Add an entry with its lines; the database checks the sum when the transaction ends."""
    entry = LedgerEntry.objects.create(
        key=key,
        kind=kind,
        initiative=tranche.initiative if tranche else None,
        tranche=tranche,
        reverses=reverses,
        decision_reference=decision_reference,
        reason=reason,
        figures=figures or {},
        by=by,
        at=at,
    )
    LedgerLine.objects.bulk_create(
        LedgerLine(
            entry=entry,
            account=line.account,
            envelope=line.envelope,
            initiative=line.tranche.initiative if line.tranche else None,
            tranche=line.tranche,
            amount=line.amount,
            currency=line.currency,
        )
        for line in lines
    )
    return entry


def given_lines(tranche: Tranche, parts: Sequence[tuple[Envelope, Decimal]]) -> list[Line]:
    """Move money from envelopes to a tranche."""
    out = [Line(Account.ENVELOPE, -amount, tranche.currency, envelope=envelope) for envelope, amount in parts]
    whole = sum(amount for _, amount in parts)
    return [*out, Line(Account.INITIATIVE, Decimal(whole), tranche.currency, tranche=tranche)]


def back_lines(tranche: Tranche, rest: Decimal, *, on: date) -> list[Line]:
    """Move a rest back to the envelopes it came from, or to the lapse account where their period is over."""
    nets = selectors.envelope_nets(tranche.initiative)
    by_id = {envelope.pk: envelope for envelope, _ in nets}
    backs = rules.split_back(rest, [(envelope.pk, net) for envelope, net in nets])
    lines = [Line(Account.INITIATIVE, -rest, tranche.currency, tranche=tranche)]
    for envelope_id, amount in backs:
        envelope = by_id[envelope_id]
        account = Account.ENVELOPE if on < envelope.ends_on else Account.LAPSE
        lines.append(Line(account, amount, tranche.currency, envelope=envelope))
    return lines


def carry_lines(old: Tranche, new: Tranche, rest: Decimal) -> list[Line]:
    """Move a rest from one tranche of an initiative to the next."""
    return [
        Line(Account.INITIATIVE, -rest, old.currency, tranche=old),
        Line(Account.INITIATIVE, rest, new.currency, tranche=new),
    ]
