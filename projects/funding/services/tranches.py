"""Decide, release, return, lapse and run down tranches."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Max

from projects.audit.services import record
from projects.common.money import ZERO
from projects.common.outcomes import Blocker, WrongState
from projects.conditions.selectors import release_blockers
from projects.funding import rules, selectors
from projects.funding.choices import EntryKind, TrancheKind, TrancheState
from projects.funding.models import Envelope, Tranche, TranchePart
from projects.funding.services.envelopes import refuse_over_headroom
from projects.funding.services.errors import FreezeStands, FundingRefused, ReleaseBlocked
from projects.funding.services.posting import back_lines, carry_lines, given_lines, post
from projects.initiatives.choices import Condition
from projects.initiatives.models import Initiative
from projects.limits.selectors import policy_on
from projects.milestones.models import Milestone
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import require
from projects.signals import tranche_ended, tranche_released

ENTRY_OF = {TrancheKind.RUN_DOWN: EntryKind.RUN_DOWN}


@dataclass(frozen=True)
class Part:
    """What a further envelope gives, where a tranche outlives the first one's period."""

    envelope: Envelope
    amount: Decimal


@transaction.atomic
def decide_tranche(
    *,
    initiative: Initiative,
    amount: Decimal,
    envelope: Envelope,
    milestone: Milestone | None,
    decision_reference: str,
    starts_on: date,
    ends_on: date,
    awaits_conditions: bool,
    carry_rest: bool,
    by: User,
    at: datetime,
    kind: str = TrancheKind.MILESTONE,
    asked: Decimal | None = None,
    requested_by: User | None = None,
    band_amount: Decimal = ZERO,
    valid_release_until: date | None = None,
    later_parts: Sequence[Part] = (),
    funds_harness: bool = False,
) -> Tranche:
    """Give an initiative money as the effect of a decision; released at once when nothing is awaited.

    Harness lines of its days count against it where ``funds_harness`` says so. ``ends_on`` is the first day after the window. ``amount`` is the whole; ``later_parts`` come out of it.
    Raise FundingRefused, OverHeadroom, WrongState or FreezeStands.
    """
    locked = _locked_initiative(initiative.pk)
    if not decision_reference:
        raise FundingRefused("Only a decision gives money: name it.")
    first = amount - sum((part.amount for part in later_parts), ZERO)
    parts = [Part(envelope, first), *later_parts]
    _lock_envelopes(parts)
    _refuse_impossible(locked, amount, starts_on, ends_on, milestone, kind, parts)
    for part in parts:
        refuse_over_headroom(part.envelope, part.amount + (band_amount if part is parts[0] else ZERO), on=at.date())
    policy = policy_on(at.date())
    if awaits_conditions and valid_release_until is None:
        valid_release_until = at.date() + timedelta(days=policy.integer("list_line_valid_days"))
    last = locked.tranches.aggregate(last=Max("number"))["last"] or 0
    tranche = Tranche.objects.create(
        initiative=locked,
        number=last + 1,
        kind=kind,
        amount=amount,
        asked=asked,
        band_amount=band_amount,
        currency=locked.currency,
        milestone=milestone,
        starts_on=starts_on,
        ends_on=ends_on,
        valid_release_until=valid_release_until,
        carry_rest=carry_rest,
        funds_harness=funds_harness,
        decision_reference=decision_reference,
        requested_by=requested_by,
        decided_by=by,
        decided_at=at,
        awaits_conditions=awaits_conditions,
        needs_two=awaits_conditions and amount > policy.decimal("two_person_release_above"),
    )
    TranchePart.objects.bulk_create(
        TranchePart(tranche=tranche, envelope=part.envelope, amount=part.amount) for part in parts
    )
    record(verb="tranche.decided", target=tranche, by=by, at=at, data={"decision": decision_reference})
    return tranche if awaits_conditions else _release(tranche, by=by, at=at)


