"""The approved spend list: read, sign, download."""

import csv
import json
from datetime import date

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from council.meetings.models import Meeting
from council.spend_lists.models import SpendList
from council.spend_lists.rules import list_hash
from council.spend_lists.selectors import current_list, list_content
from council.spend_lists.services import SIGNABLE, NotAuthenticated, issue_ticket, sign_list
from projects.common.cells import safe_cell
from projects.common.clock import now
from projects.people.permissions import Permission
from projects.people.selectors import may
from projects.people.views import signed_in

COLUMNS = (
    "position",
    "initiative",
    "name",
    "owner",
    "decision",
    "outcome",
    "tranche",
    "amount",
    "currency",
    "milestone",
    "release_by",
)


def _meeting(request: HttpRequest, held_on: date) -> Meeting:
    if not may(signed_in(request), Permission.READ_PACK):
        raise Http404
    return get_object_or_404(Meeting, held_on=held_on)


@login_required
@require_GET
def spend_list(request: HttpRequest, held_on: date) -> HttpResponse:
    """Show the list as it stands, what was signed of it, and where the chair signs."""
    return _page(request, _meeting(request, held_on))


@login_required
@require_POST
def sign(request: HttpRequest, held_on: date) -> HttpResponse:
    """Sign the list that was shown, with the password given again."""
    meeting = _meeting(request, held_on)
    user, at = signed_in(request), now()
    sha256 = request.POST.get("sha256", "")
    try:
        ticket = issue_ticket(meeting_id=meeting.pk, password=request.POST.get("password", ""), by=user, at=at)
    except NotAuthenticated as refused:
        return _page(request, meeting, error=str(refused), status=422)
    signed = sign_list(meeting_id=meeting.pk, ticket_id=ticket.pk, sha256=sha256, by=user, at=at)
    messages.success(request, f"Signed: {signed.number}.")
    return redirect("council:spend-list", held_on=held_on)


@login_required
@require_GET
def download(request: HttpRequest, held_on: date, version: int, form: str) -> HttpResponse:
    """Hand out a signed list as CSV or JSON; the JSON is the text that was hashed."""
    signed = get_object_or_404(SpendList, meeting=_meeting(request, held_on), version=version)
    name = f"{signed.number}.{form}"
    if form == "json":
        response = HttpResponse(signed.content, content_type="application/json")
    elif form == "csv":
        response = HttpResponse(content_type="text/csv; charset=utf-8")
        writer = csv.writer(response)
        writer.writerow([*COLUMNS, "conditions", "sha256"])
        for line in json.loads(signed.content)["lines"]:
            cells = [safe_cell(line[column]) for column in COLUMNS]
            writer.writerow([*cells, safe_cell("; ".join(line["conditions"])), signed.sha256])
    else:
        raise Http404
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _page(request: HttpRequest, meeting: Meeting, error: str = "", status: int = 200) -> HttpResponse:
    content = list_content(meeting)
    sha256 = list_hash(content)
    signed = current_list(meeting)
    is_current = signed is not None and signed.sha256 == sha256
    may_sign = may(signed_in(request), Permission.SIGN_LIST) and meeting.state in SIGNABLE
    context = {
        "meeting": meeting,
        "content": content,
        "sha256": sha256,
        "signed": signed,
        "versions": meeting.spend_lists.select_related("signed_by").order_by("-version"),
        "is_current": is_current,
        "may_sign": may_sign and bool(content["lines"]) and not is_current,
        "error": error,
    }
    return render(request, "council/spend_lists/spend_list.html", context, status=status)
