"""End what time has ended: the nightly look at every tranche."""

from datetime import date, datetime

from projects.common.outcomes import WrongState
from projects.funding.choices import EntryKind, TrancheState
from projects.funding.models import Tranche
from projects.funding.services.late_costs import cover_late_cost
from projects.funding.services.tranches import lapse
from projects.spend.closed import closed_months

UNENDED = (TrancheState.AWAITING, TrancheState.RELEASED, TrancheState.FROZEN)


def lapse_final_tranches(*, at: datetime) -> int:
    """Lapse every tranche whose days are final, each by itself; return how many.

    The month of its last day counts as invoiced once finance has closed it.
    """
    over = Tranche.objects.filter(state__in=UNENDED, ends_on__lte=at.date())
    unreleased = Tranche.objects.filter(state=TrancheState.AWAITING, valid_release_until__lt=at.date())
    ending = list((over | unreleased).order_by("pk"))
    closed = set(closed_months([tranche.last_day for tranche in ending]))
    return sum(_lapses(tranche, closed, at) for tranche in ending)


def _lapses(tranche: Tranche, closed: set[date], at: datetime) -> bool:
    try:
        lapse(tranche_id=tranche.pk, is_invoiced=tranche.last_day.replace(day=1) in closed, at=at)
    except WrongState:  # its days are not final yet, or somebody ended it a moment ago
        return False
    return True


def cover_late_costs(*, at: datetime) -> int:
    """Cover what came in since for tranches whose rest lapsed; return for how many."""
    lapsed = Tranche.objects.filter(state=TrancheState.LAPSED, entries__kind=EntryKind.LAPSE).distinct()
    ids = list(lapsed.order_by("pk").values_list("pk", flat=True))
    return sum(cover_late_cost(tranche_id=pk, by=None, at=at) is not None for pk in ids)