@transaction.atomic
def release_tranche(*, tranche_id: int, by: User, at: datetime) -> Tranche:
    """Release what awaited conditions: by one person, above the limit by two, none of whom asked for it.

    The first of two leaves the tranche waiting for the second. Raise NotPermitted, ReleaseBlocked or WrongState.
    """
    tranche = _locked_tranche(tranche_id)
    require(by, Permission.RELEASE_TRANCHE, initiative=tranche.initiative)
    _must_be(tranche, [TrancheState.AWAITING], "released")
    if blockers := release_tranche_blockers(tranche, by=by, on=at.date()):
        raise ReleaseBlocked(blockers)
    if tranche.needs_two and tranche.first_released_by_id is None:
        tranche.first_released_by, tranche.first_released_at = by, at
        tranche.save()
        record(verb="tranche.release_signed", target=tranche, by=by, at=at)
        return tranche
    return _release(tranche, by=by, at=at)


def release_tranche_blockers(tranche: Tranche, *, by: User | None, on: date) -> list[Blocker]:
    """Say what stands between a waiting tranche and its release by a person on a day."""
    blockers = release_blockers(tranche.initiative, decision_reference=tranche.decision_reference)
    name = f"{tranche} of {tranche.initiative.key}"
    if tranche.valid_release_until is not None and on > tranche.valid_release_until:
        blockers.append(Blocker("release_too_late", f"{name} could be released until {tranche.valid_release_until}."))
    if tranche.initiative.condition != Condition.ACTIVE and tranche.kind != TrancheKind.RUN_DOWN:
        condition = tranche.initiative.get_condition_display().lower()
        blockers.append(Blocker("initiative_not_active", f"{tranche.initiative.key} is {condition}."))
    if by is not None and by.pk == tranche.requested_by_id:
        blockers.append(Blocker("released_by_asker", f"{by} asked for {name}; somebody else releases it."))
    if by is not None and by.pk == tranche.first_released_by_id:
        blockers.append(Blocker("second_person", f"{by} signed {name} already; a second person releases it."))
    return blockers


@transaction.atomic
def return_rest(*, tranche_id: int, decision_reference: str, by: User | None, at: datetime) -> Tranche:
    """End a tranche by decision and give what is unspent back to its envelopes; one not yet released gives all."""
    tranche = _locked_tranche(tranche_id)
    live = [TrancheState.AWAITING, TrancheState.RELEASED, TrancheState.FROZEN]
    _must_be(tranche, live, "returned")
    if not decision_reference:
        raise FundingRefused("Only a decision returns money: name it.")
    rest = ZERO
    if tranche.state != TrancheState.AWAITING:
        rest = _give_back(tranche, EntryKind.RETURN, decision_reference, by=by, at=at)
        _cut(tranche, at.date() + timedelta(days=1))
    _close_freezes(tranche, decision_reference, by=by, at=at)
    tranche.give_back(at=at)
    tranche.save()
    data = {"rest": rest, "decision": decision_reference}
    record(verb="tranche.returned", target=tranche, by=by, at=at, data=data)
    tranche_ended.send(sender=Tranche, tranche=tranche, by=by, at=at)
    return tranche


@transaction.atomic
def lapse(*, tranche_id: int, at: datetime, is_invoiced: bool = False, by: User | None = None) -> Tranche:
    """End a tranche whose days are final, its rest lapsing; one never released lapses after its last day.

    Raise WrongState while its days may still change.
    """
    tranche = _locked_tranche(tranche_id)
    _must_be(tranche, [TrancheState.AWAITING, TrancheState.RELEASED, TrancheState.FROZEN], "lapsed")
    policy, on, rest = policy_on(at.date()), at.date(), ZERO
    if tranche.state == TrancheState.AWAITING:
        if tranche.valid_release_until is None or on <= tranche.valid_release_until:
            raise WrongState(f"{tranche} of {tranche.initiative.key} may still be released.")
    elif not rules.lapse_due(
        ends_on=tranche.ends_on,
        on=on,
        lag_days=policy.integer("spend_lag_days"),
        latest_days=policy.integer("lapse_posting_days"),
        is_invoiced=is_invoiced,
    ):
        raise WrongState(f"The days of {tranche} of {tranche.initiative.key} are not final yet.")
    elif (lacks := selectors.tranche_spending(tranche, on=on).plus) and on < tranche.ends_on + timedelta(
        days=policy.integer("lapse_posting_days")
    ):
        raise WrongState(
            f"What is left of {tranche} of {tranche.initiative.key} is unknown: {lacks}. Bring the rate in."
        )
    else:
        rest = _give_back(tranche, EntryKind.LAPSE, tranche.decision_reference, by=by, at=at)
        _close_freezes(tranche, "", by=by, at=at)
    if tranche.state == TrancheState.RELEASED and rest == 0:
        tranche.exhaust(at=at)
    else:
        tranche.lapse(at=at)
    tranche.save()
    record(verb="tranche.lapsed", target=tranche, by=by, at=at, data={"rest": rest})
    tranche_ended.send(sender=Tranche, tranche=tranche, by=by, at=at)
    return tranche


