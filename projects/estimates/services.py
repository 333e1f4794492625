"""Save a new version of an estimate."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max

from projects.audit.services import record
from projects.common.money import minor_unit
from projects.common.outcomes import Refused
from projects.estimates.models import Estimate, EstimateLine
from projects.estimates.rules import Line, estimate_blockers, full_cost
from projects.initiatives.models import Initiative
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import require


class EstimateRefused(Refused):
    """Lines that do not add up to a full cost."""

    code = "estimate_refused"


@transaction.atomic
def save_estimate(
    *,
    initiative_id: int,
    lines: Sequence[Line],
    price_sheet_version: str,
    assumptions: dict[str, Any] | None = None,
    by: User,
    at: datetime,
) -> Estimate:
    """Add a version from all nine lines, each rounded once to the minor unit. Raise NotPermitted or EstimateRefused."""
    initiative = Initiative.objects.select_for_update().get(pk=initiative_id)
    require(by, Permission.DRAFT_FOR_OWNER, initiative=initiative)
    if blockers := estimate_blockers(lines):
        raise EstimateRefused(blockers)
    if not price_sheet_version.strip():
        raise EstimateRefused("Name the price sheet that the estimate was made against.")
    rounded = [_rounded(line, minor_unit(initiative.currency)) for line in lines]
    whole = full_cost(rounded)
    last = initiative.estimates.aggregate(last=Max("version"))["last"] or 0
    estimate = Estimate.objects.create(
        initiative=initiative,
        version=last + 1,
        low=whole.low,
        likely=whole.likely,
        high=whole.high,
        currency=initiative.currency,
        price_sheet_version=price_sheet_version.strip(),
        assumptions=assumptions or {},
        made_by=by,
        made_at=at,
    )
    EstimateLine.objects.bulk_create(EstimateLine(estimate=estimate, **asdict(line)) for line in rounded)
    record(verb="estimate.saved", target=estimate, by=by, at=at)
    return estimate


def _rounded(line: Line, unit: Decimal) -> Line:
    low, likely, high = (figure.quantize(unit) for figure in (line.low, line.likely, line.high))
    return Line(line.code, line.layer, low, likely, high, line.note)
