"""Open and shut the elastic band of a tranche; each move is an entry with its figures."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from projects.audit.services import record
from projects.common.outcomes import WrongState
from projects.funding import selectors
from projects.funding.choices import EntryKind, TrancheState
from projects.funding.models import LedgerEntry, Tranche
from projects.funding.services.posting import back_lines, given_lines, post
from projects.initiatives.models import Initiative
from projects.people.models import User


@transaction.atomic
def open_band(*, tranche_id: int, figures: dict[str, Any], by: User | None, at: datetime) -> LedgerEntry:
    """Release what the band still reserves. Raise WrongState when none is agreed, all is open, or money is stopped."""
    tranche = _locked(tranche_id)
    shut = tranche.band_amount - selectors.band_opened(tranche)
    if shut <= 0:
        raise WrongState(f"{tranche} of {tranche.initiative.key} has no band left to open.")
    part = tranche.parts.select_related("envelope").order_by("pk")[0]
    return _move(tranche, given_lines(tranche, [(part.envelope, shut)]), "band.opened", shut, figures, by, at)


@transaction.atomic
def shut_band(*, tranche_id: int, figures: dict[str, Any], by: User | None, at: datetime) -> LedgerEntry:
    """Take back the unspent part of an open band. Raise WrongState when nothing of it is unspent."""
    tranche = _locked(tranche_id)
    back = min(selectors.band_opened(tranche), selectors.tranche_rest(tranche, on=at.date()))
    if back <= 0:
        raise WrongState(f"Nothing of the band of {tranche} of {tranche.initiative.key} is unspent.")
    return _move(tranche, back_lines(tranche, back, on=at.date()), "band.shut", -back, figures, by, at)


def _move(
    tranche: Tranche, lines: Any, verb: str, amount: Decimal, figures: dict[str, Any], by: User | None, at: datetime
) -> LedgerEntry:
    count = tranche.entries.filter(kind=EntryKind.BAND).count()
    entry = post(
        key=f"tranche:{tranche.pk}:band:{count + 1}",
        kind=EntryKind.BAND,
        lines=lines,
        tranche=tranche,
        decision_reference=tranche.decision_reference,
        figures=figures,
        by=by,
        at=at,
    )
    record(verb=verb, target=tranche, by=by, at=at, data={"amount": amount, "figures": figures})
    return entry


def _locked(tranche_id: int) -> Tranche:
    owner = Tranche.objects.values_list("initiative_id", flat=True).get(pk=tranche_id)
    Initiative.objects.select_for_update().get(pk=owner)
    tranche = Tranche.objects.select_for_update(of=("self",)).select_related("initiative").get(pk=tranche_id)
    if tranche.state != TrancheState.RELEASED:
        now = tranche.get_state_display().lower()
        raise WrongState(f"{tranche} of {tranche.initiative.key} is {now}: its band does not move.")
    return tranche