@transaction.atomic
def post_run_down(
    *,
    initiative: Initiative,
    amount: Decimal,
    envelope: Envelope,
    decision_reference: str,
    ends_on: date,
    by: User,
    at: datetime,
) -> Tranche:
    """Give a killed or retiring initiative what winding it down costs, until a last day; what it had is returned."""
    locked = _locked_initiative(initiative.pk)
    for earlier in locked.tranches.exclude(
        state__in=[TrancheState.EXHAUSTED, TrancheState.LAPSED, TrancheState.RETURNED]
    ):
        return_rest(tranche_id=earlier.pk, decision_reference=decision_reference, by=by, at=at)
    return decide_tranche(
        initiative=locked,
        amount=amount,
        envelope=envelope,
        milestone=None,
        decision_reference=decision_reference,
        starts_on=at.date() + timedelta(days=1),
        ends_on=ends_on,
        awaits_conditions=False,
        carry_rest=False,
        by=by,
        at=at,
        kind=TrancheKind.RUN_DOWN,
    )


def _release(tranche: Tranche, *, by: User, at: datetime) -> Tranche:
    """Release a tranche, which ends the one in force: its rest is carried over or goes back."""
    earlier = tranche.initiative.tranches.select_for_update().live().exclude(pk=tranche.pk).order_by("number").last()
    starts_on = _first_free_day(tranche, at.date(), has_earlier=earlier is not None)
    if starts_on >= tranche.ends_on:
        raise ReleaseBlocked(f"The window of {tranche} of {tranche.initiative.key} was over on {tranche.ends_on}.")
    rest = _end_earlier(earlier, tranche, starts_on, by=by, at=at) if earlier else ZERO
    tranche.release(by_id=by.pk, at=at, starts_on=starts_on)
    tranche.save()
    post(
        key=f"tranche:{tranche.pk}:released",
        kind=ENTRY_OF.get(TrancheKind(tranche.kind), EntryKind.RELEASE),
        lines=given_lines(tranche, [(part.envelope, part.amount) for part in tranche.parts.select_related("envelope")]),
        tranche=tranche,
        decision_reference=tranche.decision_reference,
        by=by,
        at=at,
    )
    if earlier is not None and rest > 0:
        _post_carry(earlier, tranche, rest, by=by, at=at)
    record(verb="tranche.released", target=tranche, by=by, at=at, data={"decision": tranche.decision_reference})
    tranche_released.send(sender=Tranche, tranche=tranche, by=by, at=at)
    return tranche


def _first_free_day(tranche: Tranche, on: date, *, has_earlier: bool) -> date:
    """Return the day a window starts: as planned but not before the release; at once where it ends another's.

    A tranche that was returned the same day keeps that day.
    """
    over = tranche.initiative.tranches.filter(released_at__isnull=False).exclude(
        state__in=[TrancheState.RELEASED, TrancheState.FROZEN]
    )
    taken_until = over.aggregate(last=Max("ends_on"))["last"] or on
    return max(on, taken_until) if has_earlier else max(on, taken_until, tranche.starts_on)


def _end_earlier(earlier: Tranche, new: Tranche, starts_on: date, *, by: User, at: datetime) -> Decimal:
    """End the tranche in force on the day the new one starts; return the rest that the new one takes over."""
    if earlier.state == TrancheState.FROZEN:
        raise FreezeStands(
            f"{earlier} of {earlier.initiative.key} is frozen. Lift the freeze, or return its rest, first."
        )
    _cut(earlier, starts_on)
    rest = selectors.tranche_rest(earlier, on=at.date())
    if new.carry_rest or rest == 0:
        earlier.exhaust(at=at)
        earlier.save()
        return rest
    _give_back(earlier, EntryKind.RETURN, new.decision_reference, by=by, at=at)
    earlier.give_back(at=at)
    earlier.save()
    return ZERO


