"""Re-authenticate and sign a meeting's list."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from council.meetings.models import Meeting, MeetingState
from council.spend_lists.models import SignatureTicket, SpendList, SpendListLine
from council.spend_lists.rules import canonical, list_hash, ticket_holds
from council.spend_lists.selectors import current_list, list_content
from projects.audit.services import record
from projects.common.outcomes import Conflicted, NotPermitted, Refused, WrongState
from projects.initiatives.models import Initiative
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import require

SIGNABLE = (MeetingState.IN_SESSION, MeetingState.ADJOURNED)


class NotSignable(WrongState):
    """There is nothing to sign, or nothing has changed since it was signed."""

    code = "not_signable"


class NotAuthenticated(Refused):
    """The signature lacks a fresh re-authentication for this very list."""

    code = "not_authenticated"


@transaction.atomic
def issue_ticket(*, meeting_id: int, password: str, by: User, at: datetime) -> SignatureTicket:
    """Re-authenticate for the list as it stands: bound to person and hash, one use, five minutes."""
    meeting = _signable(meeting_id, by)
    if not by.check_password(password):
        raise NotAuthenticated("That is not your password. The list was not signed.")
    ticket = SignatureTicket.objects.create(
        user=by, meeting=meeting, sha256=list_hash(list_content(meeting)), issued_at=at
    )
    record(verb="spend_list.ticket", target=meeting, by=by, at=at, data={"sha256": ticket.sha256})
    return ticket


@transaction.atomic
def sign_list(*, meeting_id: int, ticket_id: int, sha256: str, by: User, at: datetime) -> SpendList:
    """Sign the whole list as it was shown. Raise Conflicted when it changed since, NotAuthenticated, NotSignable."""
    meeting = _signable(meeting_id, by)
    content = list_content(meeting)
    if list_hash(content) != sha256:
        raise Conflicted("The list has changed since you opened it. Read it again before you sign.")
    ticket = SignatureTicket.objects.select_for_update().filter(pk=ticket_id, user=by, meeting=meeting).first()
    if ticket is None or ticket.sha256 != sha256:
        raise NotAuthenticated("Enter your password for this list before you sign it.")
    if not ticket_holds(issued_at=ticket.issued_at, used_at=ticket.used_at, at=at):
        raise NotAuthenticated("Your confirmation is older than five minutes or was used. Enter your password again.")
    ticket.used_at = at
    ticket.save(update_fields=["used_at"])
    earlier = current_list(meeting)
    signed = SpendList.objects.create(
        number=f"ASL-{meeting.held_on.isoformat()}-{(earlier.version if earlier else 0) + 1}",
        meeting=meeting,
        version=(earlier.version if earlier else 0) + 1,
        supersedes=earlier,
        content=canonical(content),
        sha256=sha256,
        totals=content["totals"],
        signed_by=by,
        signed_at=at,
    )
    initiatives = {
        row.key: row for row in Initiative.objects.filter(key__in=[x["initiative"] for x in content["lines"]])
    }
    SpendListLine.objects.bulk_create(
        SpendListLine(
            spend_list=signed,
            position=line["position"],
            initiative=initiatives[line["initiative"]],
            decision_reference=line["decision"],
            outcome=line["outcome"],
            tranche_label=line["tranche"],
            amount=Decimal(line["amount"]),
            currency=line["currency"],
            milestone=line["milestone"][:200],
            release_by=date.fromisoformat(line["release_by"]) if line["release_by"] else None,
            conditions=line["conditions"],
            caps=line["caps"],
            owner=line["owner"],
        )
        for line in content["lines"]
    )
    record(verb="spend_list.signed", target=signed, by=by, at=at, data={"sha256": sha256})
    return signed


def _signable(meeting_id: int, by: User) -> Meeting:
    meeting = Meeting.objects.select_for_update().get(pk=meeting_id)
    require(by, Permission.SIGN_LIST)
    if by.is_service:
        raise NotPermitted("A signature needs a person.")
    if meeting.state not in SIGNABLE:
        raise NotSignable(f"{meeting} is {meeting.get_state_display().lower()}; its list cannot be signed now.")
    content = list_content(meeting)
    if not content["lines"]:
        raise NotSignable("Nothing is decided yet, so there is nothing to sign.")
    earlier = current_list(meeting)
    if earlier is not None and earlier.sha256 == list_hash(content):
        raise NotSignable(f"{earlier.number} says the same and is signed already.")
    return meeting
