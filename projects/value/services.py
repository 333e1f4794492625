"""Keep KPI cards and readings; declare, measure, verify, reject and decay value claims."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django_fsm import can_proceed

from projects.audit.services import record
from projects.common.money import is_decided_amount
from projects.common.outcomes import Conflicted, NotPermitted, Refused, WrongState
from projects.initiatives.choices import Condition
from projects.initiatives.models import Initiative
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import may, require
from projects.value.models import LARGEST, Benefit, ClaimState, KpiCard, KpiReading, ReadingSource, ValueClaim
from projects.value.rules import has_decayed, reading_blockers, share_blockers, yardstick_moved

CARD_FIELDS = frozenset(
    {
        "formula",
        "measures",
        "numerator_source",
        "denominator_source",
        "baseline_from",
        "baseline_until",
        "baseline",
        "target",
        "floor",
        "ceiling",
        "target_volume",
        "cadence",
        "category",
        "mechanism",
        "is_cashable",
        "money_per_unit",
        "realisation_percent",
        "confidence",
        "confidence_reason",
    }
)


class CardRefused(Refused):
    """The card's figures cannot stand, or its yardstick moved without a reason."""

    code = "kpi_card_refused"


class ReadingRefused(Refused):
    """The reading is not a finite figure of a period that runs forward and is over."""

    code = "reading_refused"


class ClaimRefused(Refused):
    """The claim's amount, share or period cannot stand."""

    code = "claim_refused"


@transaction.atomic
def create_kpi_card(
    *, initiative_id: int, name: str, unit: str, direction: str, owner: User, by: User, at: datetime, **fields: Any
) -> KpiCard:
    """Add a KPI card. Raise NotPermitted, WrongState (closed); TypeError for a field that a card does not have."""
    initiative = Initiative.objects.select_for_update().get(pk=initiative_id)
    require(by, Permission.DRAFT_FOR_OWNER, initiative=initiative)
    _must_be_open(initiative)
    if unknown := set(fields) - CARD_FIELDS:
        raise TypeError(f"A KPI card has no {', '.join(sorted(unknown))}.")
    card = KpiCard(
        initiative=initiative,
        name=name.strip(),
        unit=unit.strip(),
        direction=direction,
        owner=owner,
        created_by=by,
        created_at=at,
        **fields,
    )
    card.full_clean()
    card.save()
    record(verb="kpi.created", target=card, by=by, at=at)
    return card


@transaction.atomic
def change_kpi_card(
    *, card_id: int, changes: dict[str, Any], reason: str = "", revision: int, by: User, at: datetime
) -> KpiCard:
    """Change a card; who moves a baseline, target, floor or ceiling that was set says why, and both stay on record.

    Raise NotPermitted, WrongState (closed), CardRefused, or Conflicted when it moved on since ``revision``.
    """
    card = KpiCard.objects.select_for_update(of=("self",)).select_related("initiative", "owner").get(pk=card_id)
    require(by, Permission.DRAFT_FOR_OWNER, initiative=card.initiative)
    _must_be_open(card.initiative)
    if card.revision != revision:
        raise Conflicted(f"{card.name} was changed by somebody else meanwhile. Compare and save again.")
    if unknown := set(changes) - CARD_FIELDS - {"name", "unit", "direction", "owner"}:
        raise TypeError(f"A KPI card has no {', '.join(sorted(unknown))}.")
    before = {name: getattr(card, name) for name in changes}
    moved = yardstick_moved(before, changes)
    if moved and not reason.strip():
        raise CardRefused(f"{card.name}: say why {' and '.join(moved)} changes. Both figures stay on record.")
    for name, value in changes.items():
        setattr(card, name, value)
    card.revision += 1
    card.full_clean()
    card.save()
    data = {
        "before": {name: str(value) for name, value in before.items()},
        "after": {name: str(value) for name, value in changes.items()},
        "reason": reason.strip(),
    }
    record(verb="kpi.changed", target=card, by=by, at=at, data=data)
    return card


def _must_be_open(initiative: Initiative) -> None:
    if initiative.condition == Condition.CLOSED:
        raise WrongState(f"{initiative.key} is closed: its measures no longer change.")


@dataclass(frozen=True)
class Reading:
    """One period's figure, half-open; numerator and denominator where the figure is a division."""

    period_start: date
    period_end: date
    value: Decimal
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    note: str = ""


