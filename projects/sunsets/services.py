"""Set and retire sunset criteria."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from projects.audit.services import record
from projects.common.outcomes import Blocker, Refused, WrongState
from projects.initiatives.choices import Condition
from projects.initiatives.models import Initiative
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import require
from projects.sunsets.models import SunsetCriterion, SunsetKind
from projects.sunsets.rules import BY_FIGURE, BY_PERIODS, DAY, KPI, criterion_blockers
from projects.value.models import KpiCard

MOST = 12


class SunsetRefused(Refused):
    """The criterion lacks what it is held to."""

    code = "sunset_refused"


@transaction.atomic
def set_sunset_criterion(
    *,
    initiative_id: int,
    kind: str,
    card: KpiCard | None = None,
    figure: Decimal | None = None,
    periods: int | None = None,
    day: date | None = None,
    by: User,
    at: datetime,
) -> SunsetCriterion:
    """Say when an initiative ends, as data can prove it. Raise NotPermitted, WrongState (closed) or SunsetRefused."""
    initiative = Initiative.objects.select_for_update().get(pk=initiative_id)
    require(by, Permission.EDIT_INITIATIVE, initiative=initiative)
    if initiative.condition == Condition.CLOSED:
        raise WrongState(f"{initiative.key} is closed: it has ended already.")
    if kind not in SunsetKind.values:
        raise SunsetRefused("Choose what ends it.")
    has_card = card is not None and card.initiative_id == initiative.pk
    blockers = criterion_blockers(kind, figure=figure, periods=periods, day=day, has_card=has_card, on=at.date())
    if initiative.sunset_when.filter(retired_at__isnull=True).count() >= MOST:
        blockers.append(Blocker("too_many", f"{initiative.key} has {MOST} criteria already. Retire one first."))
    if blockers:
        raise SunsetRefused(blockers)
    criterion = SunsetCriterion.objects.create(
        initiative=initiative,
        kind=kind,
        card=card if kind == KPI else None,
        figure=figure if kind in BY_FIGURE else None,
        periods=periods if kind in BY_PERIODS else None,
        day=day if kind == DAY else None,
        set_by=by,
        set_at=at,
    )
    record(verb="sunset_criterion.set", target=criterion, by=by, at=at)
    return criterion


@transaction.atomic
def retire_sunset_criterion(*, criterion_id: int, by: User, at: datetime) -> SunsetCriterion:
    """Hold an initiative to a criterion no longer; it stays on record. Raise NotPermitted or WrongState."""
    rows = SunsetCriterion.objects.select_for_update(of=("self",)).select_related("initiative")
    criterion = rows.get(pk=criterion_id)
    require(by, Permission.EDIT_INITIATIVE, initiative=criterion.initiative)
    if criterion.retired_at is not None:
        raise WrongState("This criterion is retired already.")
    criterion.retired_at = at
    criterion.save()
    record(verb="sunset_criterion.retired", target=criterion, by=by, at=at)
    return criterion
