"""The one end of an initiative that needs no decision: its owner closes a Concept that never had money."""

from datetime import datetime

from django.db import transaction

from projects.common.outcomes import Refused, WrongState
from projects.funding.models import Tranche
from projects.gates.models import GateRequest
from projects.initiatives.choices import ClosedAs, Stage
from projects.initiatives.models import Initiative
from projects.initiatives.services import close_initiative
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import require

OWN_ENDS = (ClosedAs.LEARNED, ClosedAs.MERGED, ClosedAs.KILLED)


class CloseRefused(Refused):
    """The reason is missing, or the end is one that only a decision gives."""

    code = "close_refused"


@transaction.atomic
def close_own_concept(*, initiative_id: int, closed_as: str, reason: str, by: User, at: datetime) -> Initiative:
    """Close a Concept without money as its owner. Raise NotPermitted, WrongState or CloseRefused."""
    initiative = Initiative.objects.select_for_update().get(pk=initiative_id)
    require(by, Permission.EDIT_INITIATIVE, initiative=initiative)
    if initiative.stage != Stage.CONCEPT:
        raise WrongState(f"{initiative.key} is in {initiative.get_stage_display()}: only a decision closes it.")
    if Tranche.objects.filter(initiative=initiative).exists():
        raise WrongState(f"{initiative.key} was given money: only a decision closes it.")
    if request := GateRequest.objects.filter(initiative=initiative).open().first():
        raise WrongState(f"{initiative.key} has the open request {request.key}. Withdraw that first.")
    if closed_as not in OWN_ENDS:
        raise CloseRefused("An owner closes a Concept as learned, merged or killed.")
    if not reason.strip():
        raise CloseRefused("Say why it is closed; others look at it before they try the same.")
    return close_initiative(
        initiative_id=initiative.pk, closed_as=closed_as, decision_reference="", reason=reason.strip(), by=by, at=at
    )