@transaction.atomic
def record_kpi_reading(*, card_id: int, reading: Reading, by: User, at: datetime) -> KpiReading:
    """Type in a reading, which proves nothing until finance verifies it. Raise NotPermitted or ReadingRefused."""
    card = KpiCard.objects.select_related("initiative").get(pk=card_id)
    require(by, Permission.RECORD_READING, initiative=card.initiative)
    return _keep(card, reading, ReadingSource.TYPED, "kpi.read", by, at)


@transaction.atomic
def import_kpi_reading(*, card_id: int, reading: Reading, by: User | None, at: datetime) -> KpiReading:
    """Keep a reading from a system of record; ``by`` is None for a feed. Raise NotPermitted or ReadingRefused."""
    card = KpiCard.objects.select_related("initiative").get(pk=card_id)
    if by is not None and not may_import(by, card.initiative):
        raise NotPermitted(
            f"You may not import readings of {card.initiative.key}. Who can: finance without an interest in it."
        )
    return _keep(card, reading, ReadingSource.IMPORTED, "kpi.imported", by, at)


def may_import(user: User, initiative: Initiative) -> bool:
    """Say whether what a person delivers counts as imported: finance, without an interest in the initiative."""
    return may(user, Permission.IMPORT_COSTS, initiative=initiative) and not initiative.is_interested(user)


@transaction.atomic
def verify_kpi_reading(*, reading_id: int, by: User, at: datetime) -> KpiReading:
    """Verify a typed reading as a new row. Raise NotPermitted for the interested and for who typed it."""
    typed = KpiReading.objects.select_related("card__initiative").get(pk=reading_id)
    require(by, Permission.VERIFY_VALUE, initiative=typed.card.initiative)
    if typed.recorded_by_id == by.pk:
        raise NotPermitted("You typed this reading: somebody else in finance verifies it.")
    reading = Reading(typed.period_start, typed.period_end, typed.value, typed.numerator, typed.denominator, typed.note)
    return _keep(typed.card, reading, ReadingSource.VERIFIED, "kpi.verified", by, at)


def _keep(
    card: KpiCard, reading: Reading, source: ReadingSource, verb: str, by: User | None, at: datetime
) -> KpiReading:
    if wrong := reading_blockers(
        card.name, reading.value, reading.period_start, reading.period_end, on=at.date(), largest=LARGEST
    ):
        raise ReadingRefused(wrong)
    row = KpiReading.objects.create(
        card=card,
        period_start=reading.period_start,
        period_end=reading.period_end,
        numerator=reading.numerator,
        denominator=reading.denominator,
        value=reading.value,
        note=reading.note,
        source=source,
        recorded_by=by,
        recorded_at=at,
    )
    record(verb=verb, target=row, by=by, at=at, stream=card.audit_stream)
    return row


@transaction.atomic
def declare_claim(
    *,
    initiative_id: int,
    benefit: str,
    amount: Decimal,
    period_start: date,
    period_end: date,
    share_percent: Decimal = Decimal(100),
    is_cashable: bool = False,
    card: KpiCard | None = None,
    by: User,
    at: datetime,
) -> ValueClaim:
    """Declare a share of a benefit. Raise NotPermitted, or ClaimRefused when the shares of a period pass 100%."""
    initiative = Initiative.objects.select_for_update().get(pk=initiative_id)
    require(by, Permission.DRAFT_FOR_OWNER, initiative=initiative)
    if not is_decided_amount(amount, initiative.currency) or amount < 0:
        raise ClaimRefused(f"{initiative.key}: the declared value must be a whole amount of money, not {amount}.")
    if period_end <= period_start:
        raise ClaimRefused(f"{initiative.key}: the claim's period must end after it begins.")
    if card is not None and card.initiative_id != initiative.pk:
        raise ClaimRefused(f"{card.name} is a measure of another initiative. Choose one of {initiative.key}.")
    if not benefit.strip():
        raise ClaimRefused(f"{initiative.key}: name the benefit that is claimed.")
    gained = _benefit(benefit.strip())
    overlapping = gained.claims.exclude(state=ClaimState.REJECTED).filter(
        period_start__lt=period_end, period_end__gt=period_start
    )
    if blockers := share_blockers(share_percent, overlapping.values_list("share_percent", flat=True), gained.name):
        raise ClaimRefused(blockers)
    claim = ValueClaim.objects.create(
        initiative=initiative,
        benefit=gained,
        card=card,
        period_start=period_start,
        period_end=period_end,
        currency=initiative.currency,
        share_percent=share_percent,
        is_cashable=is_cashable,
        declared_amount=amount,
        declared_by=by,
        declared_at=at,
    )
    record(verb="claim.declared", target=claim, by=by, at=at)
    return claim