def _post_carry(earlier: Tranche, new: Tranche, rest: Decimal, *, by: User, at: datetime) -> None:
    post(
        key=f"tranche:{new.pk}:carried",
        kind=EntryKind.CARRY,
        lines=carry_lines(earlier, new, rest),
        tranche=new,
        decision_reference=new.decision_reference,
        by=by,
        at=at,
    )


def _give_back(tranche: Tranche, kind: EntryKind, reference: str, *, by: User | None, at: datetime) -> Decimal:
    rest = selectors.tranche_rest(tranche, on=at.date())
    if rest > 0:
        post(
            key=f"tranche:{tranche.pk}:{kind}",
            kind=kind,
            lines=back_lines(tranche, rest, on=at.date()),
            tranche=tranche,
            decision_reference=reference,
            by=by,
            at=at,
        )
    return rest


def _cut(tranche: Tranche, day: date) -> None:
    """End the window before a day, where it reached further."""
    tranche.ends_on = max(tranche.starts_on, min(tranche.ends_on, day))


def _close_freezes(tranche: Tranche, reference: str, *, by: User | None, at: datetime) -> None:
    for freeze in tranche.freezes.filter(lifted_at__isnull=True):
        freeze.lifted_by, freeze.lifted_at, freeze.lifted_alone = by or freeze.frozen_by, at, True
        freeze.decision_reference = freeze.decision_reference or reference
        freeze.save()


def _refuse_impossible(
    initiative: Initiative,
    amount: Decimal,
    starts_on: date,
    ends_on: date,
    milestone: Milestone | None,
    kind: str,
    parts: Sequence[Part],
) -> None:
    """Raise when amount, window, milestone or envelopes do not hold together, or another tranche still waits."""
    if initiative.condition == Condition.CLOSED and kind != TrancheKind.RUN_DOWN:
        raise WrongState(f"{initiative.key} is closed and is given no more money.")
    waiting = initiative.tranches.awaiting().first()
    if waiting is not None:
        raise WrongState(f"{waiting} of {initiative.key} still awaits its conditions. Release or return it first.")
    currency = initiative.currency
    blockers = [
        blocker
        for sum_ in (amount, *(part.amount for part in parts))
        for blocker in rules.amount_blockers(sum_, currency)
    ]
    for part in parts:
        if part.envelope.currency != currency:
            blockers.append(Blocker("other_currency", f"{part.envelope.name} is not in {currency}."))
    if kind == TrancheKind.MILESTONE and (milestone is None or milestone.initiative_id != initiative.pk):
        blockers.append(Blocker("milestone_missing", f"A tranche pays for one milestone of {initiative.key}: name it."))
    periods = [rules.Period(row.envelope.name, row.envelope.starts_on, row.envelope.ends_on) for row in parts]
    blockers += rules.period_blockers(starts_on, ends_on, periods)
    if blockers:
        raise FundingRefused(blockers)


def _lock_envelopes(parts: Sequence[Part]) -> None:
    """Lock the envelopes and all above them, in the order of their ids, so that headroom cannot be given twice."""
    ids = {level.pk for part in parts for level in selectors.levels(part.envelope)}
    list(Envelope.objects.select_for_update().filter(pk__in=ids).order_by("pk"))


def _locked_initiative(initiative_id: int) -> Initiative:
    return Initiative.objects.select_for_update().get(pk=initiative_id)


def _locked_tranche(tranche_id: int) -> Tranche:
    owner = Tranche.objects.values_list("initiative_id", flat=True).get(pk=tranche_id)
    _locked_initiative(owner)
    return Tranche.objects.select_for_update(of=("self",)).select_related("initiative").get(pk=tranche_id)


def _must_be(tranche: Tranche, states: Sequence[str], participle: str) -> None:
    if tranche.state not in states:
        now = tranche.get_state_display().lower()
        raise WrongState(f"{tranche} of {tranche.initiative.key} is {now}: it cannot be {participle} now.")
