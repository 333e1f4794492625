"""Open envelopes and change what they hold."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from projects.audit.services import record
from projects.common.outcomes import Blocker
from projects.funding import rules, selectors
from projects.funding.choices import Account, EntryKind
from projects.funding.models import Envelope, LedgerEntry
from projects.funding.services.errors import FundingRefused, OverHeadroom
from projects.funding.services.posting import Line, post
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import require


@transaction.atomic
def open_envelope(
    *,
    kind: str,
    name: str,
    currency: str,
    starts_on: date,
    ends_on: date,
    amount: Decimal,
    parent: Envelope | None = None,
    by: User,
    at: datetime,
) -> Envelope:
    """Open an envelope out of the organisation's budget or of its parent. Raise FundingRefused or OverHeadroom."""
    require(by, Permission.KEEP_ENVELOPES)
    if parent is not None:
        parent = Envelope.objects.select_for_update().get(pk=parent.pk)
    if blockers := _envelope_blockers(name, currency, starts_on, ends_on, amount, parent):
        raise FundingRefused(blockers)
    envelope = Envelope.objects.create(
        kind=kind,
        name=name.strip(),
        currency=currency,
        starts_on=starts_on,
        ends_on=ends_on,
        parent=parent,
        opened_by=by,
        opened_at=at,
    )
    _fill(envelope, amount, key=f"envelope:{envelope.pk}:opened", reason="Opened.", by=by, at=at)
    record(verb="envelope.opened", target=envelope, by=by, at=at, data={"amount": amount})
    return envelope


@transaction.atomic
def change_envelope(*, envelope_id: int, change: Decimal, reason: str, by: User, at: datetime) -> LedgerEntry:
    """Add to an envelope, or take from what it still has. Raise FundingRefused or OverHeadroom."""
    require(by, Permission.KEEP_ENVELOPES)
    envelope = Envelope.objects.select_for_update(of=("self",)).select_related("parent").get(pk=envelope_id)
    if blockers := rules.amount_blockers(abs(change), envelope.currency):
        raise FundingRefused(blockers)
    if not reason.strip():
        raise FundingRefused(f"Say why {envelope.name} changes.")
    if change < 0:
        refuse_over_headroom(envelope, -change, on=at.date())
    count = envelope.lines.count()
    entry = _fill(envelope, change, key=f"envelope:{envelope.pk}:changed:{count}", reason=reason.strip(), by=by, at=at)
    record(verb="envelope.changed", target=envelope, by=by, at=at, data={"change": change, "reason": reason.strip()})
    return entry


def refuse_over_headroom(envelope: Envelope, amount: Decimal, *, on: date) -> None:
    """Raise OverHeadroom when the envelope itself, or one above it, has less left than an amount."""
    blockers = []
    for level in selectors.levels(envelope):
        left = selectors.headroom(level, on=on).left
        if amount > left:
            blockers.append(
                Blocker("over_headroom", f"{level.name} has {left:,f} {level.currency} left; {amount:,f} is more.")
            )
    balance = selectors.balance(envelope)
    if not blockers and amount > balance:
        blockers.append(
            Blocker(
                "over_headroom",
                f"{envelope.name} itself holds {balance:,f} {envelope.currency}; the rest stands in its parts.",
            )
        )
    if blockers:
        raise OverHeadroom(blockers)


def _envelope_blockers(
    name: str, currency: str, starts_on: date, ends_on: date, amount: Decimal, parent: Envelope | None
) -> list[Blocker]:
    blockers = rules.amount_blockers(amount, currency)
    if not name.strip():
        blockers.append(Blocker("name_missing", "Give the envelope a name."))
    if ends_on <= starts_on:
        blockers.append(Blocker("period_empty", f"The period ends on {ends_on}, before it begins on {starts_on}."))
    if parent is not None and parent.currency != currency:
        blockers.append(Blocker("other_currency", f"{parent.name} is in {parent.currency}, not {currency}."))
    if parent is not None and not parent.starts_on <= starts_on <= ends_on <= parent.ends_on:
        blockers.append(
            Blocker(
                "outside_parent",
                f"The period lies outside that of {parent.name}: {parent.starts_on} to {parent.ends_on}.",
            )
        )
    return blockers


def _fill(envelope: Envelope, amount: Decimal, *, key: str, reason: str, by: User, at: datetime) -> LedgerEntry:
    parent = envelope.parent
    if parent is not None and amount > 0:
        balance = selectors.balance(parent)
        if amount > balance:
            raise OverHeadroom(f"{parent.name} itself holds {balance:,f} {parent.currency}; {amount:,f} is more.")
    source = Account.ENVELOPE if parent is not None else Account.BUDGET
    lines = [
        Line(source, -amount, envelope.currency, envelope=parent),
        Line(Account.ENVELOPE, amount, envelope.currency, envelope=envelope),
    ]
    return post(key=key, kind=EntryKind.ENVELOPE, lines=lines, reason=reason, by=by, at=at)