def _benefit(name: str) -> Benefit:
    """Return the benefit of a name in any case, locked, so that two claims never share out more than the whole."""
    known = Benefit.objects.filter(name__iexact=name).first()
    if known is None:
        known, _ = Benefit.objects.get_or_create(name=name)
    return Benefit.objects.select_for_update().get(pk=known.pk)


@transaction.atomic
def measure_claim(*, claim_id: int, amount: Decimal, measured_from: str, by: User, at: datetime) -> ValueClaim:
    """Say what was measured and from what. Raise NotPermitted, WrongState or ClaimRefused."""
    claim = _locked(claim_id)
    require(by, Permission.RECORD_READING, initiative=claim.initiative)
    _check(claim, claim.measure, "measured", amount)
    if not measured_from.strip():
        raise ClaimRefused(f"{claim}: say what the measured value was read from.")
    claim.measure(amount=amount, measured_from=measured_from.strip(), by_id=by.pk, at=at)
    claim.save()
    record(verb="claim.measured", target=claim, by=by, at=at)
    return claim


@transaction.atomic
def verify_claim(*, claim_id: int, amount: Decimal, by: User, at: datetime) -> ValueClaim:
    """Count a measured claim, or count a verified one anew.

    Raise NotPermitted for who declared or measured it and for the interested, WrongState or ClaimRefused.
    """
    claim = _locked(claim_id)
    require(by, Permission.VERIFY_VALUE, initiative=claim.initiative)
    if by.pk in (claim.declared_by_id, claim.measured_by_id):
        raise NotPermitted("You declared or measured this claim: somebody else in finance verifies it.")
    if claim.state == ClaimState.VERIFIED:
        _check_amount(claim, amount)
        claim.verified_amount, claim.verified_by, claim.verified_at = amount, by, at
    else:
        _check(claim, claim.verify, "verified", amount)
        claim.verify(amount=amount, by_id=by.pk, at=at)
    claim.save()
    record(verb="claim.verified", target=claim, by=by, at=at)
    return claim


@transaction.atomic
def reject_claim(*, claim_id: int, reason: str, by: User, at: datetime) -> ValueClaim:
    """Refuse to count a claim, with the reason. Raise NotPermitted, WrongState or ClaimRefused."""
    claim = _locked(claim_id)
    require(by, Permission.VERIFY_VALUE, initiative=claim.initiative)
    if by.pk == claim.declared_by_id:
        raise NotPermitted("You declared this claim: somebody else in finance judges it.")
    _check(claim, claim.reject, "rejected", Decimal(0))
    if not reason.strip():
        raise ClaimRefused(f"{claim}: say why it is rejected.")
    claim.reject(reason=reason.strip())
    claim.save()
    record(verb="claim.rejected", target=claim, by=by, at=at)
    return claim


@transaction.atomic
def freeze_declared_value(*, initiative_id: int, by: User, at: datetime) -> int:
    """Freeze what was declared, as the effect of a Go into Launch; return how many claims were frozen."""
    claims = ValueClaim.objects.select_for_update(of=("self",)).select_related("initiative")
    open_claims = list(claims.filter(initiative_id=initiative_id, frozen_at__isnull=True).exclude(state="rejected"))
    for claim in open_claims:
        claim.frozen_amount, claim.frozen_at = claim.declared_amount, at
        claim.save()
        record(verb="claim.frozen", target=claim, by=by, at=at)
    return len(open_claims)


@transaction.atomic
def decay_claims(*, months: int, at: datetime) -> int:
    """Stop counting claims whose verification is too old; return how many."""
    claims = ValueClaim.objects.select_for_update(of=("self",)).select_related("initiative")
    old = [
        claim
        for claim in claims.filter(state=ClaimState.VERIFIED)
        if claim.verified_at and has_decayed(claim.verified_at.date(), on=at.date(), months=months)
    ]
    for claim in old:
        claim.decay(at=at)
        claim.save()
        record(verb="claim.decayed", target=claim, by=None, at=at)
    return len(old)


def _locked(claim_id: int) -> ValueClaim:
    return ValueClaim.objects.select_for_update(of=("self",)).select_related("initiative", "benefit").get(pk=claim_id)


def _check(claim: ValueClaim, act: Any, word: str, amount: Decimal) -> None:
    if not can_proceed(act):
        raise WrongState(f"{claim} is {claim.get_state_display().lower()}: it cannot be {word} now.")
    _check_amount(claim, amount)


def _check_amount(claim: ValueClaim, amount: Decimal) -> None:
    if not is_decided_amount(amount, claim.currency) or amount < 0:
        raise ClaimRefused(f"{claim}: the value must be a whole amount of money, not {amount}.")
