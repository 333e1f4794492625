"""Read what envelopes hold and can still give, at every level."""

from datetime import date
from decimal import Decimal

from django.db.models import Q, Sum

from projects.common.memo import once
from projects.common.money import ZERO
from projects.funding import rules
from projects.funding.choices import Account, EntryKind, TrancheState
from projects.funding.models import Envelope, LedgerLine, Tranche, TranchePart
from projects.funding.selectors.positions import ONE_DAY, end_of, first_release_days, spent_between, sums, waiting


def levels(envelope: Envelope) -> list[Envelope]:
    """Return the envelope and every one above it, itself first."""
    chain = [envelope]
    while chain[-1].parent is not None:
        chain.append(chain[-1].parent)
    return chain


def subtree(envelope: Envelope) -> set[int]:
    """Return the ids of the envelope and of all below it."""
    found, layer = {envelope.pk}, {envelope.pk}
    while layer:
        layer = set(Envelope.objects.filter(parent_id__in=layer).values_list("pk", flat=True))
        found |= layer
    return found


def balance(envelope: Envelope) -> Decimal:
    """Return what stands on the envelope's own account, less what is decided on it and not released."""
    lines = LedgerLine.objects.filter(account=Account.ENVELOPE, envelope=envelope)
    parts = TranchePart.objects.filter(envelope=envelope, tranche__state=TrancheState.AWAITING)
    held = lines.aggregate(total=Sum("amount"))["total"] or ZERO
    return held - (parts.aggregate(total=Sum("amount"))["total"] or ZERO)


def headroom(envelope: Envelope, *, on: date) -> rules.Headroom:
    """Return what an envelope with all below it can still give at the end of a day, and the sum that shows it."""
    return once(("headroom", envelope.pk, on), lambda: _headroom(envelope, on))


def _headroom(envelope: Envelope, on: date) -> rules.Headroom:
    ids = subtree(envelope)
    lines = LedgerLine.objects.filter(account=Account.ENVELOPE, envelope_id__in=ids, entry__at__lt=end_of(on))
    amount = lines.filter(entry__initiative__isnull=True).aggregate(total=Sum("amount"))["total"] or ZERO
    decided = TranchePart.objects.filter(
        envelope_id__in=ids, tranche__in=waiting(Tranche.objects.all(), on=on).values("pk")
    )
    return rules.headroom(
        envelope=amount,
        charges=_charges(envelope, ids, on),
        decided=decided.aggregate(total=Sum("amount"))["total"] or ZERO,
        bands=_bands_reserved(ids, on),
    )


def _charges(envelope: Envelope, ids: set[int], on: date) -> list[tuple[Decimal, Decimal]]:
    """Pair what each initiative was given out of the envelopes, net, with what it spent in the envelope's period.

    Where an envelope beside these gave money in the same days, spend beyond both is charged to the newest giver.
    """
    lines = LedgerLine.objects.filter(
        account=Account.ENVELOPE, entry__initiative__isnull=False, entry__at__lt=end_of(on)
    )
    nets = {pk: -total for pk, total in sums("entry__initiative_id", lines.filter(envelope_id__in=ids)).items()}
    first = first_release_days(nets, on=on)
    days = {pk: max(day, envelope.starts_on) for pk, day in first.items()}
    spent = spent_between(days, min(on, envelope.ends_on - ONE_DAY))
    beside = lines.filter(entry__initiative_id__in=nets).exclude(envelope_id__in=ids)
    beside = beside.filter(envelope__starts_on__lt=envelope.ends_on, envelope__ends_on__gt=envelope.starts_on)
    others = {pk: -total for pk, total in sums("entry__initiative_id", beside).items()}
    newest = _newest_givers(others, on)
    return [
        (net, spent.get(pk, ZERO) - others.get(pk, ZERO) if newest.get(pk) in ids or pk not in others else ZERO)
        for pk, net in nets.items()
    ]


def _newest_givers(initiative_ids: dict[int, Decimal], on: date) -> dict[int, int]:
    parts = TranchePart.objects.filter(
        tranche__initiative_id__in=initiative_ids, tranche__released_at__lt=end_of(on)
    ).order_by("tranche__released_at", "pk")
    return dict(parts.values_list("tranche__initiative_id", "envelope_id"))


def _bands_reserved(ids: set[int], on: date) -> Decimal:
    """Return the elastic bands agreed on tranches that are not over, less what of them is open already."""
    end = end_of(on)
    live = Tranche.objects.filter(
        Q(ended_at__isnull=True) | Q(ended_at__gte=end),
        decided_at__lt=end,
        band_amount__gt=0,
        parts__envelope_id__in=ids,
        ends_on__gt=on,
    ).distinct()
    agreed = {row.pk: row.band_amount for row in live}
    opened = sums(
        "tranche_id", LedgerLine.objects.filter(tranche__in=agreed, entry__kind=EntryKind.BAND, entry__at__lt=end)
    )
    return sum((amount - opened.get(pk, ZERO) for pk, amount in agreed.items()), ZERO)
